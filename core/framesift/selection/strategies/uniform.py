"""Evenly spaced in time, whatever the budget."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.selection.strategies.base import Strategy


class Uniform(Strategy):
    """Frames spread evenly over each drive, drives in proportion to their length.

    The order is van der Corput's: first frame, middle, quarters, eighths … Whatever the
    budget, neighbouring picks are at most about twice as far apart as others, and a later
    cycle fills the gaps that the earlier ones left.
    """

    name = "uniform"
    description = "evenly spaced in time, no score"
    temporal_rules = False

    def rank_values(
        self,
        drive: str,
        values: ArrayLike,
        *,
        seed: int = 0,
    ) -> NDArray[np.float64]:
        given = np.asarray(values, np.float64)
        there = np.flatnonzero(~np.isnan(given))
        ranked = np.full(given.shape, np.nan)
        order = _van_der_corput(len(there))
        ranked[there[order]] = -(np.arange(len(there)) + 0.5) / max(1, len(there))
        return ranked


def _van_der_corput(count: int) -> NDArray[np.int64]:
    """0 … count − 1 in the order of their reversed bits."""
    numbers = np.zeros(1, np.int64)
    while len(numbers) < count:
        numbers = np.concatenate([2 * numbers, 2 * numbers + 1])
    return numbers[numbers < count]
