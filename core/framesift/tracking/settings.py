"""How boxes are linked and followed, as plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass

from framesift.errors import InputError

MOTIONS = ("velocity", "none")


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How detections become tracks.

    min_iou: least overlap of a detection with where a track is expected, (0, 1].
    min_score: detections below it are left alone, [0, 1].
    max_gap: frames in a row that a track may miss and go on, ≥ 0, counted in the frames that
        are linked, whatever their numbers.
    reach: what is left over is compared again with boxes grown on every side by this share of
        their size (the root of their area), ≥ 0; 0: never. Finds the thin and the fast.
    motion: where a track is expected: "velocity" (a Kalman filter of constant velocity) or
        "none" (where it was last).
    by_category: only boxes of one class are linked.
    """

    min_iou: float = 0.3
    min_score: float = 0.3
    max_gap: int = 3
    reach: float = 0.5
    motion: str = "velocity"
    by_category: bool = True

    def __post_init__(self) -> None:
        if not 0.0 < self.min_iou <= 1.0:
            raise InputError(
                f"The least overlap for linking is {self.min_iou}; give a number above 0 and "
                "at most 1."
            )
        if not 0.0 <= self.min_score <= 1.0:
            raise InputError(
                f"The least score for linking is {self.min_score}; give a number from 0 to 1."
            )
        if self.max_gap < 0 or self.max_gap != int(self.max_gap):
            raise InputError(
                f"The longest gap of a track is {self.max_gap} frames; give a whole number, "
                "0 or more."
            )
        if not 0.0 <= self.reach < math.inf:
            raise InputError(
                f"The reach for linking is {self.reach}; give a number, 0 or more."
            )
        if self.motion not in MOTIONS:
            raise InputError(
                f"There is no motion model {self.motion!r}; choose one of {', '.join(MOTIONS)}."
            )


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """When a followed box counts as lost.

    max_error: largest forward–backward error from one frame to the next, in native pixels,
        > 0: the median distance of the box's points from where they come back to.
    min_similarity: least correlation of what the box shows with what it showed at first,
        [−1, 1]; −1: anything goes.
    min_inside: least share of the box inside the picture, [0, 1].
    min_side: least width and height of the box in native pixels, ≥ 2.
    """

    max_error: float = 2.0
    min_similarity: float = 0.4
    min_inside: float = 0.5
    min_side: float = 4.0

    def __post_init__(self) -> None:
        limits = {
            "largest forward–backward error": (self.max_error, 0.0, math.inf),
            "least similarity": (self.min_similarity, -1.0, 1.0),
            "least share inside the picture": (self.min_inside, 0.0, 1.0),
            "least side of a followed box": (self.min_side, 2.0, math.inf),
        }
        for name, (value, low, high) in limits.items():
            if not low <= value <= high:
                raise InputError(
                    f"The {name} is {value}; give a number from {low:g}"
                    f"{'' if high == math.inf else f' to {high:g}'}."
                )
