"""Weak labels through the real command: import points, train with and without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from unlabelled_footage import drive

from framesift.boxes import Box
from framesift.labels import UNSEEN, FrameKey, FrameLabels, Point, with_points
from framesift.project import Project
from framesift.training.data import TrainingSet

Command = Callable[..., str]
SHORT = ("--epochs", 1, "--batch", 2, "--min-height", 8, "--threads", 1, "--replay", 0)


@pytest.mark.usefixtures("trained_here")
def test_points_train_where_they_are_asked_for(
    tmp_path: Path, command: Command, make_detector: Callable[..., Path]
) -> None:
    project = tmp_path / "p"
    detector = make_detector(tmp_path / "first.safetensors", width=0.125, height=64)
    command("init", project, "--classes", "pedestrian", "--detector", detector)
    command("add", project, drive(tmp_path, 8) / "v")
    with Project.open(project) as opened:
        video = opened.videos.all()[0].id
        opened.labels.change(
            {
                FrameKey(video, 2): FrameLabels.of([Box(56, 16, 72, 48)]),
                FrameKey(video, 5): with_points(UNSEEN, [Point(58, 32)], every=True),
                # Begun and not called done: its box counts, its rest takes no loss.
                FrameKey(video, 6): UNSEEN.with_boxes(Box(48, 16, 64, 48)).started(UNSEEN),
            }
        )
        assert opened.split.weakly() == (FrameKey(video, 5), FrameKey(video, 6))
    command("train", project, *SHORT)
    run = project / "training" / "cycle-000"
    [entry] = TrainingSet.load(run / "training-set.json").entries
    assert entry.key.frame == 2
    command("train", project, *SHORT, "--weak-labels")
    entries = TrainingSet.load(run / "training-set.json").entries
    weak = {entry.key.frame: entry.weak for entry in entries}
    assert sorted(weak) == [2, 5, 6]
    assert weak[2] is None
    assert weak[5] is not None
    assert weak[5].points == (Point(58, 32),)
    assert weak[6] is not None
    assert not weak[6]
    # A frame that somebody calls done is labelled like any other.
    with Project.open(project) as opened:
        labels = opened.labels.get(FrameKey(video, 6))
        opened.labels.change({FrameKey(video, 6): labels.done()})
        assert opened.split.weakly() == (FrameKey(video, 5),)
