"""The largest of values that only ever fall, each found out when it matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.ranking import BLOCK, Ranking
from framesift.selection.spreads.base import Field, Places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Lower = Callable[[NDArray[np.float64], Places, Places], NDArray[np.float64]]
    """(values, frames, picks) → the frames' values after those picks, in their order."""
else:
    np = lazy_module("numpy")


class LazyOrder(Ranking):
    """An order whose values fall with every pick, and are worked out a block of the ranking at
    a time when the best of it may be the next. On a tie the earlier frame goes first.

    upper: float64 n, no value is above; lower: see Lower; the known frames come before all
    picks.
    """

    def __init__(self, field: Field, upper: NDArray[np.float64], lower: Lower) -> None:
        super().__init__(upper)
        self._count = len(upper)
        # How many picks each block has met; −1: not even the known frames.
        self._met = np.full(len(self._blocks), -1 if len(field.known) else 0, np.int64)
        self._field, self._lower = field, lower
        self._picks = field.places[:0]

    def best(self) -> int | None:
        while (best := super().best()) is not None:
            block = best // BLOCK
            if self._met[block] == len(self._picks):
                break
            self._meet(block)
        return best

    def _meet(self, block: int) -> None:
        frames = slice(block * BLOCK, min(self._count, (block + 1) * BLOCK))
        values = self._values[frames]
        left = values > -np.inf
        met = int(self._met[block])
        new = self._field.known + self._picks if met < 0 else self._picks[met:]
        lowered = self._lower(values, self._field.places[frames], new)
        values[left] = lowered[left]
        self._maxima[block] = self._blocks[block].max()
        self._met[block] = len(self._picks)

    def took(self, index: int) -> None:
        self._picks = self._picks + self._field.places[index : index + 1]
