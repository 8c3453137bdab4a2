"""Whether a newly trained detector takes the place of the one in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arithmetic_detector import ArithmeticDetector
from tests.helpers.generators import returned

from framesift.boxes import Box, Prediction
from framesift.evaluation import EvaluationSettings
from framesift.loop import Trained, Verdict
from framesift.loop.adoption import compared
from framesift.loop.training import adopt
from framesift.project import Project
from framesift.training import Finished, TrainJob

Command = Callable[..., str]


class Finding(ArithmeticDetector):
    """Finds every label, or those of the frames whose number `misses` leaves over."""

    working_height = 120
    regresses_boxes = False

    def __init__(self, misses: int, classes: tuple[str, ...] = ("pedestrian",)) -> None:
        self.misses, self.classes = misses, classes

    def identity(self) -> str:
        return f"finds {self.misses}"

    def best_iou(self, boxes: Any, size: Any) -> Any:
        return np.ones(len(boxes))

    def predict(self, frames: Any, threshold: float, flip: bool) -> list[Prediction]:
        found = [int(frame[0, 0, 0]) % 4 >= self.misses for frame in frames]
        return [
            Prediction(
                np.array([[10, 10, 40, 110]], np.float32)[: int(here)],
                np.ones(int(here), np.float32),
                np.zeros(int(here), np.int64),
            )
            for here in found
        ]


def verdict(
    new: int, old: int, frames: int, classes: tuple[str, ...] = ("pedestrian",)
) -> Verdict:
    def items() -> Iterator[Any]:
        for number in range(frames):
            image = np.full((120, 160, 3), number, np.uint8)
            yield ("v", number), image, [Box(10, 10, 40, 110, classes[0])]

    settings = EvaluationSettings(resamples=0, coco=False)
    records: Any = compared(
        Finding(new, classes), Finding(old), items, frames, settings, "validation"
    )
    made: Verdict = returned(records)
    return made


def test_a_detector_that_misses_more_is_worse() -> None:
    worse = verdict(3, 1, 40)
    assert worse.worse
    assert (worse.before, worse.after, worse.objects) == (0.25, 0.75, 40)
    assert 0 < worse.low < 0.5 < worse.high
    assert "measurably worse" in worse.sentence()
    assert "Both are kept" in worse.sentence()


@pytest.mark.parametrize(("new", "old"), [(1, 3), (1, 1)])
def test_a_detector_that_does_not_is_adopted(new: int, old: int) -> None:
    made = verdict(new, old, 40)
    assert not made.worse
    assert made.where == "validation"
    assert "in use" in made.sentence()


def test_of_few_labels_nothing_is_claimed() -> None:
    assert verdict(4, 0, 20).worse
    made = verdict(4, 0, 19)
    assert made == Verdict()
    assert "not known" in made.sentence()


def test_detectors_without_a_class_in_common_are_not_compared() -> None:
    assert verdict(4, 0, 30, classes=("tram",)) == Verdict()


def trained(project: Project, folder: Path, checkpoint: Path, verdict: Verdict) -> Trained:
    job = TrainJob(str(checkpoint), folder / "set.json", folder)
    finished = Finished(checkpoint, checkpoint, None, 3, 3, 1.0, None, (), 1.0, False)
    *_, last = adopt(project, job, finished, 0)
    assert isinstance(last, Trained)
    assert last.verdict == verdict
    return last


def test_a_worse_detector_is_kept_beside_the_one_in_use(
    command: Command, small_detector: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Verdict("evaluation", "pedestrian", 30, 0.2, 0.6, 0.1, 0.5, True)
    told = {"verdict": Verdict()}

    def judged(*_: object) -> Any:
        yield from ()
        return told["verdict"]

    monkeypatch.setattr("framesift.loop.training.judged", judged)
    folder = tmp_path / "project"
    with Project.create(folder, detector=str(small_detector)) as project:
        first = trained(project, tmp_path, small_detector, Verdict())
        assert project.detector == str(first.checkpoint.path)
        told["verdict"] = bad
        second = trained(project, tmp_path, small_detector, bad)
        assert project.detector == str(first.checkpoint.path)
        assert [one.number for one in project.checkpoints.all()] == [1, 2]
        event = project.ledger.events(kind="training")[-1]
        assert event.data["verdict"]["worse"] is True
        assert event.data["checkpoint"] == second.checkpoint.path.name
    assert second.checkpoint.path.name in command("train", folder, "--use", 2)
    with Project.open(folder, readonly=True) as project:
        assert project.detector == str(second.checkpoint.path)
    assert "no detector" in command("train", folder, "--use", "nothing", status=2)
