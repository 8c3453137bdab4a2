"""The IoU of labels that are found with the boxes that found them, and the table made of it."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.helpers.generators import returned

from framesift.boxes import Box, Prediction
from framesift.detectors.faster_rcnn import FasterRcnnDetector
from framesift.detectors.files.checkpoint import load_detector
from framesift.detectors.maps import WorkingSize
from framesift.detectors.positives import positive_ious
from framesift.evaluation.class_result import ClassResult
from framesift.evaluation.collector import Collector, Measured
from framesift.evaluation.result import Evaluation
from framesift.evaluation.settings import EvaluationSettings
from framesift.simulate import Row, preset
from framesift.simulate.box_table import boxes_table
from framesift.simulate.specs import DatasetSpec
from framesift.simulate.stage import Stage, opened
from framesift.simulate.store import Store

pytest.importorskip("torchvision")

RCNN = "fasterrcnn_mobilenet_v3_large_fpn"

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


def test_of_proposals_those_count_that_overlap_a_label_by_half() -> None:
    labels = [
        Box(0, 0, 10, 20, "a"),
        Box(40, 0, 50, 20, "b"),
        Box(80, 0, 90, 20, "b", ignore=True),
        Box(120, 0, 130, 20, "c"),
    ]
    size = WorkingSize((200, 400), (50, 200), (64, 256))
    assert (size.scale_x, size.scale_y) == (0.5, 0.25)
    # The fourth overlaps by less than half.
    proposals = torch.tensor(
        [[0, 0, 5, 5], [20, 0, 26, 5], [40, 0, 45, 5], [0, 2, 5, 8], [60, 0, 65, 5]]
    ).float()
    boxes = torch.zeros(5, 3, 4)
    # What reaches beyond the picture is clipped.
    boxes[0, 1] = torch.tensor([-3.0, 0.0, 5.0, 5.0])
    boxes[1, 1] = torch.tensor([20.0, 0.0, 25.0, 5.0])
    boxes[1, 2] = torch.tensor([21.0, 0.0, 26.0, 5.0])
    ious = positive_ious(proposals, boxes, labels, ("a", "b"), size)
    assert ious == pytest.approx([1.0, 4 / 6])
    assert len(positive_ious(proposals[:0], boxes[:0], labels, ("a", "b"), size)) == 0
    assert len(positive_ious(proposals, boxes, [], ("a", "b"), size)) == 0


def row(variant: str, cycle: int, **values: object) -> Row:
    plain = Row(variant, 0, cycle, 4 * cycle, 9, 9, 0.5, {"0.5": 0.4}, {"0.5": 0.5})
    return replace(plain, **values)  # type: ignore[arg-type]


def test_the_table_says_how_boxes_lie_and_which_picks_are_shared() -> None:
    found = preset("huale")
    picks = {"smooth-l1": (("a", 1), ("a", 2)), "huale": (("a", 1), ("b", 2))}
    rows = [
        row(
            name,
            cycle,
            map=0.1 + cycle / 10,
            ap50=0.5,
            matched_iou=0.7,
            positive_iou=0.6 if name == "huale" else None,
            picked=picked,
        )
        for name, picked in picks.items()
        for cycle in (0, 1)
    ]
    rows += [row("eiou", cycle) for cycle in (0, 1)]
    # A repeat that was measured by an earlier version leaves no mean.
    older = [replace(one, seed=1, positive_iou=None) for one in rows if one.variant == "huale"]
    assert "– → –" in boxes_table(found, found.variants, [*rows, *older]).rows[0]
    table = boxes_table(found, found.variants, rows)
    assert table.rows == (
        (
            "huale",
            "10.0 % → 20.0 %",
            "50.0 % → 50.0 %",
            "70.0 % → 70.0 %",
            "60.0 % → 60.0 %",
            "50.0 %",
        ),
        ("smooth-l1", "10.0 % → 20.0 %", "50.0 % → 50.0 %", "70.0 % → 70.0 %", "– → –", "–"),
    )


@pytest.mark.parametrize(
    ("architecture", "coco", "expected"),
    [(RCNN, True, 0.5), (RCNN, False, None), ("paper", True, None)],
)
def test_an_experiment_looks_at_all_that_is_proposed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    architecture: str,
    coco: bool,
    expected: float | None,
) -> None:
    size = {"look": "source", "seed": "3", "frames": 8, "size": [96, 64]}
    drives = DatasetSpec("synthetic", (size,), every=4)
    measuring = replace(SETTINGS, coco=coco)
    found = replace(preset("huale"), pool=drives, evaluation=drives, measuring=measuring)
    detector = load_detector(architecture, "cpu", precision="float32")
    # The first frame has three such proposals, the second one.
    given = iter([np.array([0.4, 0.6, 0.8]), np.array([0.2])])
    monkeypatch.setattr(
        FasterRcnnDetector, "positive_ious", lambda self, frames, labels: [next(given)]
    )
    *_, stage = opened(found, Store(tmp_path, found), "cpu")
    assert isinstance(stage, Stage)
    with contextlib.closing(stage):
        given_back = returned(stage.positive_iou(detector))
    assert given_back == (None if expected is None else pytest.approx(expected))
