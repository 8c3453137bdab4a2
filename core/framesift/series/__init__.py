"""Score series: one value per frame of a timeline, NaN where nothing was scored, and their
smoothing (eq. 6)."""

from __future__ import annotations

from framesift.series.no_boxes import NO_BOXES as NO_BOXES
from framesift.series.no_boxes import filled as filled
from framesift.series.no_boxes import with_gaps as with_gaps
from framesift.series.no_boxes import without_boxes as without_boxes
from framesift.series.score_series import ScoreSeries, Timeline, recipe_identity
from framesift.series.smoothing import is_even, smooth, usual_distance

__all__ = [
    "ScoreSeries",
    "Timeline",
    "is_even",
    "recipe_identity",
    "smooth",
    "usual_distance",
]


def __dir__() -> list[str]:
    return sorted(__all__)
