"""One selected frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pick:
    """A selected frame.

    video: the mapping's key, a drive. frame: its number in the drive. score: the value it was
    ranked by (the smoothed score). raw: the unsmoothed one, NaN where none was given. rank:
    1 for the best. waived: "" for a pick by all rules, else the rule that was given up to
    fill the budget ("look-alike" or "delta1").
    """

    video: str
    frame: int
    score: float
    rank: int
    raw: float = float("nan")
    waived: str = ""
