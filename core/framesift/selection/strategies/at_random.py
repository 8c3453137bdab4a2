"""Strategies that look at no score: random order, with and without the temporal rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.pick import CHANCE
from framesift.selection.strategies.base import Draws, Strategy

if TYPE_CHECKING:
    import numpy as np

    from framesift.selection.frame_rules import FrameRules
    from framesift.selection.pool import Pool
    from framesift.selection.result import Selection
else:
    np = lazy_module("numpy")


class AtRandom(Strategy):
    """A random order of all frames. The same seed in a later cycle goes on in the same order,
    past what is taken."""

    def __init__(self, name: str, title: str, description: str, *, temporal: bool) -> None:
        self.name, self.title, self.description = name, title, description
        self.temporal_rules = temporal

    def rank(self, pool: Pool, rules: FrameRules, rng: Draws) -> Selection:
        return rules.select(
            {
                drive.key: drive.pickable(
                    rng.of(drive.drawn_by or drive.key).random(drive.frames)
                )
                for drive in pool
            },
            raw={drive.key: np.zeros(drive.frames) for drive in pool},
            reason={"by": CHANCE},
        )
