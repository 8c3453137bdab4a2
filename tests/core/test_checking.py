"""Label check: what a detector doubts, worst first; what was decided is not asked again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import framesift
from framesift.boxes import Box, Prediction
from framesift.cli import main
from framesift.errors import InputError
from framesift.evaluation import CheckSettings, disagreements
from framesift.labels import FrameKey, FrameLabels
from framesift.loop import Checked, check_labels
from framesift.loop.checking import kept, mended
from framesift.project import Project
from framesift.synth import drive, write_drive
from framesift.video import open_video

CLASSES = ("pedestrian", "car")
GROUND = Box(10, 10, 30, 50)


def predicted(*rows: tuple[float, ...]) -> Prediction:
    """Boxes (x1, y1, x2, y2, score, class)."""
    values = np.array(rows, np.float32).reshape(-1, 6)
    return Prediction(values[:, :4], values[:, 4], values[:, 5].astype(np.int64))


def kinds(prediction: Prediction, boxes: list[Box], **how: Any) -> list[tuple[str, float]]:
    check = disagreements(prediction, boxes, CLASSES, **how)
    return [(one.kind, round(one.severity, 4)) for one in check.disagreements]


def test_what_agrees_is_not_doubted() -> None:
    assert kinds(predicted((10, 10, 30, 50, 0.9, 0)), [GROUND]) == []
    # Unsure boxes at no label say nothing.
    assert kinds(predicted((60, 10, 80, 50, 0.4, 0)), []) == []
    # A second box of a labelled object says nothing against its label.
    twice = predicted((10, 10, 30, 50, 0.9, 0), (11, 10, 31, 50, 0.8, 0))
    assert kinds(twice, [GROUND]) == []


def test_each_kind_with_its_severity() -> None:
    assert kinds(predicted(), [GROUND]) == [("unmatched_label", 1.0)]
    # An unsure box at the place makes it less doubtful.
    assert kinds(predicted((10, 10, 30, 50, 0.3, 0)), [GROUND]) == [("unmatched_label", 0.7)]
    assert kinds(predicted((60, 10, 80, 50, 0.9, 0)), []) == [("unmatched_box", 0.9)]
    # Half of the box: IoU 0.5, and the score times the other half.
    half = predicted((10, 10, 30, 30, 0.8, 0))
    assert kinds(half, [GROUND]) == [("low_iou", 0.4)]
    assert kinds(half, [GROUND], settings=CheckSettings(low_iou=0.4)) == []
    # Where the detector's boxes could reach no more than that, it is as good as it gets.
    assert kinds(half, [GROUND], reach=np.array([0.5])) == []


def test_another_class_is_doubted_twice_and_sorted_by_severity() -> None:
    assert kinds(predicted((10, 10, 30, 50, 0.9, 1)), [GROUND]) == [
        ("unmatched_label", 1.0),
        ("unmatched_box", 0.9),
    ]


def test_ignore_regions_and_labels_out_of_reach_are_left_alone() -> None:
    region = Box(50, 0, 100, 60, ignore=True)
    assert kinds(predicted((60, 10, 80, 50, 0.9, 0)), [region]) == []
    check = disagreements(predicted(), [GROUND, region], CLASSES, reach=np.array([0.1, 1.0]))
    assert (check.disagreements, check.labels, check.out_of_reach) == ((), 0, 1)


class Seer:
    """A detector that finds what it was told, in every frame."""

    classes = ("pedestrian",)

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction

    def predict(self, frames: Any, threshold: float, flip: bool = False) -> list[Prediction]:
        return [self.prediction] * len(frames)

    def best_iou(self, boxes: Any, native: tuple[int, int]) -> Any:
        return np.ones(len(boxes))

    def identity(self) -> str:
        return "seer"


@pytest.fixture
def project(tmp_path: Path) -> Any:
    path = tmp_path / "drive.mp4"
    for _ in write_drive(drive(seed=2, frames=6, size=(64, 96)), path):
        pass
    with Project.create(tmp_path / "week") as made, open_video(path) as video:
        made.videos.add(video)
        made.labels.change({FrameKey("drive", 1): FrameLabels.of([GROUND])})
        made.labels.change({FrameKey("drive", 3): FrameLabels.of([])})
        yield made


def check(project: Project, prediction: Prediction, **how: Any) -> Checked:
    found = framesift.last(check_labels(project, Seer(prediction), **how), Checked)  # type: ignore[arg-type]
    assert isinstance(found, Checked)
    return found


def test_decided_doubts_are_journalled_and_not_asked_again(project: Project) -> None:
    elsewhere = predicted((60, 10, 80, 50, 0.9, 0))
    checked = check(project, elsewhere)
    assert [(d.key.frame, d.disagreement.kind) for d in checked.doubts] == [
        (1, "unmatched_label"),
        (1, "unmatched_box"),
        (3, "unmatched_box"),
    ]
    assert (checked.frames, checked.labels, checked.settled) == (2, 1, 0)
    for doubt in checked.doubts[:2]:
        project.labels.change({doubt.key: kept(project.labels.get(doubt.key), doubt)})
    after = check(project, elsewhere)
    assert [d.key.frame for d in after.doubts] == [3]
    assert after.settled == 2
    assert project.labels.get(FrameKey("drive", 1)).boxes == (GROUND,)
    project.journal.undo()
    assert check(project, elsewhere).settled == 1
    # Stored for good, and gone with the box.
    stored = project.labels.get(FrameKey("drive", 1))
    assert stored.upheld == {1}
    assert stored.without_boxes(1).upheld == frozenset()


def test_the_detectors_box_becomes_the_label(project: Project) -> None:
    near = check(project, predicted((10, 10, 30, 30, 0.9, 0)), part="training")
    loose, alone = near.doubts[1], near.doubts[0]
    assert (loose.disagreement.kind, alone.disagreement.kind) == ("low_iou", "unmatched_box")
    assert mended(project.labels.get(loose.key), loose).boxes == (Box(10, 10, 30, 30),)
    more = mended(project.labels.get(alone.key), alone)
    assert (more.state, more.boxes[0].origin) == ("labelled", "confirmed")


def test_the_measuring_set_apart(project: Project) -> None:
    with pytest.raises(InputError, match="of the measuring set is labelled"):
        check(project, predicted(), part="measuring")
    project.evaluation.sample(2)
    for key in project.evaluation.sampled():
        project.labels.change({key: FrameLabels.of([GROUND])})
    measured = check(project, predicted(), part="measuring")
    assert {doubt.key for doubt in measured.doubts} == {*project.evaluation.sampled()}
    assert all(doubt.measuring for doubt in measured.doubts)
    assert {
        doubt.key.frame for doubt in check(project, predicted(), part="training").doubts
    } == {1}


def test_the_command(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(project.folder)
    project.close()
    assert main(["check", folder, "--json", "--confidence", "0.9"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["frames"], told["labels"] + told["out_of_reach"]) == (2, 1)
    assert main(["check", folder, "--kind", "unmatched_label"]) == 0
    assert "2 frames" in capsys.readouterr().out
    assert main(["check", folder, "--count", "0"]) == 2
    assert main(["check", folder, "--part", "measuring"]) == 2
