"""Running a detector over pictures: batches, progress, memory, the filters' scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.evaluation import Evaluation, EvaluationSettings, evaluate
from framesift.records import Notice, Progress


class FakeOutOfMemoryError(RuntimeError):
    pass


class Painted:
    """Finds the box whose left edge is painted in the picture's first pixel."""

    classes = ("pedestrian",)
    working_height = 480
    regresses_boxes = False

    def __init__(self, memory: int = 100) -> None:
        self.memory = memory
        self.batches: list[tuple[int, ...]] = []

    def predict(self, frames, threshold=0.05, flip=False):
        if len(frames) > self.memory:
            raise FakeOutOfMemoryError
        self.batches.append(frames.shape)
        return [
            Prediction(
                np.array([[x, 0, x + 40, 100]], np.float32),
                np.array([0.9], np.float32),
                np.zeros(1, np.int64),
            )
            for x in frames[:, 0, 0, 0].astype(float)
        ]

    def best_iou(self, boxes, native):
        return np.ones(len(boxes))

    def identity(self):
        return "painted"


@dataclass(frozen=True)
class Key:
    video: str
    frame: int


def items(count: int, shapes=((120, 160),)):
    for number in range(count):
        height, width = shapes[number % len(shapes)]
        image = np.zeros((height, width, 3), np.uint8)
        image[0, 0] = number % 90
        yield Key("v", number), image, [Box(number % 90, 0, number % 90 + 40, 100)]


OPTIONS = EvaluationSettings(resamples=20, batch=4)


def run(detector, *arguments, **more) -> tuple[list, Evaluation]:
    *records, last = evaluate(detector, *arguments, **more)
    assert isinstance(last, Evaluation)
    return records, last


def test_it_takes_batches_lazily_and_says_how_far_it_is():
    detector = Painted()
    asked = []

    def watched():
        for item in items(10):
            asked.append(item[0].frame)
            yield item

    stream = evaluate(detector, watched(), OPTIONS, total=10)
    assert isinstance(next(stream), Progress)
    assert asked == []
    record = next(stream)
    assert isinstance(record, Progress)
    assert (record.done, record.total) == (4, 10)
    assert asked == [0, 1, 2, 3]
    *_, last = stream
    assert isinstance(last, Evaluation)
    assert [shape[0] for shape in detector.batches] == [4, 4, 2]
    assert last.miss_rate() == 0.0
    assert last.keys[9] == ("v", 9)
    assert last.detector == "painted"
    assert last.headline == 0.3
    assert last.result().reachable == 1.0


def test_pictures_of_other_sizes_go_in_batches_of_their_own():
    detector = Painted()
    _, last = run(detector, items(6, ((120, 160), (120, 160), (130, 160))), OPTIONS)
    assert [shape[:2] for shape in detector.batches] == [(2, 120), (1, 130), (2, 120), (1, 130)]
    assert last.frames == 6


def test_short_memory_makes_smaller_batches():
    detector = Painted(memory=1)
    records, last = run(detector, items(5), OPTIONS)
    assert [shape[0] for shape in detector.batches] == [1] * 5
    assert [key[1] for key in last.keys] == list(range(5))
    assert sum(isinstance(record, Notice) for record in records) == 2
    with pytest.raises(FakeOutOfMemoryError):
        run(Painted(memory=0), items(2), OPTIONS)


def test_the_filters_scale_is_the_detectors():
    # 100 of 120 rows are 400 working pixels.
    _, last = run(Painted(), items(3), OPTIONS.with_(min_height=401.0))
    assert last.labels == 0
    assert last.settings.working_height == 480
    _, last = run(Painted(), items(3), OPTIONS.with_(min_height=401.0, working_height=600))
    assert last.labels == 3
    native = Painted()
    native.working_height = None
    assert run(native, items(3), OPTIONS.with_(min_height=100.0))[1].labels == 3
    assert run(native, items(3), OPTIONS.with_(min_height=101.0))[1].labels == 0


def test_detectors_that_regress_boxes_have_the_stricter_headline():
    detector = Painted()
    detector.regresses_boxes = True
    assert run(detector, items(2), OPTIONS)[1].headline == 0.5
    assert run(detector, items(2), OPTIONS.with_(headline_iou=0.3))[1].headline == 0.3
    assert run(detector, items(2), OPTIONS.with_(ious=(0.7,)))[1].headline == 0.7


def test_nothing_to_measure_on():
    with pytest.raises(InputError, match="no frame"):
        list(evaluate(Painted(), iter(()), OPTIONS))


def test_the_papers_detector_can_be_measured():
    from framesift.detectors import PaperDetector

    detector = PaperDetector(("pedestrian",), {"width": 0.1, "working_height": 96})
    options = EvaluationSettings.unfiltered().with_(batch=2, resamples=10)
    _, last = run(detector, items(3), options)
    assert last.frames == last.labels == 3
    assert last.detector == detector.identity()
    assert last.result(iou=0.3).reachable is not None
    assert last.settings.working_height == 96
