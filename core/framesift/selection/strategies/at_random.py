"""Strategies that look at no score: random order, with and without the temporal rules."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.selection.strategies.base import Strategy


class AtRandom(Strategy):
    """A random order of all frames.

    Each drive's numbers come from the seed and the drive's own name: another drive, or more
    frames at its end, change nothing for the frames that were there. The same seed in a later
    cycle goes on in the same order, past what is taken.
    """

    def __init__(self, name: str, description: str, *, temporal_rules: bool) -> None:
        self.name, self.description = name, description
        self.temporal_rules = temporal_rules

    def rank_values(
        self,
        drive: str,
        values: ArrayLike,
        *,
        seed: int = 0,
    ) -> NDArray[np.float64]:
        given = np.asarray(values, np.float64)
        digest = hashlib.sha256(f"{seed}\0{drive}".encode("utf-8", "surrogatepass")).digest()
        rng = np.random.default_rng(int.from_bytes(digest, "little"))
        return np.where(np.isnan(given), np.nan, rng.random(len(given)))
