"""Objects as the detector sees them: how their rows are made, kept and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from framesift.boxes import Prediction
from framesift.detectors import PaperDetector
from framesift.detectors.maps import WorkingSize
from framesift.scores.objects import embedded, in_boxes, object_rows
from framesift.scores.shared import Shared
from framesift.selection import DESCRIPTORS
from framesift.selection.descriptors.objects import OBJECT_SIZE, OBJECTS, packed, unpacked

SIZE = WorkingSize(native=(64, 128), content=(32, 64), padded=(32, 64))


@given(st.lists(st.integers(0, OBJECTS), max_size=6), st.integers(0, 99))
def test_rows_give_back_what_was_packed(counts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = [
        (
            rng.integers(-127, 128, (count, OBJECT_SIZE)).astype(np.int8),
            rng.integers(0, 500, count),
        )
        for count in counts
    ]
    rows = np.array([packed(*of) for of in frames], np.uint8)
    objects = unpacked(rows.reshape(-1, DESCRIPTORS["object_embedding"].size))
    assert np.diff(objects.starts).tolist() == counts
    for number, (embeddings, categories) in enumerate(frames):
        np.testing.assert_array_equal(objects.of(number), embeddings)
        within = slice(objects.starts[number], objects.starts[number + 1])
        assert objects.categories[within].tolist() == categories.tolist()


def test_features_are_taken_inside_the_boxes() -> None:
    features = torch.zeros(2, 8, 16)
    # Channel 0 is 1 in the left half of the picture, channel 1 in the upper half.
    features[0, :, :8] = 1
    features[1, :4] = 1
    boxes = np.array([[0, 0, 48, 24], [80, 40, 128, 64]], np.float32)
    np.testing.assert_allclose(
        in_boxes(features, boxes, SIZE), [[0.5, 0.5], [-0.5, -0.5]], atol=1e-6
    )


def test_angles_stay_nearly_as_they_are() -> None:
    rng = np.random.default_rng(3)
    features = rng.standard_normal((40, 96)).astype(np.float32)
    features[1:20] = features[0] + 0.7 * features[1:20]
    reduced = embedded(features).astype(np.float64)
    assert np.abs(embedded(features)).max(axis=1).tolist() == [127] * 40

    def cosines(rows: Any) -> Any:
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return rows @ rows.T

    assert np.abs(cosines(reduced) - cosines(features)).max() < 0.5
    assert np.corrcoef(cosines(reduced).ravel(), cosines(features).ravel())[0, 1] > 0.9
    # Alone as among others.
    np.testing.assert_array_equal(embedded(features[5:6])[0], embedded(features)[5])


class Told:
    """Stands for a detector's look at frames: features and boxes are given."""

    def __init__(self, features: torch.Tensor | None, predictions: list[Prediction]) -> None:
        self._features, self._predictions = features, predictions

    def features(self, frames: object) -> torch.Tensor | None:
        return self._features

    def geometry(self, height: int, width: int) -> WorkingSize:
        return SIZE

    def found(self, frames: object, view: object, threshold: float) -> list[Prediction]:
        assert threshold == 0.05
        return self._predictions


def test_the_best_boxes_of_a_frame_are_its_objects() -> None:
    count = OBJECTS + 3
    boxes = np.tile(np.array([[8, 8, 40, 40]], np.float32), (count, 1))
    boxes[:, 0] -= np.arange(count)
    many = Prediction(
        boxes, np.linspace(0.9, 0.1, count).astype(np.float32), np.arange(count) % 3
    )
    features = torch.rand(2, 5, 8, 16, generator=torch.Generator().manual_seed(0))
    look: Any = Told(features, [many, Prediction.empty()])
    objects = unpacked(np.stack(object_rows(look, np.zeros((2, 64, 128, 3), np.uint8))))
    assert np.diff(objects.starts).tolist() == [OBJECTS, 0]
    assert objects.categories.tolist() == [n % 3 for n in range(OBJECTS)]
    assert object_rows(Told(None, []), np.zeros((1, 64, 128, 3), np.uint8)) == []  # type: ignore[arg-type]


def test_a_detector_gives_them_while_it_scores(tmp_path: Path) -> None:
    torch.manual_seed(0)
    detector = PaperDetector(settings={"width": 0.125, "working_height": 64})
    frames = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3)).astype(np.uint8)
    rows = object_rows(Shared(detector), frames)
    assert [row.shape for row in rows] == [(DESCRIPTORS["object_embedding"].size,)] * 2
    again = object_rows(Shared(detector), frames[1:])
    assert unpacked(np.stack(rows)).categories.max(initial=0) == 0
    assert (unpacked(again[0][None]).starts == unpacked(rows[1][None]).starts).all()


def test_unlike_is_an_angle() -> None:
    descriptor = DESCRIPTORS["object_embedding"]
    rows = np.array([[127, 0], [0, 127], [-127, 0], [0, 0]], np.int8)
    assert descriptor.unlike(rows[0], rows).tolist() == pytest.approx([0, 1, 2, 1])
