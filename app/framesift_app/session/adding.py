"""Bringing videos into a project, one after the other; those that cannot be read are named."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.errors import FramesiftError
from framesift.project import Project
from framesift.records import Notice, Progress
from framesift.video.settings import VideoSettings

if TYPE_CHECKING:
    from framesift.video import Choices, Video

AS_STATED = VideoSettings()
VIDEOS = frozenset(
    [
        "mp4",
        "m4v",
        "mov",
        "mkv",
        "webm",
        "avi",
        "ts",
        "mts",
        "m2ts",
        "mpg",
        "mpeg",
        "seq",
        "wmv",
        "flv",
        "3gp",
        "ogv",
        "h264",
        "hevc",
    ]
)
"""Endings of what counts as a video inside a folder."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A path that could not be added; the others go on."""

    path: Path
    error: BaseException


def expanded(paths: Sequence[Path]) -> list[Path]:
    """The videos of folders that hold some, instead of the folders."""
    videos: list[Path] = []
    for path in paths:
        inside = (
            sorted(p for p in path.iterdir() if p.suffix[1:].lower() in VIDEOS)
            if path.is_dir()
            else []
        )
        videos += inside or [path]
    return videos


def open_choices(paths: Sequence[Path]) -> list[Choices]:
    """Of these paths those of which somebody may have to say how they are read."""
    from framesift.video import choices

    every = []
    for path in expanded(paths):
        # What cannot be opened is named when it is added.
        with contextlib.suppress(FramesiftError, OSError):
            every.append(choices(path))
    return [each for each in every if each]


def adding(
    project: Project, paths: Sequence[Path], role: Any, reading: VideoSettings = AS_STATED
) -> Iterator[Any]:
    """Opens paths, read as `reading` says (Progress while long ones are indexed), joins clips,
    adds drives."""
    from framesift.video import join_drives

    with contextlib.ExitStack() as stack:
        videos: list[Video] = []
        every = expanded(paths)
        for number, path in enumerate(every):
            yield Progress(number, len(every), "videos", stage=path.name)
            yield from _indexing(path, reading, videos, stack)
        yield from (
            Notice(f"{video.name}: {text}") for video in videos for text in video.warnings
        )
        for drive in join_drives(videos) if videos else ():
            try:
                project.videos.add_drive(drive.clips, role=role)
            except FramesiftError as error:
                yield Refused(drive.clips[0].path, error)
            yield Progress(len(every), len(every), "videos")


def _indexing(
    path: Path, reading: VideoSettings, videos: list[Video], stack: contextlib.ExitStack
) -> Iterator[Any]:
    from framesift.video.opening import Indexed, index_video

    try:
        for record in index_video(path, stream=reading.stream, fps=reading.fps):
            if isinstance(record, Indexed):
                stack.callback(record.video.close)
                videos.append(record.video)
            else:
                yield record
    except FramesiftError as error:
        yield Refused(path, error)
