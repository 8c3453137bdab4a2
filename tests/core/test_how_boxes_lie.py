"""The IoU of labels that are found with the boxes that found them, and the table made of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.evaluation.class_result import ClassResult
from framesift.evaluation.collector import Collector, Measured
from framesift.evaluation.result import Evaluation
from framesift.evaluation.settings import EvaluationSettings
from framesift.simulate import Row, preset
from framesift.simulate.box_table import boxes_table

SETTINGS = EvaluationSettings(
    ious=(0.5,), resamples=0, coco=False, min_height=0.0, aspect=None, working_height=None
)
LABELS = (Box(0, 0, 10, 20), Box(40, 0, 50, 20), Box(80, 0, 90, 20))


def measured(boxes: list[list[float]], scores: list[float]) -> ClassResult:
    collector = Collector(("pedestrian",), SETTINGS)
    prediction = Prediction(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.zeros(len(scores), np.int64),
    )
    collector.add(Measured(("v", 0), prediction, LABELS))
    *_, made = collector.finish(0.5)
    assert isinstance(made, Evaluation)
    return made.results[0]


def test_it_is_the_mean_over_what_is_found() -> None:
    # Two boxes of one score, one of them two pixels of ten aside (IoU 8/12); one far from all.
    result = measured(
        [[0, 0, 10, 20], [42, 0, 52, 20], [200, 0, 210, 20]], scores=[0.9, 0.9, 0.3]
    )
    assert result.matched_iou == pytest.approx((1 + 8 / 12) / 2)
    assert result.matches.overlaps(0.95).tolist() == []


def test_without_a_find_there_is_none() -> None:
    assert math.isnan(measured([], []).matched_iou)


def row(variant: str, cycle: int, **values: object) -> Row:
    plain = Row(variant, 0, cycle, 4 * cycle, 9, 9, 0.5, {"0.5": 0.4}, {"0.5": 0.5})
    return replace(plain, **values)  # type: ignore[arg-type]


def test_the_table_says_how_boxes_lie_and_which_picks_are_shared() -> None:
    found = preset("huale")
    picks = {"smooth-l1": (("a", 1), ("a", 2)), "huale": (("a", 1), ("b", 2))}
    rows = [
        row(name, cycle, map=0.1 + cycle / 10, ap50=0.5, matched_iou=0.7, picked=picked)
        for name, picked in picks.items()
        for cycle in (0, 1)
    ]
    rows += [row("eiou", cycle) for cycle in (0, 1)]
    table = boxes_table(found, found.variants, rows)
    assert table.rows == (
        ("huale", "10.0 % → 20.0 %", "50.0 % → 50.0 %", "70.0 % → 70.0 %", "50.0 %"),
        ("smooth-l1", "10.0 % → 20.0 %", "50.0 % → 50.0 %", "70.0 % → 70.0 %", "–"),
    )
