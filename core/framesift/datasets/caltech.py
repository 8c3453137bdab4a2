"""The Caltech Pedestrian data set: setXX/VYYY.seq with annotations/setXX/VYYY.vbb."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from framesift.datasets.classes import ClassTable
from framesift.datasets.labels import TableLabels
from framesift.datasets.request import Found, Reader, Request
from framesift.datasets.vbb import read_vbb
from framesift.errors import InputError
from framesift.formats.files import walk
from framesift.records import Notice, Progress, RateMeter
from framesift.video.seq import index_seq

_CLIP = re.compile(r"(?:^|/)(set\d\d)/(V\d\d\d)\.(seq|vbb)$", re.IGNORECASE | re.ASCII)
_SETS = [f"set{number:02d}" for number in range(11)]
_PARTS = {
    "train": frozenset(_SETS[:6]),
    "test": frozenset(_SETS[6:]),
    **{name: frozenset((name,)) for name in _SETS},
}


class Caltech(Reader):
    name = "caltech"
    title = "Caltech Pedestrian"
    table = ClassTable(
        {"person": "pedestrian"}, {"pedestrian": ("people", "person?", "ignore")}
    )
    splits: ClassVar[Mapping[str, str]] = {
        "train": "set00 to set05",
        "test": "set06 to set10",
        **dict.fromkeys(_SETS, "one set"),
    }

    def read(self, request: Request) -> Iterator[Progress | Notice | Found]:
        split = self.split_of(request)
        roots = request.folders()
        videos = _files([request.pictures] if request.pictures else roots, "seq")
        labels = _files(roots, "vbb")
        if split is not None:
            videos = {
                name: path
                for name, path in videos.items()
                if name.partition("/")[0] in _PARTS[split]
            }
        if not videos:
            part = f" of the part “{split}”" if split else ""
            raise InputError(
                f"{roots[0]} holds no setXX/VYYY.seq{part}; give the folder of "
                "the Caltech Pedestrian data set."
            )
        without = [name for name in videos if name not in labels]
        if len(without) == len(videos):
            raise InputError(
                f"{roots[0]} holds no annotations/setXX/VYYY.vbb for its videos; "
                "unpack the annotations beside them."
            )
        if without:
            yield Notice(
                f"{len(without)} of {len(videos)} clips have no annotations and are "
                f"left out, the first is {without[0]}."
            )
        requested = [name for name in videos if name in labels and request.wants(name)]
        meter = RateMeter(len(requested), "clips", "opening footage")
        for name in requested:
            yield meter.progress()
            yield from _clip(name, videos[name], labels[name])
            meter.advance()


def _files(roots: list[Path] | tuple[Path, ...], suffix: str) -> dict[str, Path]:
    """The files of a kind by clip (set00/V000), in order."""
    files: dict[str, Path] = {}
    for root in roots:
        folder = root if root.is_dir() else root.parent
        names = walk(root) if root.is_dir() else [root.name]
        for name in names:
            match = _CLIP.search(f"{folder.resolve().name}/{name}")
            if match is None or match[3].lower() != suffix:
                continue
            clip = f"{match[1].lower()}/{match[2].upper()}"
            if clip in files:
                raise InputError(
                    f"Both {files[clip]} and {folder / name} are {clip}; give the "
                    "folder of one copy."
                )
            files[clip] = folder / name
    return dict(sorted(files.items()))


def _clip(name: str, path: Path, annotations: Path) -> Iterator[Progress | Notice | Found]:
    labels = read_vbb(annotations)
    video = yield from index_seq(path)
    if labels.frames > len(video):
        yield Notice(
            f"{name} has annotations of {labels.frames} frames and pictures of "
            f"{len(video)}; the last ones are left out."
        )
    labelled = np.arange(len(video)) < labels.frames
    yield Found(
        name,
        video,
        TableLabels(
            {frame: boxes for frame, boxes in labels.boxes.items() if frame < len(video)}
        ),
        labelled,
    )
