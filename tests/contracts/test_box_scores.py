"""What every box-level score and every aggregate keeps to."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from framesift.boxes import Prediction
from framesift.detectors.maps import working_size
from framesift.errors import InputError
from framesift.scores import AGGREGATES, BOX_SCORES, FrameScorer
from framesift.scores.box_scores import outcomes
from framesift.series import NO_BOXES

METHODS = pytest.mark.parametrize("method", BOX_SCORES)
AGGREGATED = pytest.mark.parametrize("aggregate", AGGREGATES)
FRAMES = np.zeros((2, 60, 90, 3), np.uint8)


def found(
    scores: list[float],
    boxes: list[list[float]] | None = None,
    categories: list[int] | None = None,
) -> Prediction:
    return Prediction(
        np.array(boxes or [[10, 10, 20, 40]] * len(scores), np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(categories or [0] * len(scores), np.int64),
    )


class BoxesOnly:
    """A detector without maps: whatever it is asked, it gives the same boxes."""

    name, classes, has_maps = "boxes only", ("person", "rider"), False

    def __init__(self, *predictions: Prediction) -> None:
        self.predictions = predictions

    def geometry(self, height: int, width: int) -> Any:
        return working_size(height, width, 30, 8)

    def infer(self, frames: np.ndarray, *, flip: bool, boxes: bool, threshold: float) -> Any:
        assert boxes
        kept = [
            Prediction(
                p.boxes[p.scores > threshold],
                p.scores[p.scores > threshold],
                p.categories[p.scores > threshold],
            )
            for p in self.predictions
        ]
        return SimpleNamespace(predictions=tuple(kept))


def detector(*predictions: Prediction) -> Any:
    return BoxesOnly(*predictions)


@METHODS
@given(arrays.arrays(np.float32, (5, 3), elements=st.floats(0, 1, width=32)))
@settings(max_examples=50, deadline=None)
def test_values_are_finite_and_zero_only_in_certainty(method: str, rows: np.ndarray) -> None:
    prediction = Prediction(np.zeros((5, 4), np.float32), rows.max(1), rows.argmax(1), rows)
    q = outcomes(prediction)
    np.testing.assert_allclose(q.sum(1), 1, atol=1e-6)
    values = BOX_SCORES[method].values(prediction)
    assert values.shape == (5,)
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    certain = q.max(1) > 1 - 1e-12
    assert (values[certain] < 1e-9).all()
    assert (values[q.max(1) < 0.999] > 0).all()


@METHODS
def test_one_class_is_most_unsure_at_one_half(method: str) -> None:
    scores = [0.1, 0.3, 0.5, 0.7, 0.9]
    values = BOX_SCORES[method].values(found(scores))
    np.testing.assert_allclose(values, values[::-1], atol=1e-7)
    assert values.argmax() == 2
    assert (np.diff(values[:3]) > 0).all()


@METHODS
@AGGREGATED
def test_a_frame_score_is_the_aggregate_of_its_boxes(method: str, aggregate: str) -> None:
    one, two = found([0.9, 0.5, 0.2]), found([])
    scorer = FrameScorer(method, aggregate=aggregate)
    first, second = scorer.score(detector(one, two), FRAMES)
    values = BOX_SCORES[method].values(one)
    expected = {
        "sum": values.sum(),
        "mean": values.mean(),
        "max": values.max(),
        "weighted": (values * [0.9, 0.5, 0.2]).sum() / 1.6,
    }[aggregate]
    assert first.score == pytest.approx(expected)
    # Neither the least nor the most wanted of frames: the pool's median.
    assert second.score == NO_BOXES
    assert second.maxima == ()
    assert [v for _, _, v in first.maxima] == sorted(values.tolist(), reverse=True)


@METHODS
def test_weights_filters_and_masks_leave_boxes_out(method: str) -> None:
    both = found([0.6, 0.5], [[0, 0, 20, 40], [60, 20, 80, 50]], [0, 1])
    person, rider = BOX_SCORES[method].values(both)
    mask = np.zeros((60, 90), bool)
    mask[:, 45:] = True
    for options, expected in (
        ({}, person + rider),
        ({"classes": ["rider"]}, rider),
        ({"class_weights": {"rider": 3.0}}, person + 3 * rider),
        ({"mask": mask}, person),
    ):
        scores = FrameScorer(method, **options).score(detector(both), FRAMES[:1])
        assert scores[0].score == pytest.approx(expected)
    with pytest.raises(InputError, match="horse"):
        FrameScorer(method, classes=["horse"]).score(detector(both), FRAMES[:1])
    with pytest.raises(InputError, match="mask is 7×5"):
        FrameScorer(method, mask=np.eye(5, 7, dtype=bool)).score(detector(both), FRAMES[:1])


@METHODS
def test_the_heat_map_shows_the_boxes(method: str) -> None:
    both = found([0.9, 0.5], [[0, 0, 45, 60], [30, 20, 60, 40]])
    sure, unsure = BOX_SCORES[method].values(both)
    pixels, size = FrameScorer(method).pixel_scores(detector(both), FRAMES[:1])
    assert pixels.shape == (1, *size.content)
    at = {(2, 2): sure, (15, 17): unsure, (15, 27): unsure, (28, 40): 0.0}
    for (row, column), value in at.items():
        assert float(pixels[0, row, column]) == pytest.approx(value)
    assert torch.isfinite(pixels).all()


@METHODS
@AGGREGATED
def test_settings_name_what_matters(method: str, aggregate: str) -> None:
    scorer = FrameScorer(method.replace("_", "-"), aggregate=aggregate, box_threshold=0.2)
    found = scorer.settings()
    assert json.loads(json.dumps(found)) == found
    assert found == {
        "method": method,
        "aggregate": aggregate,
        "box_threshold": 0.2,
        "mirror": False,
    }
    assert FrameScorer.from_recipe(found).settings() == found


@METHODS
def test_boxes_below_the_threshold_do_not_count(method: str) -> None:
    boxes = detector(found([0.6, 0.15]))
    assert (
        FrameScorer(method).score(boxes, FRAMES[:1])[0].score
        > FrameScorer(method, box_threshold=0.2).score(boxes, FRAMES[:1])[0].score
    )
    with pytest.raises(InputError, match="above 0 and below 1"):
        FrameScorer(method, box_threshold=1.0)
    with pytest.raises(InputError, match="one of sum, mean, max, weighted"):
        FrameScorer(method, aggregate="median")


def test_known_answers() -> None:
    rows = np.array([[0.5, 0.25], [0.9, 0.6], [0.0, 0.0]], np.float32)
    prediction = Prediction(np.zeros((3, 4), np.float32), rows.max(1), rows.argmax(1), rows)
    np.testing.assert_allclose(
        outcomes(prediction), [[0.5, 0.25, 0.25], [0.6, 0.4, 0], [0, 0, 1]], atol=1e-6
    )
    values = {name: one.values(prediction) for name, one in BOX_SCORES.items()}
    np.testing.assert_allclose(
        values["box_entropy"], [1.5 * np.log(2), 0.6730117, 0], atol=1e-6
    )
    np.testing.assert_allclose(values["box_margin"], [0.75, 0.8, 0], atol=1e-6)
    np.testing.assert_allclose(values["box_least_confidence"], [0.5, 0.4, 0], atol=1e-6)


def test_pixel_scores_of_a_detector_without_maps_are_refused() -> None:
    with pytest.raises(InputError, match="choose a box-level score: box_entropy"):
        FrameScorer("divergence").score(detector(found([0.5])), FRAMES[:1])
