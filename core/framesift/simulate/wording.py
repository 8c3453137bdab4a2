"""Numbers of a report in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from framesift.simulate.resampling import SECONDS
from framesift.simulate.statistics import Mean, Paired, drawn_again
from framesift.simulate.store import Row


def percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def spread(mean: Mean) -> str:
    """Half the width of an interval, in points."""
    if mean.low is None or mean.high is None:
        return "one repeat"
    return f"±{50 * (mean.high - mean.low):.1f}"


def points(paired: Paired | Mean) -> str:
    value = paired.value if isinstance(paired, Mean) else paired.difference
    text = f"{100 * value:+.1f}"
    if paired.low is not None and paired.high is not None:
        text += f" ({100 * paired.low:+.1f} to {100 * paired.high:+.1f})"
    return text.replace("-", "−")


def chance(p: float | None) -> str:
    return "" if p is None else f"{p:.3f}"


def drawn(rows: Sequence[Row], variant: str, baseline: str) -> str:
    """The interval over repeats and drives, in points; nothing where there is none."""
    within = drawn_again(rows, variant, baseline)
    if within is None:
        return ""
    return f"{100 * within.low:+.1f} to {100 * within.high:+.1f}".replace("-", "−")


def what_is_drawn(rows: Sequence[Row]) -> str:
    """What the interval over repeats and drives speaks for."""
    kinds = {row.blocks for row in rows if row.resampled}
    if not kinds:
        return "No drives were drawn again."
    sentence = (
        "Repeats and drives: where the mean lies in 95 % of the draws of the repeats together "
        "with the drives that were measured on"
    )
    if SECONDS in kinds:
        return (
            f"{sentence}; here it is one drive, whose seconds are drawn: it speaks for that "
            "street only."
        )
    return f"{sentence}."
