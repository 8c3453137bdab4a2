"""Boxes that lie on the way between two key boxes of a track, by the frames' times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from framesift.boxes import Box
from framesift.labels import FrameKey
from framesift.project.records import StoredDrive
from framesift.tracking import interpolate

Seconds = Callable[[FrameKey], float]


def interpolated_boxes(
    drive: StoredDrive,
    a: FrameKey,
    b: FrameKey,
    keys: Mapping[FrameKey, Box],
    numbers: range,
    when: Seconds,
    track: int,
) -> Iterator[tuple[FrameKey, Box]]:
    """The boxes of the frames `numbers` of a drive, on the straight way from the key box of
    frame a to that of frame b; `when` gives a frame's time."""
    frames = [drive.key_of(number) for number in numbers]
    ends = np.array([when(a), when(b)])
    corners = np.array([(k.x1, k.y1, k.x2, k.y2) for k in (keys[a], keys[b])], np.float64)
    boxes = interpolate(ends, corners, np.array([when(frame) for frame in frames]))
    for frame, (x1, y1, x2, y2) in zip(frames, boxes.tolist(), strict=True):
        yield (
            frame,
            replace(keys[a], x1=x1, y1=y1, x2=x2, y2=y2, track=track, origin="interpolated"),
        )


def by_rate(drive: StoredDrive) -> Seconds:
    """When the frames of a drive are: by its times, or by their numbers where it has none."""
    clips = {clip.id: at for at, clip in enumerate(drive.clips)}

    def when(frame: FrameKey) -> float:
        seconds = drive.seconds_of(clips[frame.video], frame.frame)
        if seconds is None:
            return float(drive.frame_of(clips[frame.video], frame.frame))
        return seconds

    return when
