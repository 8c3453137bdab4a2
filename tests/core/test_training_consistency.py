"""Consistency regularization: what disagreement is, its ramp, and a run that learns by it."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from unlabelled_footage import SETTINGS, drive, labelled, narrow, same_weights

from framesift.detectors import DETECTORS
from framesift.detectors.maps import ProbabilityMaps
from framesift.detectors.module import from_module
from framesift.detectors.outputs import FrameBoxes
from framesift.errors import InputError
from framesift.records import Notice
from framesift.training import Consistency, Step, TrainSettings, train
from framesift.training.consistency import (
    box_disagreement,
    disagreement,
    map_disagreement,
    shannon_divergence,
)
from framesift.training.data import MemorySource, VideoSource


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drive(tmp_path_factory.mktemp("drive"))


def test_divergence_of_probabilities() -> None:
    p = torch.tensor([0.0, 1.0, 0.5, 0.0, 0.25])
    q = torch.tensor([1.0, 0.0, 0.5, 0.0, 0.75])
    expected = [1.0, 1.0, 0.0, 0.0, 1 - (0.25 * math.log2(4) + 0.75 * math.log2(4 / 3))]
    assert shannon_divergence(p, q).tolist() == pytest.approx(expected, abs=1e-4)


def test_maps_that_agree_when_flipped_back_cost_nothing() -> None:
    left = torch.zeros(1, 1, 4, 6)
    left[0, 0, 1, 0] = 0.9
    assert float(map_disagreement(of(left), of(left.flip(-1)))) == pytest.approx(0, abs=1e-5)
    # Two places of 24, each sure in one of the maps alone: background does not water it down.
    apart = float(map_disagreement(of(left), of(left)))
    expected = float(shannon_divergence(torch.tensor(0.9), torch.tensor(0.0)))
    assert apart == pytest.approx(expected, abs=1e-4)


def of(maps: torch.Tensor) -> ProbabilityMaps:
    return ProbabilityMaps.of(maps)


def boxes(*rows: tuple[float, ...], categories: tuple[int, ...] = ()) -> FrameBoxes:
    corners = torch.tensor(rows, dtype=torch.float32).reshape(-1, 4).requires_grad_()
    which = torch.tensor(categories or (0,) * len(rows), dtype=torch.int64)
    return FrameBoxes(corners, torch.ones(len(rows)), which)


def test_distance_of_matched_boxes() -> None:
    a = boxes((0, 0, 10, 20), (50, 50, 60, 70))
    b = boxes((1, 0, 11, 20), (90, 0, 95, 9))
    # One pair, moved by a tenth of its width: two of four corners.
    assert float(box_disagreement(a, b).detach()) == pytest.approx(2 * 0.1**2 / 4)
    other = boxes((1, 0, 11, 20), categories=(1,))
    assert float(box_disagreement(a, other).detach()) == 0.0
    nothing = box_disagreement(a, boxes())
    nothing.backward()
    assert float(nothing.detach()) == 0.0
    assert boxes((1, 2, 5, 6)).flipped(20).boxes.tolist() == [[15, 2, 19, 6]]


def test_the_weight_rises_over_the_ramp() -> None:
    how = Consistency(enabled=True, weight=2.0, ramp=0.5)
    assert how.weight_at(0, 100) == pytest.approx(2 * math.exp(-5))
    assert how.weight_at(25, 100) == pytest.approx(2 * math.exp(-1.25))
    assert how.weight_at(50, 100) == how.weight_at(99, 100) == 2.0
    assert Consistency(enabled=True, ramp=0.0).weight_at(0, 100) == 1.0


@pytest.mark.usefixtures("shallow_resnets")
@pytest.mark.parametrize(
    "name", ["paper", "fcos_resnet50_fpn", "fasterrcnn_mobilenet_v3_large_320_fpn"]
)
def test_detectors_learn_to_agree(name: str) -> None:
    torch.manual_seed(0)
    detector = (
        narrow()
        if name == "paper"
        else DETECTORS[name](("pedestrian",), {"working_height": 96})
    )
    frames = np.random.default_rng(0).integers(0, 255, (1, 64, 96, 3), np.uint8)
    frames[:, 10:50, 10:30] = 220
    with torch.random.fork_rng():
        torch.manual_seed(1)
        loss = disagreement(detector, frames)
    loss.backward()
    assert float(loss.detach()) > 0
    assert (
        sum(
            float(p.grad.abs().sum())
            for p in detector.module.parameters()
            if p.grad is not None
        )
        > 0
    )


def test_detectors_without_such_maps_are_refused() -> None:
    wrapped = from_module(torch.nn.Conv2d(3, 1, 3, padding=1), ["person"], name="mine")
    with pytest.raises(InputError, match="'mine' has no maps"):
        disagreement(wrapped, np.zeros((1, 8, 8, 3), np.uint8))


def test_a_run_resumes_to_the_bit_and_differs_from_one_without(
    folder: Path, tmp_path: Path
) -> None:
    settings = SETTINGS.with_(consistency=Consistency(enabled=True, frames=4, share=0.5))
    whole, part, rest, plain = (narrow() for _ in range(4))
    with VideoSource(labelled(folder)) as source:
        records = list(train(whole, source, settings, tmp_path / "a"))
        assert sum(isinstance(record, Step) for record in records) == 6
        with contextlib.closing(train(part, source, settings, tmp_path / "b")) as some:
            next(r for r in some if isinstance(r, Step) and r.step == 2)
        list(train(rest, source, settings, tmp_path / "b", resume=True))
        off = settings.with_given({"consistency.weight": 1e-9})
        list(train(plain, source, off, tmp_path / "c"))
    assert same_weights(whole, rest)
    assert not same_weights(whole, plain)


def test_footage_without_unlabelled_frames_is_told(tmp_path: Path, folder: Path) -> None:
    with VideoSource(labelled(folder)) as source:
        alone = MemorySource([source.sample(0)], source.classes)
    settings = SETTINGS.with_(epochs=1, consistency=Consistency(enabled=True))
    records: list[Any] = list(train(narrow(), alone, settings, tmp_path))
    told = [record.text for record in records if isinstance(record, Notice)]
    assert "There is no consistency: the footage has no unlabelled frames for it." in told


def test_shares_leave_a_labelled_frame() -> None:
    given = {"batch": 2, "replay.share": 0.5, "consistency.enabled": True}
    with pytest.raises(InputError, match="leaves no labelled one"):
        TrainSettings().with_given(given)
