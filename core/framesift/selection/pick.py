"""One selected frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CHANCE = "chance"
"""What a pick was picked by where nothing but chance did."""
TIME = "time"
"""The same where only its place in time did."""
SCORELESS = frozenset({CHANCE, TIME})
"""What picks are picked by without any score."""


def chosen_by(reason: Mapping[str, Any]) -> str:
    """What a pick's reason says that it was picked by; "" where it does not say."""
    return str(reason.get("by", ""))


@dataclass(frozen=True, slots=True)
class Pick:
    """A selected frame.

    video: the mapping's key, a drive. frame: its number in the drive. score: the value it was
    ranked by (the smoothed score). raw: the unsmoothed one, NaN where none was given. rank:
    1 for the best. waived: "" for a pick by all rules, else the rule that was given up to
    fill the budget ("look-alike" or "delta1"). reason: why the strategy picked it, JSON-able:
    "by" is the signal that it was ranked by, "chance" or "time"; a strategy may say more.
    """

    video: str
    frame: int
    score: float
    rank: int
    raw: float = float("nan")
    waived: str = ""
    reason: Mapping[str, Any] = field(default_factory=dict, hash=False)
