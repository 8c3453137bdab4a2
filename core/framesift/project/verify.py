"""Whether labelled frames still show the pictures that were labelled."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from framesift.labels import FrameKey, Picture, picture_hash
from framesift.project.missing import missing_videos
from framesift.project.pictures import Mismatch
from framesift.records import Progress, RateMeter, closing

if TYPE_CHECKING:
    from framesift.project.project import Project

_COMMIT_S = 2.0


def check_pictures(
    project: Project, keys: Iterable[FrameKey] | None = None
) -> Iterator[Progress | Mismatch]:
    """Decodes labelled frames and tells those whose picture is another now.

    Args:
        project: an open project.
        keys: the frames; None: all with a known picture.

    Yields:
        A Mismatch for each that differs, Progress in between.

    Raises:
        InputError: a video is gone or changed.

    Example:
        >>> [record for record in framesift.drain(check_pictures(project))]
        []
    """
    known = project.labels.pictures.all()
    checked = known if keys is None else [key for key in keys if key in known]
    for done in _decoded(project, checked, "checking pictures"):
        if isinstance(done, Progress):
            yield done
            continue
        key, picture = done
        if picture.hash != known[key].hash:
            yield Mismatch(key, known[key], picture.hash)


def fill_pictures(project: Project) -> Iterator[Progress]:
    """Decodes the labelled frames whose picture is not known yet (after an import) and ties
    them to it; those of videos that are not there now are left out. What is done stays done
    when it is interrupted.

    Args:
        project: a project open for writing.

    Yields:
        Progress.

    Example:
        >>> framesift.last(fill_pictures(project)) is None
        True
    """
    waiting: dict[FrameKey, Picture] = {}
    last = time.monotonic()
    try:
        for done in _decoded(project, _readable(project), "reading pictures"):
            if isinstance(done, Progress):
                yield done
            else:
                waiting[done[0]] = done[1]
            if time.monotonic() - last > _COMMIT_S:
                project.labels.pictures.put(waiting)
                waiting, last = {}, time.monotonic()
    finally:
        project.labels.pictures.put(waiting)


def _readable(project: Project) -> list[FrameKey]:
    """The frames without a known picture whose videos are there."""
    videos = project.videos.all()
    there = {video.id for video in videos} - missing_videos(project.videos, videos).keys()
    return [key for key in project.labels.pictures.missing() if key.video in there]


def _decoded(
    project: Project, keys: Iterable[FrameKey], stage: str
) -> Iterator[Progress | tuple[FrameKey, Picture]]:
    from framesift.video.decode import stream

    by_video: dict[str, list[int]] = {}
    for key in sorted(keys):
        by_video.setdefault(key.video, []).append(key.frame)
    meter = RateMeter(sum(map(len, by_video.values())), "frames", stage)
    yield meter.progress()
    for video, numbers in by_video.items():
        with project.videos.open(video) as opened, closing(stream(opened, numbers)) as frames:
            for frame in frames:
                height, width = frame.image.shape[:2]
                yield (
                    FrameKey(video, frame.number),
                    Picture(picture_hash(frame.image), width, height, frame.timestamp),
                )
                yield meter.advance()
