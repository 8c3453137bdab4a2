"""Which frames and values lie where on the timeline, and where its axis has ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

LEAST_SPAN = 0.1
"""The least that a row's height stands for, as a share of the largest value in it: the rounding
and the noise of scores that hardly differ would else look like hills and valleys."""


@dataclass(frozen=True, slots=True)
class FrameScale:
    """Which frames [start, stop) lie where: from x = left over `width` pixels."""

    start: float
    stop: float
    left: float
    width: float

    def x(self, frame: float) -> float:
        """Where a frame's middle lies."""
        return self.left + (frame + 0.5 - self.start) * self.width / (self.stop - self.start)

    def frame(self, x: float) -> int:
        """The frame under a place."""
        share = (x - self.left) / max(1.0, self.width)
        return int(np.floor(self.start + share * (self.stop - self.start)))


@dataclass(frozen=True, slots=True)
class ValueScale:
    """Which values a row's height stands for: from `bottom` at its ground to `top`."""

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

    def words(self) -> tuple[str, str]:
        """Bottom and top, in three digits: they are a tenth of the larger one apart, at
        least."""
        return _short(self.bottom), _short(self.top)


def _short(value: float) -> str:
    # No "-0", and no exponent where the digits before the point say it.
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value + 0.0:.3g}"


def nice_step(span: float, most: int) -> int:
    """A round number of frames so that at most `most` ticks fit over `span` frames."""
    least = max(1.0, span / max(1, most))
    power = 10 ** int(np.floor(np.log10(least)))
    return int(next(m * power for m in (1, 2, 5, 10) if m * power >= least - 1e-9))


def nice_seconds(span: float, most: int) -> float:
    """The same in seconds: 1, 2, 5, 10, 15, 30 s, 1 min …"""
    least = max(0.01, span / max(1, most))
    steps = (
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        15,
        30,
        60,
        120,
        300,
        600,
        900,
        1800,
        3600,
        7200,
        14400,
        36000,
    )
    return next((float(step) for step in steps if step >= least), 86400.0)


def clock(seconds: float, *, fine: bool) -> str:
    """A time for the axis: min:s, h:mm:ss from an hour on, hundredths where they count."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    tail = f"{rest / 100:05.2f}" if fine else f"{rest // 100:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes:02d}:{tail}"
