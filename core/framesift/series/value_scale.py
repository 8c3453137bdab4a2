"""Which values a drawing of score series stands for: one rule for all that draw them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_SPAN = 0.1
"""The least that a drawing's height stands for, as a share of the largest value in it: the
rounding and the noise of scores that hardly differ would else look like hills and valleys."""
SEEN = 0.01
"""By how much a value must be lower than the drawing to be marked, as a share of what the
drawing's height stands for: less is no pixel, and may be rounding."""
RARE = 0.01
"""The share of a series' frames that may be outliers below the others."""
MANY = 1 << 16
"""Frames from which on the lowest of each BLOCK stand for all of them, to find outliers."""
BLOCK = 64


@dataclass(frozen=True, slots=True)
class ValueScale:
    """Which values a drawing's height stands for: from `bottom` at its ground to `top`."""

    bottom: float
    top: float

    @classmethod
    def over(cls, extents: Iterable[tuple[float, float]]) -> ValueScale:
        """From the lowest to the highest of all given (low, high), NaN where there is nothing.
        Values nearer to each other than LEAST_SPAN lie at the top; 0 to 1 where there are none,
        or none but 0."""
        known = [extent for extent in extents if all(map(math.isfinite, extent))]
        bottom = min((low for low, _ in known), default=0.0)
        top = max((high for _, high in known), default=1.0)
        bottom = min(bottom, top - LEAST_SPAN * max(abs(bottom), abs(top)))
        return cls(bottom, top) if bottom < top else cls(0.0, 1.0)

    @property
    def below(self) -> float:
        """What is lower than this is marked, as no part of the drawing's height is its own."""
        return self.bottom - SEEN * (self.top - self.bottom)

    def shares(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """How high values lie, from 0 at the ground to 1; lower ones on the ground."""
        above = np.maximum(np.asarray(values, np.float64) - self.bottom, 0.0)
        return np.asarray(above / (self.top - self.bottom), np.float64)

    def words(self) -> tuple[str, str]:
        """Bottom and top, in three digits: they are a tenth of the larger one apart, at
        least."""
        return _short(self.bottom), _short(self.top)


def extent(values: NDArray[np.floating]) -> tuple[float, float]:
    """From where to where the values of a series (NaN = not scored) reach, outliers below
    apart; NaN where nothing is scored.

    Outliers are those of the lowest hundredth that, were they shown, would take the lowest
    third of the height for themselves. A black picture or two at the start of a video would
    else lay all other scores flat below the top."""
    known = values[~np.isnan(values)]
    if not len(known):
        return math.nan, math.nan
    high = float(known.max())
    if len(values) >= MANY:
        known = np.fmin.reduceat(values, np.arange(0, len(values), BLOCK))
        known = known[~np.isnan(known)]
    rare = int(RARE * len(known))
    usual = float(np.partition(known, rare)[rare])
    return float(known[known >= usual - (high - usual) / 2].min()), high


def _short(value: float) -> str:
    # No "-0", and no exponent where the digits before the point say it.
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value + 0.0:.3g}"
