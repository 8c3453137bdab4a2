"""One object carried through the frames behind one that has its box, by what they show."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, corners_of
from framesift.errors import InputError
from framesift.labels import FrameKey, LabelGroup
from framesift.project import Project, StoredDrive, StoredTrack
from framesift.records import Progress, RateMeter, closing
from framesift.tracking import Followed, FollowSettings, Lost, follow, follow_between
from framesift.video.decode import stream

BETWEEN = 120
"""Frames between two key boxes that are followed from both: their pictures are held at once."""
Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Carried:
    """Boxes of a track that were followed, by frame, of the origin "tracked". `keys`: the key
    boxes that the track had; `lost`: why it goes no further, "" where it went as far as
    asked."""

    track: int
    boxes: Mapping[FrameKey, Box]
    keys: Mapping[FrameKey, Box]
    lost: str = ""


def carry_track(
    project: Project,
    track: int,
    key: FrameKey,
    *,
    frames: int = 30,
    settings: FollowSettings | None = None,
) -> Iterator[Progress | Carried]:
    """Follows a track's box from one frame through those behind it: up to the next key box,
    from both ends, where there is one; else until it is lost. Nothing is stored.

    Args:
        project: an open project.
        track: its id.
        key: the frame, in which the track has a box.
        frames: how far at most, 1 or more.
        settings: when a box counts as lost; None: the defaults.

    Yields:
        Progress, and last the Carried.

    Raises:
        InputError: the track has no box in the frame, the frame is the drive's last, or the
            box is too small to be followed.

    Example:
        >>> with framesift.Project.create("no-tracks") as bare:
        ...     next(carry_track(bare, 1, FrameKey("clip", 0)))
        Traceback (most recent call last):
        framesift.errors.InputError: ...
    """
    if frames < 1:
        raise InputError(f"A box cannot be carried {frames} frames; give a number from 1 up.")
    whole = project.tracks.get(track)
    box = whole.keys.get(key) or whole.derived.get(key)
    if box is None:
        raise InputError(
            f"Track {track} has no box in frame {key.frame} of {key.video}; place one there."
        )
    drive = project.videos.drive(project.videos.get(key.video).drive)
    start = drive.number_of(key)
    if start is None:
        raise InputError(f"{key.video} has no frame {key.frame}.")
    stop = min(len(drive), start + frames + 1)
    if stop - start < 2:
        raise InputError("There is no frame behind this one to carry a box to.")
    numbers, last = range(start, stop), None
    for number in range(start + 1, min(stop, start + BETWEEN + 2)):
        if (last := whole.keys.get(drive.key_of(number))) is not None:
            numbers = range(start, number + 1)
            break
    with closing(_pictures(project, drive, numbers)) as pictures:
        if last is None:
            steps = _followed(pictures, drive, numbers, box, whole, settings)
        else:
            steps = _between(pictures, drive, numbers, (box, last), whole, settings)
        yield from steps


def keep_carried(project: Project, carried: Carried) -> LabelGroup | None:
    """Stores the boxes that were followed, in place of derived ones of the track.

    Args:
        project: an open project, for writing.
        carried: what `carry_track` came to.

    Returns:
        The gesture that undo takes back; None when nothing changes by it.

    Raises:
        InputError: the track was changed while it was followed, so that its boxes are those
            of another way, or it is gone.

    Example:
        >>> with framesift.Project.create("no-tracks-yet") as bare:
        ...     keep_carried(bare, Carried(1, {}, {}))
        Traceback (most recent call last):
        framesift.errors.InputError: ...
    """
    if project.tracks.get(carried.track).keys != carried.keys:
        raise InputError(
            f"Track {carried.track} was corrected while it was followed, so the boxes found "
            "are not kept; follow it again."
        )
    return project.tracks.put_tracked(carried.track, carried.boxes)


def _pictures(
    project: Project, drive: StoredDrive, numbers: range
) -> Generator[Image, None, None]:
    keys = [drive.key_of(number) for number in numbers]
    for video, of_clip in groupby(keys, lambda key: key.video):
        of_video = [key.frame for key in of_clip]
        with (
            project.videos.open(video) as opened,
            closing(stream(opened, of_video)) as decoded,
        ):
            for frame in decoded:
                yield frame.image


def _followed(
    pictures: Iterator[Image],
    drive: StoredDrive,
    numbers: range,
    box: Box,
    track: StoredTrack,
    settings: FollowSettings | None,
) -> Iterator[Progress | Carried]:
    meter = RateMeter(len(numbers), "frames", "following")
    boxes: dict[FrameKey, Box] = {}
    lost = ""
    for record in follow(pictures, corners_of(box), settings):
        if isinstance(record, Followed) and record.step:
            boxes[drive.key_of(numbers[record.step])] = _tracked(box, record.box, track.id)
        elif isinstance(record, Lost):
            lost = record.reason
        yield meter.advance()
    yield Carried(track.id, boxes, track.keys, lost)


def _between(
    pictures: Iterator[Image],
    drive: StoredDrive,
    numbers: range,
    ends: tuple[Box, Box],
    track: StoredTrack,
    settings: FollowSettings | None,
) -> Iterator[Progress | Carried]:
    meter = RateMeter(len(numbers), "frames", "following")
    images: list[Image] = []
    for image in pictures:
        images.append(image)
        yield meter.advance()
    places = follow_between(images, corners_of(ends[0]), corners_of(ends[1]), settings)
    boxes = {
        drive.key_of(number): _tracked(ends[0], place, track.id)
        for number, place in list(zip(numbers, places, strict=True))[1:-1]
    }
    yield Carried(track.id, boxes, track.keys)


def _tracked(box: Box, corners: NDArray[np.float64], track: int) -> Box:
    x1, y1, x2, y2 = corners.tolist()
    return replace(box, x1=x1, y1=y1, x2=x2, y2=y2, track=track, origin="tracked")
