"""How a selection is made, and the distances that fit footage and budget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from framesift.errors import InputError
from framesift.selection import LOOK_ALIKE
from framesift.selection.strategies import STRATEGIES
from framesift.selection.timeline import Clip, Timeline, is_stills
from framesift.video import Distance, parse_distance

FAR_S, NEAR_S = (3.0, 1.0), (0.5, 0.067)
"""Δt1 and Δt2 where there is enough footage, and the least (the paper's 15 and 2 frames)."""


OF_METHOD = {strategy.score: name for name, strategy in STRATEGIES.items() if strategy.score}
"""The strategy that ranks by each score."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a selection is made. Distances are inclusive; smoothing counts samples.

    `look_alike`: "on" passes over frames that look like a pick of the same drive as long as
    others remain, "strict" never takes them, "off" does not compare. `fill`: where Δt1
    leaves the budget short, a last pass ignores it.
    """

    budget: int = 20
    delta1: Distance = field(default_factory=lambda: parse_distance("0.5s"))
    delta2: Distance = field(default_factory=lambda: parse_distance("0.067s"))
    half_window: int = 5
    sigma: float = 3.0
    smoothing: bool = True
    look_alike: str = "on"
    look_alike_threshold: float = LOOK_ALIKE
    fill: bool = False
    strategy: str = "divergence"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.budget < 1:
            raise InputError(f"A budget of {self.budget} picks nothing; give 1 or more frames.")
        if self.sigma <= 0:
            raise InputError(f"σ = {self.sigma} cannot weigh anything; give a positive number.")
        if self.strategy not in STRATEGIES:
            raise InputError(
                f"There is no strategy {self.strategy!r}; "
                f"choose one of {', '.join(STRATEGIES)}."
            )

    def settings(self) -> dict[str, Any]:
        """The JSON form, for ledgers and reports."""
        return {
            "budget": self.budget,
            "strategy": self.strategy,
            "delta1": str(self.delta1),
            "delta2": str(self.delta2),
            "smoothing": self.smoothing,
            "half_window": self.half_window,
            "sigma": self.sigma,
            "look_alike": self.look_alike,
            "look_alike_threshold": self.look_alike_threshold,
            "fill": self.fill,
            "seed": self.seed,
        }

    @staticmethod
    def from_settings(settings: Mapping[str, Any]) -> Rules:
        """The inverse of `settings`; what else is in there is left alone."""
        known = {name: settings[name] for name in Rules.__slots__ if name in settings}
        for name in ("delta1", "delta2"):
            if name in known:
                known[name] = parse_distance(known[name])
        return Rules(**known)

    @property
    def needs_scores(self) -> bool:
        """Whether the strategy ranks by a score."""
        return STRATEGIES[self.strategy].score is not None


def fitting(
    drives: Sequence[Timeline],
    budget: int,
    taken: int = 0,
) -> tuple[Distance, Distance]:
    """Δt1 and Δt2 for footage and a budget, where nobody asked for others.

    They are 3 s and 1 s, or less, where picks so far apart might not fill the budget: Δt1 is
    half of the time that there is for each pick, in tenths of a second; a frame that an earlier
    cycle has taken (`taken` in all) needs a third of a pick's time. Δt2 goes with it, down to
    0.067 s at Δt1 = 0.5 s, the least. Stills do not count, and no gap for more than 3 s.
    """
    length = sum(
        _room(clip)
        for drive in drives
        if not is_stills(drive)
        for clip in drive.clips
        if clip.fps > 0
    )
    delta1 = math.floor(10 * length / (2 * budget + 2 * taken / 3) + 1e-9) / 10
    found = np.interp(delta1, (NEAR_S[0], FAR_S[0]), (NEAR_S[1], FAR_S[1]))
    return (
        Distance(min(FAR_S[0], max(NEAR_S[0], delta1)), "seconds"),
        Distance(round(float(found), 3), "seconds"),
    )


def _room(clip: Clip) -> float:
    """Seconds of a clip in which there are frames to pick."""
    if clip.times is None:
        return len(clip) / clip.fps
    usual = 1 / clip.fps
    return float(np.minimum(np.diff(clip.times), max(FAR_S[0], usual)).sum()) + usual
