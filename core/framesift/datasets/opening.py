"""From what a reader finds to LabelledDataset: classes, order, checks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from framesift.boxes import Box
from framesift.datasets.base import LabelledClip, LabelledDataset, LabelledDrive
from framesift.datasets.classes import Roles
from framesift.datasets.labels import Labels
from framesift.datasets.request import Found, Reader, Request
from framesift.errors import InputError
from framesift.labels import CUT
from framesift.records import Notice, Progress, closing
from framesift.video import Stills, Video


class TakenLabels(Labels):
    """A data set's labels as they are taken: in our classes, cut at the picture's edge."""

    def __init__(self, labels: Labels, roles: Roles, video: Video) -> None:
        self._labels, self._roles, self._video = labels, roles, video

    def boxes(self, frame: int) -> tuple[Box, ...]:
        boxes = self._roles.apply(self._labels.boxes(frame))
        if not boxes:
            return ()
        video = self._video
        width, height = (
            video.size(frame) if isinstance(video, Stills) else (video.width, video.height)
        )
        return tuple(
            _cut(box, width, height)
            for box in boxes
            if min(box.x2, width) > max(box.x1, 0) and min(box.y2, height) > max(box.y1, 0)
        )

    def identity(self) -> str:
        text = repr(
            (
                self._labels.identity(),
                self._roles.classes,
                sorted(self._roles.counted.items()),
                sorted(self._roles.ignored.items()),
            )
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _cut(box: Box, width: int, height: int) -> Box:
    inside = box.clipped(width, height)
    lost = max(
        abs(box.x1 - inside.x1),
        abs(box.y1 - inside.y1),
        abs(box.x2 - inside.x2),
        abs(box.y2 - inside.y2),
    )
    return replace(inside, truncated=True) if lost > CUT else inside


def opening(
    reader: Reader,
    request: Request,
    *,
    classes: tuple[str, ...],
    class_map: Mapping[str, str] | None,
    ignore: Iterable[str] | None,
    every: int,
) -> Iterator[Progress | Notice | LabelledDataset]:
    """As `opening_dataset`, with the reader and what is asked of it."""
    if every < 1:
        raise InputError(f"Every {every}th frame is no rule; give 1 or more.")
    if not classes or len(set(classes)) < len(classes):
        raise InputError("Name the classes that count, each once.")
    if request.fps is not None and not (math.isfinite(request.fps) and request.fps > 0):
        raise InputError(f"{request.fps:g} is not a frame rate; give a number above 0.")
    clips: list[Found] = []
    warnings: list[str] = []
    whole = False
    try:
        with closing(reader.read(request)) as records:
            for record in records:
                if isinstance(record, Found):
                    clips.append(record)
                    continue
                if isinstance(record, Notice):
                    warnings.append(record.text)
                yield record
        if not clips:
            names = ", ".join(request.only) or "anything"
            raise InputError(f"Nothing in this footage is called {names}; check the names.")
        known = tuple(dict.fromkeys(name for clip in clips for name in clip.classes))
        roles = reader.table.roles(classes, class_map=class_map, ignore=ignore, known=known)
        dataset = _dataset(reader, request, clips, roles, every, warnings)
        whole = True
        yield dataset
    finally:
        if not whole:
            for clip in clips:
                clip.video.close()


def _dataset(
    reader: Reader,
    request: Request,
    clips: Sequence[Found],
    roles: Roles,
    every: int,
    warnings: list[str],
) -> LabelledDataset:
    drives: dict[str, list[LabelledClip]] = {}
    names: set[str] = set()
    for clip in clips:
        if clip.name in names:
            raise InputError(
                f"Two clips are called {clip.name}; open them as two footages, or rename one."
            )
        names.add(clip.name)
        warnings += (f"{clip.name}: {text}" for text in clip.video.warnings)
        labelled = (
            np.ones(len(clip.video), np.bool_)
            if clip.labelled is None
            else clip.labelled.copy()
        )
        labelled[np.arange(len(labelled)) % every != every - 1] = False
        labelled_clip = LabelledClip(
            clip.name, clip.video, TakenLabels(clip.labels, roles, clip.video), labelled
        )
        drives.setdefault(clip.drive or clip.name, []).append(labelled_clip)
    place = request.paths[0]
    name = Path(place).name if isinstance(place, (str, Path)) else reader.name
    return LabelledDataset(
        name if reader.name != "synthetic" else reader.name,
        reader.name,
        roles.classes,
        tuple(LabelledDrive(key, tuple(clips)) for key, clips in drives.items()),
        tuple(warnings),
    )
