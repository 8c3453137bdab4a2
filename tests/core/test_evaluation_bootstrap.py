"""Intervals by re-weighting equal intervals by literally drawing frames again."""

from __future__ import annotations

import time

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.evaluation import EvaluationSettings, evaluate_predictions
from framesift.evaluation.bootstrap import Prepared, blocks_of, draw, interval, reweighted

PLAIN = EvaluationSettings.unfiltered().with_(coco=False, resamples=0)


def frames(count: int, seed: int, levels: int | None = None, detections: int = 6):
    """Items of made-up frames; with `levels`, scores are coarse and tie."""
    random = np.random.default_rng(seed)
    items = []
    for number in range(count):
        corners = random.uniform(0, 300, (random.poisson(1.2), 2))
        labels = [
            Box(x, y, x + 30, y + 70, ignore=bool(random.random() < 0.2)) for x, y in corners
        ]
        boxes = np.concatenate([corners, random.uniform(0, 300, (detections, 2))])
        boxes = boxes + random.normal(0, 5, boxes.shape)
        scores = np.concatenate(
            [random.beta(3, 2, len(corners)), random.beta(1, 4, detections)]
        ).clip(0.02)
        if levels:
            scores = np.ceil(scores * levels) / levels
        full = np.concatenate([boxes, boxes + np.array([30, 70])], axis=1).astype(np.float32)
        items.append(
            (
                (f"drive{number // 10}", number),
                Prediction(full, scores.astype(np.float32), np.zeros(len(full), np.int64)),
                labels,
            )
        )
    return items


@pytest.mark.parametrize(
    ("levels", "blocks"), [(None, "frames"), (5, "frames"), (5, "drives"), (None, "segments")]
)
def test_reweighting_is_resampling(levels, blocks):
    items = frames(40, seed=3, levels=levels)
    evaluation = evaluate_predictions(items, PLAIN)
    groups = blocks_of(evaluation.keys, PLAIN.with_(blocks=blocks, segment=7))
    (weights,) = draw(groups, 25, seed=1)
    for result in evaluation.results:
        misses, averages = reweighted(Prepared.of(result.matches), weights)
        for row, miss, average in zip(weights, misses, averages, strict=True):
            again = [items[i] for i in np.repeat(np.arange(len(items)), row)]
            literal = evaluate_predictions(again, PLAIN).result(iou=result.iou)
            assert miss == pytest.approx(literal.miss_rate, abs=1e-12)
            assert average == pytest.approx(literal.log_average_miss_rate, abs=1e-12)


def test_a_frame_full_of_false_positives_that_is_often_not_drawn():
    items = frames(30, seed=4)
    (key, found, labels), rows = items[7], np.linspace(0.9, 1.0, 90, dtype=np.float32)
    boxes = np.tile(np.array([[400, 0, 430, 70]], np.float32), (90, 1))
    items[7] = (
        key,
        Prediction(
            np.concatenate([boxes, found.boxes]),
            np.concatenate([rows, found.scores]),
            np.zeros(90 + len(found), np.int64),
        ),
        labels,
    )
    evaluation = evaluate_predictions(items, PLAIN)
    (weights,) = draw(np.arange(30), 20, seed=2)
    assert 0 < (weights[:, 7] == 0).sum() < 20
    misses, _ = reweighted(Prepared.of(evaluation.result().matches), weights)
    for row, miss in zip(weights, misses, strict=True):
        again = [items[i] for i in np.repeat(np.arange(30), row)]
        literal = evaluate_predictions(again, PLAIN).result().miss_rate
        assert miss == pytest.approx(literal, abs=1e-12)


def test_weights_of_one_give_the_figures_themselves():
    evaluation = evaluate_predictions(frames(30, seed=8), PLAIN)
    for result in evaluation.results:
        miss, average = reweighted(Prepared.of(result.matches), np.ones((1, 30), np.int64))
        assert miss[0] == pytest.approx(result.miss_rate, abs=1e-12)
        assert average[0] == pytest.approx(result.log_average_miss_rate, abs=1e-12)


def test_blocks_are_drawn_whole():
    keys = [("a", 0), ("a", 5), ("a", 12), ("b", 1), ("b", 2)]
    segments = blocks_of(keys, PLAIN.with_(blocks="segments", segment=10))
    assert list(segments) == [0, 0, 1, 2, 2]
    (weights,) = draw(segments, 50, seed=0)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 3] == weights[:, 4]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_intervals_hold_the_figure_and_repeat():
    options = PLAIN.with_(resamples=300)
    first = evaluate_predictions(frames(80, seed=5), options).result()
    again = evaluate_predictions(frames(80, seed=5), options).result()
    assert first.miss_rate_interval == again.miss_rate_interval
    assert first.miss_rate_interval is not None
    assert first.log_average_interval is not None
    assert first.miss_rate_interval.low < first.miss_rate < first.miss_rate_interval.high
    assert (
        first.log_average_interval.low
        < first.log_average_miss_rate
        < first.log_average_interval.high
    )


def test_one_drive_alone_has_no_interval():
    options = PLAIN.with_(resamples=50, blocks="drives")
    assert evaluate_predictions(frames(8, seed=5), options).result().miss_rate_interval is None


def test_intervals_cover_as_often_as_they_say():
    """Of many small evaluations' 80 % intervals about 80 % hold the figure of a large one."""
    truth = evaluate_predictions(frames(4000, seed=100), PLAIN).result().miss_rate
    options = PLAIN.with_(resamples=200, level=0.8, ious=(0.3,))
    hits = 0
    for seed in range(60):
        own = evaluate_predictions(frames(60, seed=seed), options).result().miss_rate_interval
        assert own is not None
        hits += own.low <= truth <= own.high
    assert 0.65 <= hits / 60 <= 0.95


def test_an_interval_needs_values():
    assert interval(np.array([np.nan, 0.5]), 0.95) is None


def test_a_thousand_resamples_of_a_thousand_frames_take_seconds():
    items = frames(1000, seed=0, detections=40)
    started = time.process_time()
    evaluate_predictions(items, PLAIN.with_(resamples=1000))
    assert time.process_time() - started < 10
