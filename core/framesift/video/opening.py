"""Opens what the user names: a video file, a Norpix sequence, a folder of numbered pictures,
a folder of stills."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.records import Progress
from framesift.video.base import Video
from framesift.video.file import index_file
from framesift.video.images import index_images
from framesift.video.seq import index_seq, is_seq
from framesift.video.settings import FASTEST

FOLDER_FPS = 30.0
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Indexed:
    """The end of indexing: the open video."""

    video: Video


def index_video(
    path: str | PathLike[str], *, stream: int | None = None, fps: float | None = None
) -> Iterator[Progress | Indexed]:
    """Opens a video as `open_video` does, and tells how far it has come: a long file is indexed
    when it is opened for the first time. Later openings use the cache.

    Args:
        path: a video file, a Norpix sequence, or a folder of pictures.
        stream: the container's index of a video stream; None: FFmpeg's best one.
        fps: frames per second, > 0, at which the frames are timed evenly; None: as the file
            states, 30 for numbered pictures.

    Yields:
        Progress while the file is indexed, and last Indexed, which holds the video.

    Raises:
        InputError: there is nothing to see, the file has no such stream, or `fps` is no rate.

    Example:
        >>> with framesift.last(index_video("clip.mp4"), Indexed).video as opened:
        ...     len(opened)
        12
    """
    place = _place(path)
    if fps is not None and not _is_rate(fps):
        raise InputError(f"{fps!r} is not a frame rate; give a number from 0 to {FASTEST}.")
    video: Video
    if place.is_dir():
        if stream is not None:
            raise InputError(f"{place} is a folder; only files have streams to choose from.")
        video = yield from index_images(place, FOLDER_FPS if fps is None else fps)
    elif is_seq(place):
        if stream is not None:
            raise InputError(
                f"{place} is a sequence of pictures; it has no streams to choose from."
            )
        video = yield from index_seq(place, fps)
    else:
        video = yield from index_file(place, stream, fps)
    yield Indexed(video)


def open_video(
    path: str | PathLike[str], *, stream: int | None = None, fps: float | None = None
) -> Video:
    """Opens a video file or Norpix sequence, or a folder of pictures: numbered ones as a video,
    others as Stills.

    Args:
        path: the file or the folder.
        stream: the container's index of a video stream; None: FFmpeg's best one.
        fps: frames per second, > 0, at which the frames are timed evenly, whatever the file
            states; None: as the file states, 30 for numbered pictures.

    Returns:
        A Video, open: index and slice it for uint8 H×W×3 (RGB); `with` closes it.

    Raises:
        InputError: there is nothing to see, the file has no such stream, or `fps` is no rate.

    Example:
        >>> with open_video("clip.mp4") as opened:
        ...     opened[0:4].shape
        (4, 96, 128, 3)
    """
    for record in index_video(path, stream=stream, fps=fps):
        if isinstance(record, Indexed):
            return record.video
    raise AssertionError("indexing ends with a video")


def _place(path: Any) -> Path:
    """The path that somebody gave. Raises InputError for what is none."""
    if not isinstance(path, str | PathLike):
        raise InputError(
            "Give the path of a video file or of a folder of pictures, one at a time, not a "
            f"value of type {type(path).__name__}."
        )
    text = fspath(path)
    if not text:
        raise InputError("No path is given; give a video file or a folder of pictures.")
    place = Path(text)
    if _ADDRESS.match(str(text)):
        raise InputError(
            f"{text} does not exist here: it is an address; download the file, and give "
            "its path."
        )
    if str(text).startswith("~") and not place.exists():
        raise InputError(
            f"{text} does not exist; write the folder out, or give Path.expanduser()."
        )
    return place


def _is_rate(fps: Any) -> bool:
    return isinstance(fps, int | float) and math.isfinite(fps) and 0 < fps <= FASTEST
