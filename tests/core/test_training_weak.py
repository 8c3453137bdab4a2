"""Training by weak labels: what points, answers and tags say in boxes and in the loss."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.helpers.generators import ended
from unlabelled_footage import SETTINGS, drive, labelled, narrow, same_weights

from framesift.boxes import Box, Prediction
from framesift.detectors import DETECTORS
from framesift.detectors.base import Detector
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import ProbabilityMaps
from framesift.detectors.outputs import Outputs
from framesift.detectors.paper_targets import NEGATIVE, NO_LOSS, POSITIVE, targets
from framesift.detectors.torchvision_labels import read_labels
from framesift.errors import InputError
from framesift.labels import FrameKey, Point, Weak
from framesift.records import Notice
from framesift.training import Step, WeakLearning, train
from framesift.training.augment import View
from framesift.training.data import Entry, MemorySource, Sample, TrainingSet, VideoSource
from framesift.training.weak import ResolvedSource, known, nearest, resolved
from framesift.training.weak_loss import weak_loss

SIZE = (64, 96)
CLASSES = ("pedestrian", "car")
WHOLE = Box(0, 0, 96, 64, "", ignore=True)


def test_without_a_word_about_the_rest_nothing_is_background() -> None:
    box, denied = Box(1, 2, 20, 40), Box(50, 2, 60, 40, denied=True)
    assert known([box], Weak(denied=(denied,)), CLASSES, SIZE) == (WHOLE, box, denied)


def test_tags_and_points_that_are_all_make_background() -> None:
    absent = Weak(tags=(("car", False), ("pedestrian", True)))
    spared = Box(0, 0, 96, 64, "pedestrian", ignore=True)
    assert known([], absent, CLASSES, SIZE) == (spared,)
    # All is known but the size of what was clicked.
    every = Weak((Point(4, 32, "car"),), every=True)
    [around] = known([], every, CLASSES, SIZE)
    assert around == Box(0, 16, 20, 48, "car", ignore=True)


def test_a_click_takes_the_nearest_proposal_of_its_class() -> None:
    rows = [[0, 0, 20, 40], [2, 0, 30, 40], [50, 0, 70, 40], [52, 0, 72, 40]]
    proposals = Prediction(
        np.array(rows, np.float32), np.full(4, 0.5, np.float32), np.array([0, 0, 1, 0])
    )
    points = [Point(12, 20), Point(13, 20), Point(58, 20), Point(90, 20)]
    boxes, left = nearest(points, proposals, CLASSES)
    # One to one; the car's box is not a pedestrian's, though it is nearer; at 90 is nothing.
    corners = [(b.x1, b.x2) for b in boxes]
    assert corners == [(0, 20), (2, 30), (52, 72)]
    assert {b.origin for b in boxes} == {"tracked"}
    assert left == (Point(90, 20),)
    assert nearest(points, Prediction.empty(), CLASSES) == ((), tuple(points))


def test_a_denied_box_is_negative_in_the_middle_of_no_loss() -> None:
    detector = narrow()
    size = detector.geometry(*SIZE)
    grids = detector.grids(size)
    denied = Box(52, 16, 68, 48, denied=True)
    loss = LossSettings(min_height=10)
    levels = targets([WHOLE, denied], ("pedestrian",), grids, size.content, loss)
    values = np.concatenate([level.ravel() for level in levels])
    assert set(values.tolist()) == {NO_LOSS, NEGATIVE}
    # As many as would be positive for a label there, and a label beside it wins.
    label = Box(52, 16, 68, 48)
    other = targets([WHOLE, label], ("pedestrian",), grids, size.content, loss)
    positive = np.concatenate([level.ravel() for level in other]) == POSITIVE
    assert ((values == NEGATIVE) == positive).all()
    both = targets([WHOLE, denied, label], ("pedestrian",), grids, size.content, loss)
    assert all((a == b).all() for a, b in zip(both, other, strict=True))


def test_torchvision_takes_loss_at_a_denied_box() -> None:
    denied = Box(52, 16, 68, 48, denied=True)
    read = read_labels(
        [WHOLE, denied], CLASSES, SIZE, LossSettings(min_height=10), torch.device("cpu")
    )
    anchors = torch.tensor([[52, 16, 68, 47], [10, 16, 26, 48.0]])
    assert read.spared(anchors, 2).tolist() == [[False, True], [True, True]]
    assert len(read.boxes) == 0


class Fixed:
    """Maps as they are given, one of each class at two levels."""

    joint = None

    frozen_batch_norm = False
    unmoved_statistics = Detector.unmoved_statistics

    def __init__(self, maps: torch.Tensor) -> None:
        self.maps = maps

    def differentiable(self, frames: Any) -> Outputs:
        names = [(level, name) for level in range(2) for name in CLASSES]
        return Outputs(ProbabilityMaps.of(self.maps, names))


def test_the_loss_of_clicks_and_tags() -> None:
    maps = torch.full((1, 4, *SIZE), 0.01)
    maps[0, 2, 30, 42] = 0.5  # pedestrian, the second level, two pixels from the click
    maps[0, 0, 30, 60] = 0.9  # too far away
    maps[0, 1, 5, 5] = 0.25
    image = np.zeros((*SIZE, 3), np.uint8)
    weak = Weak((Point(40, 31),), tags=(("car", True),))
    detector: Any = Fixed(maps.requires_grad_())
    loss = weak_loss(detector, [Sample(image, (), FrameKey("v", 0), weak=weak)])
    assert float(loss.detach()) == pytest.approx((math.log(2) + math.log(4)) / 2)
    loss.backward()
    assert maps.grad is not None
    assert torch.nonzero(maps.grad).tolist() == [[0, 1, 5, 5], [0, 2, 30, 42]]


def test_a_view_moves_points_and_keeps_tags_of_what_it_shows_whole() -> None:
    weak = Weak((Point(10, 20), Point(90, 20)), tags=(("car", True),))
    shrunk = View(SIZE, 32, 48, 5, 7, SIZE, flip=True).weak(weak)
    assert shrunk.points == (Point(96 - 10, 17), Point(96 - 50, 17))
    assert shrunk.tags == weak.tags
    cut = View(SIZE, 64, 96, -20, 0, SIZE).weak(weak)
    assert cut == Weak((Point(70, 20),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drive(tmp_path_factory.mktemp("drive"))


def partial() -> Entry:
    weak = Weak(
        (Point(50, 32),), True, (Box(2, 2, 20, 40, denied=True),), (("pedestrian", True),)
    )
    return Entry(FrameKey("v", 8), 96, 64, (), weak=weak)


def test_a_training_set_holds_them(folder: Path, tmp_path: Path) -> None:
    dataset = labelled(folder, partial())
    dataset.save(tmp_path / "set.json")
    assert TrainingSet.load(tmp_path / "set.json") == dataset
    assert dataset.identity() != labelled(folder).identity()
    with pytest.raises(InputError, match="weak labels, which say too little to measure by"):
        labelled(folder, Entry(FrameKey("v", 8), 96, 64, (), "validation", weak=Weak()))
    with pytest.raises(InputError, match="'dog', which is not among"):
        labelled(folder, Entry(FrameKey("v", 8), 96, 64, (), weak=Weak((Point(1, 2, "dog"),))))


def test_frames_without_full_labels_never_count_as_fully_labelled(folder: Path) -> None:
    with VideoSource(labelled(folder, partial())) as source:
        records = resolved(WeakLearning(), source, narrow())
        left, told = ended(records)
    assert told == [Notice("1 frames with weak labels alone are left out of training.")]
    assert isinstance(left, ResolvedSource)
    assert [left.boxes(n) for n in range(len(left))] == [(Box(52, 16, 68, 48),)]


def test_a_run_with_weak_labels_resumes_to_the_bit(folder: Path, tmp_path: Path) -> None:
    settings = SETTINGS.with_(
        epochs=4, weak=WeakLearning(enabled=True, least_score=0.9), num_workers=1
    )
    whole, part, rest, without = (narrow() for _ in range(4))
    with VideoSource(labelled(folder, partial())) as source:
        records = list(train(whole, source, settings, tmp_path / "a"))
        assert sum(isinstance(record, Step) for record in records) == 4
        with contextlib.closing(train(part, source, settings, tmp_path / "b")) as some:
            next(r for r in some if isinstance(r, Step) and r.step == 2)
        list(train(rest, source, settings, tmp_path / "b", resume=True))
        silent = settings.with_given({"weak.weight": 0.0})
        list(train(without, source, silent, tmp_path / "c"))
    assert same_weights(whole, rest)
    assert not same_weights(whole, without)


@pytest.mark.usefixtures("shallow_resnets")
@pytest.mark.parametrize("name", ["fcos_resnet50_fpn", "fasterrcnn_mobilenet_v3_large_320_fpn"])
def test_torchvisions_detectors_learn_by_them(name: str) -> None:
    torch.manual_seed(0)
    detector = DETECTORS[name](("pedestrian",), {"working_height": 96})
    image = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), np.uint8)
    weak = Weak((Point(40, 31),))
    loss = weak_loss(detector, [Sample(image, (), FrameKey("v", 0), weak=weak)])
    loss.backward()
    assert float(loss.detach()) > 0


def test_samples_in_memory_are_told_apart_by_them() -> None:
    image = np.zeros((*SIZE, 3), np.uint8)
    plain, weak = (
        MemorySource([Sample(image, (), FrameKey("v", 0), weak=w)], CLASSES)
        for w in (None, Weak())
    )
    assert plain.identity() != weak.identity()
