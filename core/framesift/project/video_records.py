"""Videos as a project's table has them, and as files are opened for them."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.files.printable import path_of
from framesift.project.records import VideoRecord

if TYPE_CHECKING:
    from framesift.video import Video

COLUMNS = (
    "id, name, absolute, fingerprint, kind, stream, frames, fps, width, height, role, "
    "drive, place, added"
)
PRESENT_ID = "id NOT IN (SELECT video FROM removed_videos)"
"""What makes a query leave out the videos that were removed."""


class Opened(Protocol):
    """What has to be known of a video to add it; a framesift.video.Video knows it."""

    @property
    def path(self) -> Path: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def fps(self) -> float: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def times(self) -> NDArray[np.float64] | None: ...
    def __len__(self) -> int: ...


def record_of(row: tuple[Any, ...]) -> VideoRecord:
    """A row of COLUMNS."""
    (
        video,
        name,
        absolute,
        fingerprint,
        kind,
        stream,
        frames,
        fps,
        width,
        height,
        role,
        drive,
        place,
        added,
    ) = row
    return VideoRecord(
        video,
        name,
        Path(path_of(absolute)),
        fingerprint,
        kind,
        stream,
        frames,
        math.nan if fps is None else fps,
        width,
        height,
        role,
        drive,
        place,
        added,
    )


def slug(path: Path) -> str:
    """An id for a file: its name without what would be awkward in one."""
    stem = path.name if path.is_dir() else path.stem
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in stem) or "video"


def drive_keys(paths: Iterable[Path]) -> list[str]:
    """The keys that a new project gives drives with these first clips, in order."""
    keys: list[str] = []
    for path in paths:
        keys.append(free(slug(path), keys))
    return keys


def free(text: str, used: Container[str]) -> str:
    """The text, or that with the first number that is not used."""
    name, number = text, 1
    while name in used:
        number += 1
        name = f"{text}-{number}"
    return name


def open_as(record: VideoRecord, path: Path) -> Video:
    """Opens a file as the video that is remembered."""
    from framesift.video import open_stills, open_video

    if record.kind == "stills":
        return open_stills(path)
    if record.kind == "images":
        return open_video(path, fps=record.fps)
    opened = open_video(path, stream=record.stream)
    if record.times is None and opened.fps != record.fps:
        # Somebody said another rate than the file when it was added.
        opened.close()
        return open_video(path, stream=record.stream, fps=record.fps)
    return opened


def fingerprint_of(record: VideoRecord, path: Path) -> str | None:
    """The fingerprint of a file's content; None when it cannot be read as such a video."""
    try:
        with open_as(record, path) as video:
            return video.fingerprint
    except InputError:
        return None
