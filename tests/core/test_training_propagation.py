"""Boxes of labelled frames carried along the video: where they go, what they weigh, and that
they are nobody's labels."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from tests.helpers.generators import returned

from framesift.boxes import Box
from framesift.detectors import PaperDetector
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.paper_targets import NO_LOSS, POSITIVE, targets
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.training import Step, TrainSettings, train
from framesift.training.data import Entry, MemorySource, TrainingSet, VideoRef, VideoSource
from framesift.training.mixture import Mixture, Part
from framesift.training.packed import PackedFrame, PackedSource
from framesift.training.propagation import propagated
from framesift.training.propagation_settings import Propagation

SIZES = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
STEP = 2
"""Pixels that the scene moves to the left from frame to frame."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine pictures of a camera that turns; somebody stands at x = 60 in the first."""
    folder = tmp_path_factory.mktemp("drive")
    rng = np.random.default_rng(0)
    scene = cv2.resize(rng.integers(60, 190, (16, 32, 3), np.uint8), (128, 64))
    person = cv2.resize(rng.integers(0, 255, (8, 4, 3), np.uint8), (16, 32))
    scene[16:48, 60:76] = person
    (folder / "v").mkdir()
    for number in range(9):
        picture = scene[:, STEP * number : STEP * number + 96]
        cv2.imwrite(str(folder / "v" / f"{number}.png"), picture)
    return folder


def narrow() -> PaperDetector:
    torch.manual_seed(0)
    return PaperDetector(settings={"width": 0.125, "working_height": 64, "box_sizes": SIZES})


def dataset(folder: Path, *more: Entry, evaluation: tuple[int, ...] = ()) -> TrainingSet:
    entry = Entry(FrameKey("v", 4), 96, 64, (Box(52, 16, 68, 48),))
    ref = VideoRef("v", str(folder / "v"), kind="images")
    keys = frozenset(FrameKey("v", number) for number in evaluation)
    return TrainingSet(("pedestrian",), (ref,), (entry, *more), keys)


def carried(source: Any, **how: Any) -> Any:
    return returned(propagated(Propagation(**how), source))


def test_boxes_go_with_what_they_show(folder: Path) -> None:
    with VideoSource(dataset(folder)) as source:
        found = carried(source, frames=3)
    numbers = {found.source.sample(i).key.frame: i for i in range(len(found.source))}
    assert sorted(numbers) == [1, 2, 3, 5, 6, 7]
    for number, index in numbers.items():
        whole, box = found.source.boxes(index)
        assert whole == Box(0, 0, 96, 64, "", ignore=True)
        assert box.x1 == pytest.approx(60 - STEP * number, abs=0.6)
        assert (box.width, box.height) == pytest.approx((16, 32), rel=0.05)
        assert box.origin == "tracked"  # no person's
        assert found.weights[index] == pytest.approx(0.5 ** (abs(number - 4) / 5))


def test_labelled_and_measured_frames_are_followed_through_and_left_out(folder: Path) -> None:
    nothing = Entry(FrameKey("v", 5), 96, 64, (), "validation")
    with VideoSource(dataset(folder, nothing, evaluation=(3,))) as source:
        found = carried(source, frames=3)
    keys = [found.source.sample(i).key.frame for i in range(len(found.source))]
    assert sorted(keys) == [1, 2, 6, 7]


def test_what_is_lost_or_too_small_is_not_carried(folder: Path) -> None:
    small = Entry(FrameKey("v", 4), 96, 64, (Box(10, 10, 12, 13),))
    ref = VideoRef("v", str(folder / "v"), kind="images")
    with VideoSource(TrainingSet(("pedestrian",), (ref,), (small,))) as source:
        assert carried(source, frames=2) is None
    with VideoSource(dataset(folder)) as source:
        assert carried(source, frames=2, max_error=0.0) is None
    still = VideoRef("v", str(folder / "v"), kind="stills")
    with VideoSource(TrainingSet(("pedestrian",), (still,), dataset(folder).entries)) as source:
        assert carried(source, frames=2) is None
    assert carried(MemorySource([], ("pedestrian",)), frames=2) is None


def test_what_surrounds_a_carried_box_takes_no_loss() -> None:
    detector = narrow()
    size = detector.geometry(64, 96)
    grids = detector.grids(size)
    boxes = (Box(0, 0, 96, 64, "", ignore=True), Box(52, 16, 68, 48, origin="tracked"))
    levels = targets(boxes, ("pedestrian",), grids, size.content, LossSettings(min_height=10))
    values = set(np.concatenate([level.ravel() for level in levels]).tolist())
    assert values == {NO_LOSS, POSITIVE}


def test_near_frames_are_shown_more_often() -> None:
    frames = [
        PackedFrame.of(np.zeros((64, 96, 3), np.uint8), (), FrameKey("v", n)) for n in range(3)
    ]
    source = PackedSource(frames, ("pedestrian",))
    detector = narrow()
    weights = np.array([4.0, 2.0, 1.0])
    part = Part(source, 3, "carried", weights)
    mixture = Mixture(source, [part], detector, TrainSettings(batch=4))
    places = [p for step in range(400) for p in mixture.batch(step) if p.part]
    counts = np.bincount([p.index for p in places], minlength=3)
    assert counts / counts.sum() == pytest.approx(weights / 7, abs=0.05)
    assert len({(p.epoch, p.index) for p in places}) == len(places)  # a view of its own each


def test_a_run_with_carried_labels_resumes_to_the_bit(folder: Path, tmp_path: Path) -> None:
    settings = TrainSettings(
        epochs=6,
        batch=3,
        min_height=10,
        threads=1,
        num_workers=0,
        propagation=Propagation(frames=3, share=0.5),
    )

    whole, part, rest = narrow(), narrow(), narrow()
    with VideoSource(dataset(folder)) as source:
        records = train(whole, source, settings, tmp_path / "a")
        # One labelled frame a step.
        assert sum(isinstance(record, Step) for record in records) == 6
        records = train(part, source, settings, tmp_path / "b")
        with contextlib.closing(records):
            next(r for r in records if isinstance(r, Step) and r.step == 2)
        list(train(rest, source, settings, tmp_path / "b", resume=True))
    first, second = whole.module.state_dict(), rest.module.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_shares_leave_a_labelled_frame() -> None:
    with pytest.raises(InputError, match="leaves no labelled one"):
        TrainSettings().with_given(
            {"batch": 4, "replay.share": 0.5, "propagation.share": 0.5, "propagation.frames": 2}
        )
