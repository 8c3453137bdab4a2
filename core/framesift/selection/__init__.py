"""Which frames to label: greedy by score, spread in time (PAPER: step 4)."""

from framesift.selection.greedy import select
from framesift.selection.pick import Pick
from framesift.selection.reasons import RULES
from framesift.selection.result import Band, Blocked, Selection
from framesift.selection.thumbnail import LOOK_ALIKE, THUMBNAIL_SIZE, thumbnail, unlike

__all__ = [
    "LOOK_ALIKE",
    "RULES",
    "THUMBNAIL_SIZE",
    "Band",
    "Blocked",
    "Pick",
    "Selection",
    "select",
    "thumbnail",
    "unlike",
]
