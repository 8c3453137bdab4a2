"""Videos that are not there now: lost, overwritten by the camera, changed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project.records import VideoRecord
from framesift.video import Frame, FrameIndex, Video

if TYPE_CHECKING:
    from framesift.project.videos import Videos


def missing_videos(videos: Videos, records: Iterable[VideoRecord]) -> dict[str, str]:
    """Of these videos those whose file is gone or another now: a sentence by id."""
    missing = {}
    for record in records:
        try:
            videos.locate(record.id)
        except InputError as error:
            missing[record.id] = str(error)
    return missing


def unwanted_frames(
    videos: Videos, records: Iterable[VideoRecord], missing: set[str], damaged: bool
) -> set[FrameKey]:
    """The frames of missing videos, and unless `damaged` those known as damaged."""
    unwanted: set[FrameKey] = set()
    for record in records:
        if record.id in missing:
            unwanted |= {FrameKey(record.id, frame) for frame in range(record.frames)}
        elif not damaged:
            known = videos.facts.damaged(record.id)
            unwanted |= {FrameKey(record.id, frame) for frame in known}
    return unwanted


def open_or_stand_in(videos: Videos, record: VideoRecord, stack: ExitStack) -> Video:
    """The video, opened on `stack`; where it is not there now, one that has its length, size
    and times, and no picture."""
    try:
        return stack.enter_context(videos.open(record.id))
    except InputError:
        return StandIn(record)


class StandIn(Video):
    """What a project remembers of a video that is not there: everything but its frames."""

    def __init__(self, record: VideoRecord) -> None:
        self._record = record
        self.path, self.fingerprint = record.path, record.fingerprint
        self.kind, self.width, self.height = record.kind, record.width, record.height
        self.index = (
            FrameIndex.untimed(record.frames)
            if math.isnan(record.fps)
            else FrameIndex.regular(record.frames, record.fps)
        )

    def frame(self, number: int) -> Frame:
        raise InputError(f"{self.path} is not there any more, so its frames cannot be shown.")

    def fork(self) -> Self:
        return type(self)(self._record)
