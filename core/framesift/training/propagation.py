"""Boxes of labelled frames carried into the frames around them, as further things to learn.

They are made for a run and kept nowhere: they are no labels, and no person sees them as such.
What surrounds them in their frames takes no loss, since nobody has looked there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, corners_of
from framesift.errors import InputError
from framesift.records import Notice, Progress, RateMeter
from framesift.tracking import Followed, FollowSettings, follow
from framesift.training.data import Source
from framesift.training.data.sample import Neighbour, Timed
from framesift.training.packed import PackedFrame, PackedSource
from framesift.training.propagation_settings import Propagation


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """Frames with carried boxes, and how often each is shown (float64, rising to no sum)."""

    source: PackedSource
    weights: NDArray[np.float64]


def propagated(
    how: Propagation, source: Source
) -> Generator[Progress | Notice, None, Carried | None]:
    """Follows the boxes of each labelled frame `how.frames` frames both ways; None, with a
    Notice, where nothing comes of it. A box ends where it is lost (see
    `framesift.tracking.follow`); frames that are labelled themselves or only measured on are
    followed through and left out. A frame n away weighs 0.5^(n / half_life)."""
    if not isinstance(source, Timed):
        yield Notice("No labels are carried: the labelled pictures are of no video.")
        return None
    settings = FollowSettings(max_error=how.max_error, min_similarity=how.min_similarity)
    frames: list[PackedFrame] = []
    weights: list[float] = []
    meter = RateMeter(len(source), "frames", "following labels")
    yield meter.progress()
    for index in range(len(source)):
        boxes = [box for box in source.boxes(index) if not box.ignore]
        for neighbours in source.around(index, how.frames) if boxes else ():
            image = source.sample(index).image
            for neighbour, carried in carry(image, boxes, neighbours, settings):
                frames.append(PackedFrame.of(neighbour.image, carried, neighbour.key))
                weights.append(0.5 ** (neighbour.distance / how.half_life))
        yield meter.advance()
    if not frames:
        yield Notice("No labels are carried: none of the boxes could be followed.")
        return None
    return Carried(PackedSource(frames, source.classes), np.array(weights))


def carry(
    image: NDArray[np.uint8],
    boxes: Sequence[Box],
    neighbours: Sequence[Neighbour],
    settings: FollowSettings,
) -> list[tuple[Neighbour, tuple[Box, ...]]]:
    """Boxes of a picture in its neighbours, the nearest first: those that can still be
    followed, behind an ignore region over all of the picture."""
    pictures = [image, *(neighbour.image for neighbour in neighbours)]
    by_step: list[list[Box]] = [[] for _ in neighbours]
    for box in boxes:
        for step, corners in _path(pictures, box, settings):
            x1, y1, x2, y2 = corners
            by_step[step - 1].append(
                replace(box, x1=x1, y1=y1, x2=x2, y2=y2, track=None, origin="tracked")
            )
    height, width = image.shape[:2]
    whole = Box(0.0, 0.0, float(width), float(height), "", ignore=True)
    return [
        (neighbour, (whole, *carried))
        for neighbour, carried in zip(neighbours, by_step, strict=True)
        if carried and neighbour.free
    ]


def _path(
    pictures: Sequence[NDArray[np.uint8]], box: Box, settings: FollowSettings
) -> list[tuple[int, list[float]]]:
    """(step, corners) of a box in the pictures after the first, up to where it is lost."""
    try:
        records = list(follow(pictures, corners_of(box), settings))
    except InputError:  # too small to be followed, or hardly in the picture
        return []
    return [
        (record.step, record.box.tolist())
        for record in records[1:]
        if isinstance(record, Followed)
    ]
