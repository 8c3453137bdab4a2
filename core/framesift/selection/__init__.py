"""Which frames to label: strategies over a pool, spread in time (PAPER: step 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.selection.choosing import Choice as Choice
    from framesift.selection.choosing import choose as choose
    from framesift.selection.choosing import choose_smoothed as choose_smoothed
    from framesift.selection.choosing import smoothed as smoothed
    from framesift.selection.descriptors import DESCRIPTORS as DESCRIPTORS
    from framesift.selection.descriptors import Descriptor as Descriptor
    from framesift.selection.descriptors import ObjectRows as ObjectRows
    from framesift.selection.descriptors.thumbnail import LOOK_ALIKE as LOOK_ALIKE
    from framesift.selection.descriptors.thumbnail import THUMBNAIL_SIZE as THUMBNAIL_SIZE
    from framesift.selection.descriptors.thumbnail import thumbnail as thumbnail
    from framesift.selection.descriptors.thumbnail import unlike as unlike
    from framesift.selection.frame_rules import FrameRules as FrameRules
    from framesift.selection.greedy import select as select
    from framesift.selection.pick import Pick as Pick
    from framesift.selection.pool import Pool as Pool
    from framesift.selection.pool import PoolDrive as PoolDrive
    from framesift.selection.reasons import RULES as RULES
    from framesift.selection.result import Band as Band
    from framesift.selection.result import Blocked as Blocked
    from framesift.selection.result import Selection as Selection
    from framesift.selection.rules import Rules as Rules
    from framesift.selection.rules import fitting as fitting
    from framesift.selection.strategies import STRATEGIES as STRATEGIES
    from framesift.selection.strategies import Draws as Draws
    from framesift.selection.strategies import Strategy as Strategy
else:
    __getattr__ = lazily(
        __name__,
        {
            "Band": "result",
            "Blocked": "result",
            "Choice": "choosing",
            "DESCRIPTORS": "descriptors",
            "Descriptor": "descriptors",
            "Draws": "strategies",
            "FrameRules": "frame_rules",
            "LOOK_ALIKE": "descriptors.thumbnail",
            "ObjectRows": "descriptors",
            "Pick": "pick",
            "Pool": "pool",
            "PoolDrive": "pool",
            "RULES": "reasons",
            "Rules": "rules",
            "STRATEGIES": "strategies",
            "Selection": "result",
            "Strategy": "strategies",
            "THUMBNAIL_SIZE": "descriptors.thumbnail",
            "choose": "choosing",
            "choose_smoothed": "choosing",
            "fitting": "rules",
            "select": "greedy",
            "smoothed": "choosing",
            "thumbnail": "descriptors.thumbnail",
            "unlike": "descriptors.thumbnail",
        },
    )

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
