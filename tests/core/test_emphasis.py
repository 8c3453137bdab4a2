"""HUALE's loss: its terms on numbers made by hand, its weights of classes, and what a training
with it leaves behind."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tests.helpers.generators import ended
from torch import nn

from framesift.boxes import Box, Prediction
from framesift.detectors import DETECTORS
from framesift.detectors.emphasis import (
    Emphasis,
    LogVariance,
    Second,
    aware,
    raised_proposals,
    second_losses,
)
from framesift.detectors.files.checkpoint import load_checkpoint
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.records import Notice
from framesift.training import Step, TrainSettings, train
from framesift.training.data import MemorySource, Sample
from framesift.training.emphasis import emphasised

pytest.importorskip("torchvision")

NAME = "fasterrcnn_mobilenet_v3_large_fpn"
CLASSES = ("pedestrian", "rider")


class Unsure(nn.Module):
    """ln σ² is what the first feature says."""

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        return seen[:, 0]


def smooth_l1(difference: float) -> float:
    far = abs(difference)
    return 0.5 * far**2 * 9 if far < 1 / 9 else far - 0.5 / 9


def test_a_sure_box_pays_more_for_its_place() -> None:
    codes = torch.tensor([[0.5, 0.0, 0.05, 0.0], [0.5, 0.0, 0.05, 0.0]])
    unsure = torch.tensor([math.log(4.0), math.log(0.25)])
    place = smooth_l1(0.5) + smooth_l1(0.05)
    expected = [place / (2 * var) + 0.5 * math.log(var) for var in (4.0, 0.25)]
    assert aware(codes, torch.zeros(2, 4), unsure).tolist() == pytest.approx(expected)


def second() -> Second:
    """Three proposals: nothing, a pedestrian in place, a rider 10 of 20 pixels too far right.
    A box is its code, so that overlaps can be told by hand."""
    codes = torch.zeros(3, 3, 4)
    codes[1, 1] = torch.tensor([0.0, 0.0, 20.0, 40.0])
    codes[2, 2] = torch.tensor([10.0, 0.0, 30.0, 40.0])
    return Second(
        seen=torch.tensor([[9.0], [0.0], [math.log(2.0)]]),
        logits=torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.5]]),
        codes=codes.reshape(3, 12),
        proposals=torch.zeros(3, 4),
        classes=torch.tensor([0, 1, 2]),
        goal=torch.tensor([[0.0] * 4, [0.0, 0.0, 20.0, 40.0], [0.0, 0.0, 20.0, 40.0]]),
        coder=SimpleNamespace(decode_single=lambda codes, places: codes),
    )


def test_the_second_stage_is_the_formula() -> None:
    beta = Emphasis((0.25, 0.5), (0.1, 0.4))
    classifier, boxes = second_losses(second(), beta, Unsure())
    # −ln of the softmax of what each is; nothing is never raised.
    wrong = [
        math.log(sum(math.exp(v) for v in row)) - row[k]
        for row, k in (([1.0, 0, 0], 0), ([0, 2.0, 0], 1), ([0, 0, 0.5], 2))
    ]
    expected = (wrong[0] + 1.25 * wrong[1] + 1.5 * wrong[2]) / 3
    assert classifier.item() == pytest.approx(expected, rel=1e-6)
    # Half of 20 × 40 shared: IoU 400/1200; the hull is the union, so that GIoU is IoU.
    giou = 1 / 3
    far = (1 + giou) ** 0.8 * (1 - giou)
    place = 2 * smooth_l1(10.0)
    rider = 0.5 * far + 0.5 * (place / 4 + 0.5 * math.log(2.0))
    assert boxes.item() == pytest.approx((1.1 * 0.0 + 1.4 * rider) / 2, rel=1e-5)


def test_proposals_are_raised_by_the_classes_in_the_batch() -> None:
    beta = Emphasis((0.0, 0.0), (0.1, 0.5))
    losses = {"objectness": torch.tensor(2.0), "proposals": torch.tensor(4.0)}
    for classes, factor in (([1], 1.1), ([2, 2], 1.5), ([1, 2], 1.3), ([], 1.0)):
        made = raised_proposals(losses, beta, [torch.tensor(classes, dtype=torch.int64)])
        assert [made[name].item() for name in losses] == pytest.approx([factor, 2 * factor])


def test_ln_variance_stays_within_its_bounds() -> None:
    layer = LogVariance(2)
    assert layer(torch.ones(1, 2)).item() == 0.0
    with torch.no_grad():
        layer.weight.fill_(100.0)
    assert layer(torch.tensor([[1.0, 1.0], [-1.0, -1.0]])).tolist() == [6.0, -6.0]


class Previous:
    """Finds the first label 5 of 20 pixels aside, and nothing of the others."""

    classes = ("rider", "pedestrian")

    def predict(self, frames: Any) -> list[Prediction]:
        box = np.array([[5.0, 10.0, 25.0, 50.0]], np.float32)
        return [Prediction(box, np.array([0.8], np.float32), np.array([1], np.int64))]


def source(count: int = 2) -> MemorySource:
    samples = []
    for n in range(count):
        image = np.random.default_rng(n).integers(0, 256, (64, 96, 3), np.uint8)
        boxes = (Box(0, 10, 20, 50), Box(60, 10, 80, 50), Box(60, 5, 64, 9, ignore=True))
        samples.append(Sample(image, boxes, FrameKey("v", n)))
    return MemorySource(samples, ("pedestrian",))


def test_weights_are_the_doubts_of_the_detector_before() -> None:
    detector: Any = SimpleNamespace(classes=CLASSES)
    beta, told = ended(emphasised(detector, Previous(), source()))  # type: ignore[arg-type]
    # One of two labels at 0.8, the other missed; IoU of what is found 15/25; no rider.
    assert beta.classifier == pytest.approx((1 - 0.8 / 2, 0.0))
    assert beta.boxes == pytest.approx((1 - 15 / 25, 0.0))
    assert isinstance(told[-1], Notice)
    assert "pedestrian 1.60 (class) and 1.40 (box)" in str(told[-1])


def test_a_first_cycle_raises_nothing() -> None:
    detector: Any = SimpleNamespace(classes=CLASSES)
    with pytest.raises(StopIteration) as end:
        next(emphasised(detector, None, source()))
    assert end.value.value == Emphasis((0.0, 0.0), (0.0, 0.0))


def test_other_detectors_refuse_it(tmp_path: Path) -> None:
    for name, box_loss, says in (
        ("paper", "huale", r"fixed sizes, .* leave out --box-loss huale"),
        ("paper", "eiou", r"fixed sizes, .* leave out --box-loss eiou"),
        ("ssdlite320_mobilenet_v3_large", "huale", r"made for Faster R-CNN, .* eiou"),
    ):
        detector = DETECTORS[name](("pedestrian",), {})
        how = TrainSettings(epochs=1, batch=2, box_loss=box_loss, num_workers=0, min_height=5)
        with pytest.raises(InputError, match=says):
            list(train(detector, source(), how, tmp_path))


def learnt(folder: Path, *, resume: bool = False, stop: bool = False) -> str:
    """The identity of what a training of two steps leaves; stopped after the first one."""
    how = TrainSettings(
        epochs=1, batch=1, box_loss="huale", min_height=5, num_workers=0, ema_decay=0.5
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        detector = DETECTORS[NAME](("pedestrian",), {"proposals": 8, "working_height": 64})
    names = {*detector.module.state_dict()}
    previous: Any = Previous()
    records = train(detector, source(), how, folder, resume=resume, previous=previous)
    for record in records:
        if stop and isinstance(record, Step):
            break
    records.close()
    assert {*detector.module.state_dict()} == names
    kept = load_checkpoint(folder / "last.safetensors").identity()
    assert stop or kept == detector.identity()
    return kept


def test_a_training_with_it_goes_on_to_the_same_bits_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    whole = learnt(tmp_path / "whole")
    assert learnt(tmp_path / "parts", stop=True) != whole
    assert learnt(tmp_path / "parts", resume=True) == whole
