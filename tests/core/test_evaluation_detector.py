"""Running a detector over pictures: batches, progress, memory, the filters' scale."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.evaluation import Evaluation, EvaluationSettings, evaluate
from framesift.evaluation.classes import unmeasured
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project
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


def test_classes_by_the_labels_names():
    class Person(Painted):
        classes = ("car", "person", "rider")

        def predict(self, frames, threshold=0.05, flip=False):
            return [
                replace(prediction, categories=np.full(len(prediction), 1, np.int64))
                for prediction in super().predict(frames, threshold, flip)
            ]

    _, plain = run(Person(), items(4))
    assert plain.classes == ("car", "person", "rider")
    assert plain.results[0].labels == 0
    _, result = run(
        Person(), items(4), class_map={"person": "pedestrian", "rider": "pedestrian"}
    )
    assert result.classes == ("car", "pedestrian")
    assert [r.labels for r in result.at(0.3)] == [0, 4]
    assert result.miss_rate(0.3) == run(Painted(), items(4))[1].miss_rate(0.3)
    with pytest.raises(InputError, match="no class “walker”; its classes are car, person"):
        run(Person(), items(4), class_map={"walker": "pedestrian"})


def test_lists_that_do_not_meet_are_told():
    labels = [[Box(0, 0, 9, 9, "pedestrian")], [Box(0, 0, 9, 9, "pedestrian")], []]
    with pytest.raises(
        InputError, match=r"finds person, car, and the labels are of pedestrian"
    ):
        unmeasured(("person", "car"), labels)
    assert unmeasured(("pedestrian",), labels) is None
    sentence = unmeasured(("person", "car"), [*labels, [Box(0, 0, 9, 9, "car")]])
    assert sentence is not None
    assert "2 labels of pedestrian are not measured" in sentence


def test_a_detector_with_other_names_is_measured_when_told(
    tmp_path, small_drive, small_detector, command
):
    folder = tmp_path / "project"
    command("init", folder, "--detector", small_detector, "--classes", "person")
    command("add", folder, small_drive, "--evaluation")
    with Project.open(folder) as project:
        key = FrameKey(project.videos.all("evaluation")[0].id, 3)
        project.labels.change({key: FrameLabels.of([Box(5, 5, 25, 60, "person")])})
    told = command("evaluate", folder, status=2)
    assert "finds pedestrian, and the labels are of person" in told
    assert "--map pedestrian=person" in told
    found = json.loads(command("evaluate", folder, "--json", "--map", "pedestrian=person"))
    assert [each["class"] for each in found["classes"]] == ["person"] * len(found["classes"])
    assert "no class “walker”" in command(
        "evaluate", folder, "--map", "walker=person", status=2
    )
