"""Strategies that rank by a score: the paper's method and its baselines."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.selection.strategies.base import Strategy


class ByScore(Strategy):
    """The highest smoothed score first, under the temporal rules."""

    smoothing = True

    def __init__(self, name: str, score: str, description: str) -> None:
        self.name, self.score, self.description = name, score, description

    def rank_values(
        self,
        drive: str,
        values: ArrayLike,
        *,
        seed: int = 0,
    ) -> NDArray[np.float64]:
        return np.array(values, np.float64)
