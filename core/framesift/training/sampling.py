"""Which frame comes when: a function of the seed and the place alone."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, frames: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, epoch, 0x5A3)).permutation(frames)


def place(seed: int, position: int, frames: int) -> tuple[int, int]:
    """(epoch, index) of the `position`-th frame that a run sees; epochs from 0, each a
    permutation of all `frames`. Batches are cut from this endless row without regard to where
    an epoch ends, so that all have the same size."""
    epoch, within = divmod(position, frames)
    return epoch, int(_order(seed, epoch, frames)[within])


def batch(seed: int, step: int, size: int, frames: int) -> list[tuple[int, int]]:
    """The (epoch, index) pairs of step `step` (from 0)."""
    return [place(seed, step * size + i, frames) for i in range(size)]


def step_seed(seed: int, step: int, part: int) -> int:
    """The seed of everything that the network draws at random in one part of one step."""
    digest = hashlib.sha256(f"{seed}/{step}/{part}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def learning_rate(step: int, steps: int, first: float, last: float, warmup: int = 0) -> float:
    """The rate of step `step` (from 0): exponential from `first` to exactly `last` at the last
    step, times a linear rise over the first `warmup` steps."""
    rise = min(1.0, (step + 1) / (warmup + 1))
    share = step / (steps - 1) if steps > 1 else 1.0
    return float(rise * first ** (1.0 - share) * last**share)
