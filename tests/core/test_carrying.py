"""One object carried through the frames of a project: forward until lost, or between keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

import framesift
from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.loop import Carried, carry_track
from framesift.project import Project
from framesift.video import open_video

KEY = Box(40, 20, 72, 68)
STEP = 2
"""Pixels that the picture moves to the left in a frame."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 frames of 128×96: a pattern that moves evenly to the left."""
    rng = np.random.default_rng(0)
    wide = rng.integers(0, 255, (12, 24, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    path = tmp_path_factory.mktemp("clip") / "moving.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for n in range(12):
            picture = np.ascontiguousarray(wide[:, n * STEP : n * STEP + 128])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def project(clip: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "week") as made, open_video(clip) as video:
        made.videos.add(video)
        yield made


def frame(number: int) -> FrameKey:
    return FrameKey("moving", number)


def carried(project: Project, track: int, number: int, frames: int = 30) -> Carried:
    result = framesift.last(carry_track(project, track, frame(number), frames=frames), Carried)
    assert isinstance(result, Carried)
    return result


def test_forward_until_asked_or_the_end(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(2), KEY)
    four = carried(project, track, 2, frames=4)
    assert list(four.boxes) == [frame(n) for n in (3, 4, 5, 6)]
    assert [box.x1 for box in four.boxes.values()] == pytest.approx([38, 36, 34, 32], abs=0.7)
    assert {(box.origin, box.track) for box in four.boxes.values()} == {("tracked", track)}
    project.tracks.put_tracked(track, four.boxes)
    # Nothing is a label, and one goes on from a followed box as from any other.
    assert project.labels.get(frame(6)).state == "unseen"
    assert list(carried(project, track, 6).boxes) == [frame(n) for n in range(7, 12)]


def test_between_two_keys_it_ends_at_the_second(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(2), KEY)
    project.tracks.put_key(track, frame(6), Box(32, 20, 64, 68))
    between = carried(project, track, 2)
    assert list(between.boxes) == [frame(n) for n in (3, 4, 5)]
    assert [box.x1 for box in between.boxes.values()] == pytest.approx([38, 36, 34], abs=0.7)


def test_what_cannot_be_carried_is_said(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(11), KEY)
    with pytest.raises(InputError, match="no frame behind"):
        carried(project, track, 11)
    with pytest.raises(InputError, match="has no box in frame 3"):
        carried(project, track, 3)
    with pytest.raises(InputError, match="from 1 up"):
        carried(project, track, 11, frames=0)
