"""Which frames to label: strategies over a pool, spread in time (PAPER: step 4)."""

from framesift.selection.choosing import Choice, choose, choose_smoothed, smoothed
from framesift.selection.descriptors import DESCRIPTORS, Descriptor, ObjectRows
from framesift.selection.descriptors.thumbnail import (
    LOOK_ALIKE,
    THUMBNAIL_SIZE,
    thumbnail,
    unlike,
)
from framesift.selection.frame_rules import FrameRules
from framesift.selection.greedy import select
from framesift.selection.pick import Pick
from framesift.selection.pool import Pool, PoolDrive
from framesift.selection.reasons import RULES
from framesift.selection.result import Band, Blocked, Selection
from framesift.selection.rules import Rules, fitting
from framesift.selection.strategies import STRATEGIES, Draws, Strategy

__all__ = [
    "DESCRIPTORS",
    "LOOK_ALIKE",
    "RULES",
    "STRATEGIES",
    "THUMBNAIL_SIZE",
    "Band",
    "Blocked",
    "Choice",
    "Descriptor",
    "Draws",
    "FrameRules",
    "ObjectRows",
    "Pick",
    "Pool",
    "PoolDrive",
    "Rules",
    "Selection",
    "Strategy",
    "choose",
    "choose_smoothed",
    "fitting",
    "select",
    "smoothed",
    "thumbnail",
    "unlike",
]
