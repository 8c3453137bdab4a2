"""Drives written to files: the video decodes to the drawn frames, the labels are COCO."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from framesift.errors import InputError
from framesift.synth import drive, labels_path, write_drive
from framesift.video import open_video


def test_a_written_drive_reads_back(tmp_path: Path) -> None:
    footage = drive(seed=6, frames=24, size=(240, 320), scenario="busy")
    path = tmp_path / "drive.mp4"
    records = list(write_drive(footage, path))
    assert [r.done for r in records] == list(range(1, 25))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["drive.coco.json", "drive.mp4"]
    with open_video(path) as video:
        assert len(video) == 24
        assert video.fps == pytest.approx(30)
        for number in (0, 11, 23):
            assert np.abs(video[number].astype(int) - footage[number]).mean() < 6
    coco = json.loads(labels_path(path).read_text())
    assert [c["name"] for c in coco["categories"]] == ["pedestrian"]
    assert [i["frame_index"] for i in coco["images"]] == list(range(24))
    for image in coco["images"]:
        written = [
            (a["bbox"], a["iscrowd"])
            for a in coco["annotations"]
            if a["image_id"] == image["id"]
        ]
        drawn = [
            ([b.x1, b.y1, b.width, b.height], int(b.ignore))
            for b in footage.labels(image["frame_index"])
        ]
        assert len(written) == len(drawn)
        for (bbox, crowd), (expected, ignore) in zip(written, drawn, strict=True):
            assert bbox == pytest.approx(expected, abs=1e-3)
            assert crowd == ignore


def test_a_part_of_a_drive_counts_from_zero(tmp_path: Path) -> None:
    footage = drive(seed=6, frames=24, size=(240, 320), scenario="busy")
    path = tmp_path / "rest.mp4"
    assert len(list(write_drive(footage, path, start=20))) == 4
    with open_video(path) as video:
        assert len(video) == 4
        assert np.abs(video[1].astype(int) - footage[21]).mean() < 6
    coco = json.loads(labels_path(path).read_text())
    assert [i["frame_index"] for i in coco["images"]] == [0, 1, 2, 3]
    counts = [sum(a["image_id"] == i for a in coco["annotations"]) for i in range(4)]
    assert counts == [len(footage.labels(number)) for number in range(20, 24)]
    with pytest.raises(InputError, match="none of them is asked for"):
        next(write_drive(footage, path, start=24))


def test_stopping_leaves_nothing_behind(tmp_path: Path) -> None:
    writing = write_drive(drive(seed=1, frames=30, size=(128, 160)), tmp_path / "a.mp4")
    next(writing)
    writing.close()
    assert list(tmp_path.iterdir()) == []


def test_unusable_names_and_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        next(write_drive(drive(frames=1, size=(64, 64)), tmp_path / "a.avi"))
    with pytest.raises(InputError):
        next(write_drive(drive(frames=1, size=(65, 65)), tmp_path / "a.mp4"))
