"""How hard a set of labelled frames is: sizes, occlusion, aspects, share of empty frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from framesift.boxes import Box

LOW = 80.0  # at 480 rows: "small" people
COUNTED = 50.0  # at 480 rows: people lower than this do not count


@dataclass(frozen=True, slots=True)
class LabelStatistics:
    """Counts over frames, and over the people who count: not ignored, not cut by the edge for
    `aspects`, at least 50 px tall at 480 rows.

    populated: share of frames with at least one box that is no ignore region; small: share of
    the people under 80 px; occluded: share more than a tenth hidden; aspects and heights: 5th,
    50th and 95th percentile (width over height; pixels at 480 rows).
    """

    frames: int
    populated: float
    people: int
    ignored: int
    small: float
    occluded: float
    aspects: tuple[float, float, float]
    heights: tuple[float, float, float]


def label_statistics(labels: Iterable[tuple[Box, ...]], rows: int) -> LabelStatistics:
    """What the labels of drawn frames are like.

    Args:
        labels: the boxes of each frame, native pixels.
        rows: the pictures' height, pixels.

    Returns:
        LabelStatistics; sizes in them are at 480 rows.

    Example:
        >>> label_statistics([(Box(0, 0, 20, 50),), ()], 100).frames
        2
    """
    unit = 480.0 / rows
    frames = populated = ignored = 0
    heights: list[float] = []
    aspects: list[float] = []
    occluded: list[bool] = []
    for boxes in labels:
        frames += 1
        populated += any(not b.ignore for b in boxes)
        ignored += sum(b.ignore for b in boxes)
        for box in boxes:
            if box.ignore or box.height * unit < COUNTED:
                continue
            heights.append(box.height * unit)
            occluded.append(box.occluded)
            if not box.truncated:
                aspects.append(box.aspect)
    tall = np.array(heights or [0.0])
    spread = np.percentile(aspects or [0.0], (5, 50, 95))
    size = np.percentile(tall, (5, 50, 95))
    return LabelStatistics(
        frames,
        populated / max(frames, 1),
        len(heights),
        ignored,
        float(np.mean(tall < LOW)) if heights else 0.0,
        float(np.mean(occluded)) if heights else 0.0,
        (float(spread[0]), float(spread[1]), float(spread[2])),
        (float(size[0]), float(size[1]), float(size[2])),
    )
