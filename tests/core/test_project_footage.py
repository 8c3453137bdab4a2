"""A project with pictures on the disk: opened where they lie now, compared with what was
labelled."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels, picture_hash
from framesift.project import (
    Mismatch,
    Project,
    check_pictures,
    fill_pictures,
    training_set,
)
from framesift.records import Progress
from framesift.video import open_stills, open_video

FRAMES = 8


def picture(number: int, shade: int = 0) -> np.ndarray:
    image = np.full((48, 64, 3), shade, np.uint8)
    image[:, : 8 * (number + 1)] = 200
    return image


def numbered(folder: Path, frames: int = FRAMES, shade: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(frames):
        cv2.imwrite(str(folder / f"{number:04d}.png"), picture(number, shade))
    return folder


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))


def add(project: Project, folder: Path) -> str:
    with open_video(folder, fps=10.0) as video:
        return project.videos.add(video).id


def test_footage_opens_where_it_lies_now(tmp_path: Path) -> None:
    numbered(tmp_path / "all" / "drive")
    with Project.create(tmp_path / "all" / "project") as project:
        video = add(project, tmp_path / "all" / "drive")
        record = project.videos.get(video)
        assert (record.kind, record.frames, record.fps) == ("images", FRAMES, 10.0)
        with project.videos.open(video) as opened:
            assert (len(opened), opened.fps) == (FRAMES, 10.0)
    (tmp_path / "all").rename(tmp_path / "moved")
    with Project.open(tmp_path / "moved" / "project") as project:
        with project.videos.open(video) as opened:
            assert np.array_equal(opened[3], picture(3))
        shutil.move(tmp_path / "moved" / "drive", tmp_path / "far")
        with pytest.raises(InputError, match="drive is not at"):
            project.videos.open(video)
        with pytest.raises(InputError, match="is not drive"):
            project.videos.relink(video, numbered(tmp_path / "other", shade=9))
        project.videos.relink(video, tmp_path / "far")
        project.videos.open(video).close()
        (tmp_path / "far" / "0007.png").unlink()
        with pytest.raises(InputError, match="no longer the video that was added"):
            project.videos.open(video)


def test_stills_are_kept_as_stills(tmp_path: Path) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    for name, size in (("cat", (30, 40)), ("dog", (50, 60))):
        cv2.imwrite(str(folder / f"{name}.png"), np.zeros((*size, 3), np.uint8))
    with Project.create(tmp_path / "project") as project:
        with open_stills(folder) as stills:
            video = project.videos.add(stills).id
        with project.videos.open(video) as opened:
            assert opened.kind == "stills"
        [drive] = project.videos.drives()
        assert drive.seconds_of(0, 1) is None
        project.labels.change(
            {FrameKey(video, n): FrameLabels.of([Box(1, 1, 9, 9)]) for n in range(2)}
        )
        list(fill_pictures(project))
        found = project.labels.pictures.all()
        assert [(p.width, p.height, p.timestamp) for p in found.values()] == [
            (40, 30, None),
            (60, 50, None),
        ]
        assert [(e.width, e.height) for e in training_set(project).entries] == [
            (40, 30),
            (60, 50),
        ]


def test_pictures_are_tied_after_an_import_and_compared_later(tmp_path: Path) -> None:
    with Project.create(tmp_path / "project") as project:
        videos = [
            add(project, numbered(tmp_path / name, shade=shade))
            for name, shade in (("one", 0), ("two", 1))
        ]
        keys = [FrameKey(video, n) for video in videos for n in (1, 5)]
        project.labels.change({key: FrameLabels("nothing") for key in keys})
        assert project.labels.pictures.missing() == tuple(keys)
        progress = list(fill_pictures(project))
        assert progress[-1].done == progress[-1].total == 4
        assert project.labels.pictures.missing() == ()
        expected = picture_hash(picture(5, 1))
        found = project.labels.pictures.get(FrameKey("two", 5))
        assert found is not None
        assert (found.hash, found.width, found.height) == (expected, 64, 48)
        assert all(isinstance(one, Progress) for one in check_pictures(project))

        project.labels.pictures.rebind({FrameKey("one", 1): found})
        wrong = [one for one in check_pictures(project) if isinstance(one, Mismatch)]
        assert [one.key for one in wrong] == [FrameKey("one", 1)]
        assert wrong[0].now == picture_hash(picture(1, 0))
        assert not [
            one
            for one in check_pictures(project, [FrameKey("two", 1)])
            if isinstance(one, Mismatch)
        ]


def test_filling_in_pictures_can_be_interrupted(tmp_path: Path) -> None:
    with Project.create(tmp_path / "project") as project:
        video = add(project, numbered(tmp_path / "drive"))
        project.labels.change(
            {FrameKey(video, n): FrameLabels("nothing") for n in range(FRAMES)}
        )
        filling = fill_pictures(project)
        while next(filling).done < 3:
            pass
        filling.close()
        assert 3 <= len(project.labels.pictures.all()) < FRAMES
        list(fill_pictures(project))
        assert len(project.labels.pictures.all()) == FRAMES
