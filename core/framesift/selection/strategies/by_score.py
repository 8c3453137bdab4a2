"""Strategies that rank by a score: the paper's method and its baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.selection.strategies.base import Draws, Strategy

if TYPE_CHECKING:
    from framesift.selection.frame_rules import FrameRules
    from framesift.selection.pool import Pool
    from framesift.selection.result import Selection


class ByScore(Strategy):
    """The highest smoothed score first, under the temporal rules. It is called like its
    signal, words joined by hyphens, unless `signal` names another."""

    smoothing = True

    def __init__(
        self,
        name: str,
        title: str = "",
        description: str = "",
        *,
        needs: tuple[str, ...] = (),
        failure: str = "",
        cost: str = "1",
        signal: str = "",
    ) -> None:
        self.name, self.title, self.description = name, title or name, description
        self.signals = (signal or name.replace("-", "_"),)
        self.needs, self.cost = needs, cost
        self.failure = failure or "wherever this score is high"

    def rank(self, pool: Pool, rules: FrameRules, rng: Draws) -> Selection:
        (signal,) = self.signals
        return rules.select(
            {d.key: values for d, values in zip(pool, pool.values(signal), strict=True)},
            raw={drive.key: drive.signals[signal] for drive in pool},
            reason={"by": signal},
        )
