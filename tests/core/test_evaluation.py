"""Miss rate against FPPI: against an independent transcription, and on frames that can be
counted by hand."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.evaluation import (
    Evaluation,
    EvaluationSettings,
    evaluate_predictions,
    miss_rate_curve,
)

_spec = importlib.util.spec_from_file_location(
    "reference_evaluation", Path(__file__).parents[1] / "reference_evaluation.py"
)
assert _spec is not None
assert _spec.loader is not None
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)

PLAIN = EvaluationSettings.unfiltered().with_(coco=False, resamples=0)


def prediction(*rows: tuple[float, float, float, float, float]) -> Prediction:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return Prediction(table[:, :4], table[:, 4], np.zeros(len(table), np.int64))


def measure(*frames, options: EvaluationSettings = PLAIN, **more) -> Evaluation:
    items = [(("v", i), detections, labels) for i, (detections, labels) in enumerate(frames)]
    return evaluate_predictions(items, options, **more)


@st.composite
def scenes(draw):
    """Frames on a coarse grid, so that overlaps, ties of overlap and ties of score abound."""
    place = st.integers(0, 12).map(float)
    side = st.integers(2, 9).map(float)
    score = st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]) | st.floats(0.015625, 1, width=32)
    label = st.builds(
        lambda x, y, w, h, g: (x, y, x + w, y + h, g), place, place, side, side, st.booleans()
    )
    found = st.builds(
        lambda x, y, w, h, s: (x, y, x + w, y + h, float(np.float32(s))),
        place,
        place,
        side,
        side,
        score,
    )
    frame = st.tuples(st.lists(found, max_size=8), st.lists(label, max_size=6))
    return draw(st.lists(frame, min_size=1, max_size=6))


def as_items(frames):
    return [
        (prediction(*found), [Box(*g[:4], ignore=g[4]) for g in labels])
        for found, labels in frames
    ]


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or a == pytest.approx(b, abs=1e-12)


@settings(max_examples=150, deadline=None)
@given(scenes(), st.sampled_from([0.3, 0.5]))
def test_agrees_with_the_transcription(frames, threshold):
    result = measure(*as_items(frames)).result(iou=threshold)
    miss, average, labels = reference.figures(frames, threshold)
    assert result.labels == labels
    assert same(result.miss_rate, miss)
    assert same(result.log_average_miss_rate, average)
    if labels:
        expected, _ = reference.points(frames, threshold)
        got = np.column_stack([result.curve.fppi, result.curve.miss_rate])
        assert got == pytest.approx(np.array(expected).reshape(-1, 2), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_transcription_on_realistic_frames(seed):
    random = np.random.default_rng(seed)
    frames = []
    for _ in range(60):
        labels = []
        for _ in range(random.poisson(1.5)):
            height, x, y = random.uniform(30, 200), *random.uniform(0, 400, 2)
            labels.append((x, y, x + 0.41 * height, y + height, bool(random.random() < 0.3)))
        found = [
            (*(np.array(g[:4]) + random.normal(0, 8, 4)), random.random())
            for g in labels
            for _ in range(random.integers(0, 3))
        ]
        for _ in range(random.poisson(2)):
            height, x, y = random.uniform(30, 200), *random.uniform(0, 400, 2)
            found.append((x, y, x + 0.41 * height, y + height, random.random() ** 2))
        kept = [tuple(map(float, np.float32(row))) for row in found if row[4] >= 0.01]
        frames.append((kept, labels))
    evaluation = measure(*as_items(frames))
    for threshold in (0.3, 0.5):
        result = evaluation.result(iou=threshold)
        expected = reference.figures(frames, threshold)
        assert result.miss_rate == pytest.approx(expected[0], abs=1e-12)
        assert result.log_average_miss_rate == pytest.approx(expected[1], abs=1e-12)


def test_one_label_is_found_once():
    label = Box(0, 0, 10, 20)
    twice = prediction((0, 0, 10, 20, 0.9), (1, 0, 11, 20, 0.8))
    result = measure((twice, [label])).result()
    assert list(result.curve.fppi) == [0.0, 1.0]
    assert list(result.curve.miss_rate) == [0.0, 0.0]


def test_of_two_equal_overlaps_the_later_label_is_taken():
    found = [(5.0, 0.0, 15.0, 20.0, 0.75), (10.0, 0.0, 20.0, 20.0, 0.5)]
    labels = [(0.0, 0.0, 10.0, 20.0, False), (10.0, 0.0, 20.0, 20.0, False)]
    assert reference.match(found, labels, 0.3)[0] == [(0.75, 1), (0.5, 0)]
    result = measure(*as_items([(found, labels)])).result(iou=0.3)
    assert list(result.matches.detection_state) == [1, 0]


def test_an_ignore_region_takes_any_number_and_counts_nothing():
    crowd = Box(0, 0, 100, 100, ignore=True)
    several = prediction((0, 0, 10, 20, 0.9), (20, 0, 30, 20, 0.8), (90, 0, 110, 20, 0.7))
    result = measure((several, [crowd, Box(200, 0, 210, 20)])).result()
    assert result.labels == 1
    assert result.ignored == 1
    assert len(result.curve.fppi) == 0, "half of the third lies inside, which is enough"
    assert result.miss_rate == 1.0


def test_a_real_label_goes_before_an_ignore_region():
    label, crowd = Box(0, 0, 10, 20), Box(0, 0, 100, 100, ignore=True)
    result = measure((prediction((0, 0, 10, 24, 0.9)), [crowd, label])).result()
    assert result.miss_rate == 0.0


def test_filtered_labels_are_ignored_or_discarded():
    small, wide = Box(0, 0, 10, 49), Box(100, 0, 180, 100)
    good = Box(200, 0, 230, 100)
    found = prediction((0, 0, 10, 49, 0.9), (100, 0, 180, 100, 0.8), (200, 0, 230, 100, 0.7))
    options = EvaluationSettings(coco=False, resamples=0)
    ignoring = measure((found, [small, wide, good]), options=options).result()
    assert (ignoring.labels, ignoring.ignored) == (1, 2)
    assert list(ignoring.curve.fppi) == [0.0]
    paper = measure((found, [small, wide, good]), options=options.with_(discard=True)).result()
    assert (paper.labels, paper.ignored) == (1, 0)
    assert list(paper.curve.fppi) == [1.0, 2.0, 2.0]


def test_heights_count_in_working_pixels():
    options = EvaluationSettings(coco=False, resamples=0)
    items = [
        (("v", 0), Prediction.empty(), [Box(0, 0, 40, 110), Box(0, 0, 40, 90)], (960, 1280))
    ]
    assert evaluate_predictions(items, options).result().labels == 1
    higher = options.with_(working_height=960)
    assert evaluate_predictions(items, higher).result().labels == 2


def test_detections_far_from_the_height_range_are_dropped():
    options = EvaluationSettings(coco=False, resamples=0, max_height=100)
    rows = [(0, 0, 16, height, 0.9 - height / 1000) for height in (39, 41, 124, 126)]
    result = measure((prediction(*rows), [Box(300, 0, 330, 80)]), options=options).result()
    assert len(result.matches.detection_frame) == 2


def test_other_shapes_than_people_have_no_aspect_filter():
    options = EvaluationSettings(coco=False, resamples=0)
    car = Box(0, 0, 200, 100, category="car")
    result = measure((Prediction.empty(), [car]), options=options, classes=("car",)).result()
    assert result.labels == 1


def test_classes_are_apart_and_regions_of_no_class_hold_for_all():
    found = Prediction(
        np.array([[0, 0, 30, 60], [100, 0, 130, 60], [300, 0, 330, 60]], np.float32),
        np.array([0.9, 0.8, 0.7], np.float32),
        np.array([0, 1, 1]),
    )
    labels = [
        Box(0, 0, 30, 60, "pedestrian"),
        Box(100, 0, 130, 60, "car"),
        Box(290, 0, 340, 70, "", ignore=True),
        Box(0, 0, 30, 60, "tram"),
    ]
    evaluation = measure((found, labels), classes=("pedestrian", "car"))
    for category in ("pedestrian", "car"):
        result = evaluation.result(category)
        assert (result.labels, result.ignored, result.miss_rate) == (1, 1, 0.0)
        assert list(result.curve.fppi) == [0.0]
    assert evaluation.miss_rate() == 0.0
    assert evaluation.labels == 2


def test_reading_where_the_curve_ends_early_and_where_it_starts_late():
    scores, states = np.array([0.9, 0.8]), np.array([1, 0], np.int8)
    curve = miss_rate_curve(scores, states, labels=4, frames=4)
    assert curve.at(1.0) == (0.75, 0.8, False)
    assert curve.at(0.2) == (0.75, 0.9, True)
    late = miss_rate_curve(np.array([0.9, 0.8, 0.8]), np.array([0, 1, 0], np.int8), 4, 1)
    assert late.at(0.5) == (1.0, math.inf, True)
    assert late.at(1.0)[0] == 1.0, "equal scores enter together"
    assert late.at(2.0)[0] == 0.75


def test_without_labels_there_is_no_miss_rate():
    evaluation = measure((prediction((0, 0, 10, 20, 0.5)), []))
    assert math.isnan(evaluation.miss_rate())
    assert evaluation.summary()["miss_rate"] is None


def test_without_frames_it_says_so():
    with pytest.raises(InputError, match="no frame"):
        evaluate_predictions([])


def test_errors_per_frame():
    evaluation = measure(
        (prediction((0, 0, 10, 20, 0.9), (50, 0, 60, 20, 0.8)), [Box(0, 0, 10, 20)]),
        (prediction((50, 0, 60, 20, 0.85)), [Box(0, 0, 10, 20), Box(30, 0, 40, 20)]),
        (Prediction.empty(), []),
    )
    errors = evaluation.result().errors()
    assert list(errors.detected) == [1, 0, 0]
    assert list(errors.missed) == [0, 2, 0]
    assert list(errors.false) == [1, 1, 0]
    assert list(evaluation.frame_errors()) == [1, 3, 0]


def test_the_share_that_the_boxes_can_reach():
    labels = [Box(0, 0, 30, 60), Box(0, 0, 30, 40), Box(0, 0, 30, 80)]
    items = [(("v", 0), Prediction.empty(), labels, (480, 640))]
    options = EvaluationSettings(coco=False, resamples=0)
    evaluation = evaluate_predictions(
        items, options, best_iou=lambda boxes, size: np.array([0.4, 0.9, 0.6])
    )
    assert evaluation.result(iou=0.3).reachable == 1.0
    assert evaluation.result(iou=0.5).reachable == 0.5, "of the two labels that count"
    assert evaluate_predictions(items, options).result().reachable is None


def test_settings_refuse_nonsense_and_survive_json():
    options = EvaluationSettings(ious=(0.5,), blocks="drives", max_height=300.0)
    assert EvaluationSettings.from_dict(options.to_dict()) == options
    for wrong in (
        {"ious": ()},
        {"blocks": "days"},
        {"aspect": (0.6, 0.2)},
        {"level": 1.0},
        {"headline_iou": 0.7},
    ):
        with pytest.raises(InputError):
            EvaluationSettings(**wrong)
    with pytest.raises(InputError, match="newer"):
        EvaluationSettings.from_dict({"warp": 9})
