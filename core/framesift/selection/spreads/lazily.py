"""The largest of values that only ever fall, each found out when it matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import Field, Places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Lower = Callable[[Floats, Places, Places, Ints], Floats]
    """(values, frames, centres, met) → the frames' values after those known frames or picks, in
    their order; each frame has met so many of the first ones before."""
else:
    np = lazy_module("numpy")

_BATCH = 256
"""Frames whose values are worked out at once, at most."""


class LazyOrder:
    """An order whose values fall with every pick, and are worked out while the frame may be the
    next. On a tie the earlier frame goes first.

    upper: float64 n, no value is above; lower: see Lower; the known frames come before all
    picks.
    """

    def __init__(self, field: Field, upper: Floats, lower: Lower) -> None:
        # −inf = struck out.
        self._values, self._lower = upper.copy(), lower
        self._known, self._all = field.known, field.places
        self._picked: list[int] = []
        # How many picks each frame has met; −1: not even the known frames.
        self._met = np.full(len(upper), -1 if len(field.known) else 0, np.int64)

    def best(self) -> int | None:
        floor = -np.inf
        while True:
            best = int(self._values.argmax()) if len(self._values) else -1
            if best < 0 or self._values[best] == -np.inf:
                return None
            if self._met[best] == len(self._picked):
                return best
            batch = self._candidates(best, floor)
            self._meet(batch)
            floor = max(floor, float(self._values[batch].max()))

    def _candidates(self, best: int, floor: float) -> Ints:
        """Frames to work out next: those that may be above the highest value that is known."""
        if floor == -np.inf:
            return np.array([best])
        stale = np.flatnonzero((self._values >= floor) & (self._met < len(self._picked)))
        if len(stale) <= _BATCH:
            return stale
        highest = np.argpartition(self._values[stale], -_BATCH)[-_BATCH:]
        return np.sort(stale[highest])

    def _meet(self, frames: Ints) -> None:
        new = frames[self._met[frames] < 0]
        if len(new):
            self._lower_by(self._known, new, np.zeros(len(new), np.int64))
            self._met[new] = 0
        met = self._met[frames]
        first = int(met.min())
        if first < len(self._picked):
            self._lower_by(self._all[np.array(self._picked[first:])], frames, met - first)
            self._met[frames] = len(self._picked)

    def _lower_by(self, centres: Places, frames: Ints, met: Ints) -> None:
        values = self._lower(self._values[frames], self._all[frames], centres, met)
        self._values[frames] = values

    def took(self, index: int) -> None:
        self._picked.append(index)

    def strike(self, start: int, stop: int) -> None:
        self._values[start:stop] = -np.inf

    def strike_each(self, indices: Ints) -> None:
        self._values[indices] = -np.inf

    def left(self, start: int, stop: int) -> Ints:
        return start + np.flatnonzero(self._values[start:stop] > -np.inf)
