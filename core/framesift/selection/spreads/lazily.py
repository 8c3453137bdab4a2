"""The largest of values that only ever fall, each found out when it matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import Field, Places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Lower = Callable[[NDArray[np.float64], Places, Places], NDArray[np.float64]]
    """(values, frames, picks) → the frames' values after those picks, in their order."""
else:
    np = lazy_module("numpy")

_BLOCK = 256


class LazyOrder:
    """An order whose values fall with every pick, and are worked out for 256 frames at a time
    when the best of them may be the next. On a tie the earlier frame goes first.

    upper: float64 n, no value is above; lower: see Lower; the known frames come before all
    picks.
    """

    def __init__(self, field: Field, upper: NDArray[np.float64], lower: Lower) -> None:
        self._count = len(upper)
        blocks = max(1, -(-self._count // _BLOCK))
        self._values = np.full(blocks * _BLOCK, -np.inf)
        self._values[: self._count] = upper
        self._blocks = self._values.reshape(blocks, _BLOCK)
        self._maxima = self._blocks.max(axis=1)
        # How many picks each block has met; −1: not even the known frames.
        self._met = np.full(blocks, -1 if len(field.known) else 0, np.int64)
        self._field, self._lower = field, lower
        self._picks = field.places[:0]

    def best(self) -> int | None:
        while True:
            block = int(self._maxima.argmax())
            if self._maxima[block] == -np.inf:
                return None
            if self._met[block] == len(self._picks):
                return block * _BLOCK + int(self._blocks[block].argmax())
            self._meet(block)

    def _meet(self, block: int) -> None:
        frames = slice(block * _BLOCK, min(self._count, (block + 1) * _BLOCK))
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

    def strike(self, start: int, stop: int) -> None:
        if stop > start:
            self._values[start:stop] = -np.inf
            first, last = start // _BLOCK, (stop - 1) // _BLOCK + 1
            self._maxima[first:last] = self._blocks[first:last].max(axis=1)

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        self._values[indices] = -np.inf
        for block in np.unique(indices // _BLOCK).tolist():
            self._maxima[block] = self._blocks[block].max()

    def left(self, start: int, stop: int) -> NDArray[np.int64]:
        return start + np.flatnonzero(self._values[start:stop] > -np.inf)
