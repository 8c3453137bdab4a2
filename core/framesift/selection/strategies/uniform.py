"""Evenly spaced in time, whatever the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.pick import TIME
from framesift.selection.strategies.base import Draws, Strategy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.frame_rules import FrameRules
    from framesift.selection.pool import Pool, PoolDrive
    from framesift.selection.result import Selection
else:
    np = lazy_module("numpy")


class Uniform(Strategy):
    """Frames spread evenly over each drive, drives in proportion to their length.

    The order is van der Corput's: first frame, middle, quarters, eighths … Whatever the
    budget, neighbouring picks are at most about twice as far apart as others, and a later
    cycle fills the gaps that the earlier ones left.
    """

    name = "uniform"
    title = "Evenly spaced"
    description = "evenly spaced in time, no score"
    temporal_rules = False

    def rank(self, pool: Pool, rules: FrameRules, rng: Draws) -> Selection:
        return rules.select(
            {drive.key: drive.pickable(_evenly(drive)) for drive in pool},
            raw={drive.key: np.zeros(drive.frames) for drive in pool},
            reason={"by": TIME},
        )


def _evenly(drive: PoolDrive) -> NDArray[np.float64]:
    there = np.arange(drive.frames)
    if drive.candidates is not None:
        there = np.flatnonzero(drive.candidates)
    ranked = np.full(drive.frames, np.nan)
    order = _van_der_corput(len(there))
    ranked[there[order]] = -(np.arange(len(there)) + 0.5) / max(1, len(there))
    return ranked


def _van_der_corput(count: int) -> NDArray[np.int64]:
    """0 … count − 1 in the order of their reversed bits."""
    numbers = np.zeros(1, np.int64)
    while len(numbers) < count:
        numbers = np.concatenate([2 * numbers, 2 * numbers + 1])
    return numbers[numbers < count]
