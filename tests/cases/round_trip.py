"""Labelled drives through every format and back: `python tests/cases/round_trip.py FOLDER
VIDEO LABELS [VIDEO LABELS …]`.

All drives are put into one project with their labels and a track each, exported in each format,
and imported into an empty project of the same drives: a line each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from framesift.boxes import Box
from framesift.cli import main as framesift
from framesift.formats import FORMATS, Capability, read
from framesift.formats.differences import same_box
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project

KEYS = (0, 7, 20)
"""Frames of a track's key boxes; between them it is interpolated."""


def project(folder: Path, videos: list[str], classes: tuple[str, ...]) -> None:
    """An empty project of these drives."""
    assert framesift(["init", str(folder), "--classes", *classes]) == 0
    for video in videos:
        assert framesift(["add", str(folder), video]) == 0


def label(folder: Path, files: dict[str, str]) -> None:
    """Brings the labels of each video in, and puts a track beside them."""
    for video, labels in files.items():
        words = ["labels", "import", str(folder), labels, "--video", Path(video).name]
        assert framesift([*words, "--by-order"]) == 0
    with Project.open(folder) as opened:
        for video in opened.videos.all():
            [track] = opened.tracks.new()
            for frame in KEYS:
                box = Box(20 + frame, 30.25, 60 + frame, 120, "car", occluded=True)
                opened.tracks.put_key(track, FrameKey(video.id, frame), box)


def compare(before: Path, after: Path, name: str) -> str:
    """What differs of the labels of two projects of the same videos, as far as a format can
    say them."""
    able = FORMATS[name].capability
    same = missing = other = extra = 0
    with Project.open(before, readonly=True) as a, Project.open(after, readonly=True) as b:
        theirs = b.labels.all()
        for key, labels in a.labels.all().items():
            there = theirs.pop(key, FrameLabels())
            due = _held(
                (
                    *labels.boxes,
                    *(labels.derived if able.origins and labels.state != "nothing" else ()),
                ),
                able,
            )
            got = _held((*there.boxes, *there.derived), able)
            if not due and labels.boxes:
                continue
            if not due and not (labels.trains and able.nothing):
                extra += bool(got)
                continue
            missing += not got and bool(due)
            same += sum(any(_same(x, y, able) for y in got) for x in due)
            other += sum(not any(_same(x, y, able) for y in got) for x in due)
        extra += len(theirs)
    return f"{same} boxes the same, {other} not, {missing} frames without, {extra} too many"


def _same(a: Box, b: Box, able: Capability) -> bool:
    """Whether two boxes are the same as far as a format can say; ids of tracks are anew."""
    a, b = replace(a, track=None), replace(b, track=None)
    if not able.origins:
        a, b = replace(a, origin="person"), replace(b, origin="person")
    if not able.occluded:
        a, b = replace(a, occluded=False), replace(b, occluded=False)
    if not able.truncated:
        a, b = replace(a, truncated=False), replace(b, truncated=False)
    if able.whole_pixels:
        moved = (a.x1 - b.x1, a.y1 - b.y1, a.x2 - b.x2, a.y2 - b.y2)
        return a.category == b.category and max(map(abs, moved)) <= 1
    return same_box(a, b)


def _held(boxes: Iterable[Box], able: Capability) -> list[Box]:
    """Without ignore regions, where a format has none, or none with a class."""
    return [box for box in boxes if able.ignore == "class" or not box.ignore]


def main(folder: Path, pairs: list[str]) -> int:
    files = dict(zip(pairs[::2], pairs[1::2], strict=True))
    classes = tuple(
        dict.fromkeys(name for labels in files.values() for name in read(labels).classes)
    )
    first, wrong = folder / "first", 0
    project(first, [*files], classes)
    label(first, files)
    for name in FORMATS:
        out, again = folder / f"out-{name}", folder / f"again-{name}"
        words = ["labels", "export", str(first), "--format", name, "--out", str(out)]
        assert framesift(words) == 0
        project(again, [*files], classes)
        assert framesift(["labels", "import", str(again), str(out)]) == 0
        found = compare(first, again, name)
        wrong += ", 0 not, 0 frames without, 0 too many" not in found
        sys.stdout.write(f"RESULT {name}: {found}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
