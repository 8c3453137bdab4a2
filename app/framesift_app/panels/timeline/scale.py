"""Which frames lie where on the timeline, and where its axis has ticks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
