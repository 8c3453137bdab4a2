"""Numbers of a report in words."""

from __future__ import annotations

import math

from framesift.simulate.statistics import (
    Mean,
    Paired,
)


def percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def spread(mean: Mean) -> str:
    """Half the width of an interval, in points."""
    if mean.low is None or mean.high is None:
        return "one repeat"
    return f"±{50 * (mean.high - mean.low):.1f}"


def points(paired: Paired) -> str:
    text = f"{100 * paired.difference:+.1f}"
    if paired.low is not None and paired.high is not None:
        text += f" ({100 * paired.low:+.1f} to {100 * paired.high:+.1f})"
    return text.replace("-", "−")


def chance(p: float | None) -> str:
    return "" if p is None else f"{p:.3f}"
