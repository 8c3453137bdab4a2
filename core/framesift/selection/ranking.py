"""The best frame that is still to be had, over and over, without sorting anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_module("numpy")

BLOCK = 256


class Ranking:
    """Values of many frames in a row, of which frames are struck out.

    Holds the maximum of every 256 values, so that finding the best one and striking out a
    range cost microseconds however many frames there are. On a tie, the first one is best.
    """

    def __init__(self, values: NDArray[np.float64]) -> None:
        """Takes over `values`, float64; −inf = struck out."""
        blocks = max(1, -(-len(values) // BLOCK))
        self._values = np.full(blocks * BLOCK, -np.inf)
        self._values[: len(values)] = values
        self._blocks = self._values.reshape(blocks, BLOCK)
        self._maxima = self._blocks.max(axis=1)

    def best(self) -> int | None:
        """Index of the largest value; None when all are struck out."""
        block = int(self._maxima.argmax())
        if self._maxima[block] == -np.inf:
            return None
        return block * BLOCK + int(self._blocks[block].argmax())

    def took(self, index: int) -> None:
        """What is taken changes no value."""

    def strike(self, start: int, stop: int) -> None:
        """Strikes out the values of [start, stop)."""
        if stop <= start:
            return
        self._values[start:stop] = -np.inf
        self._update(start, stop)

    def _update(self, start: int, stop: int) -> None:
        first, last = start // BLOCK, (stop - 1) // BLOCK + 1
        self._maxima[first:last] = self._blocks[first:last].max(axis=1)

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        """Strikes out single values (at least one), close to each other."""
        self._values[indices] = -np.inf
        self._update(int(indices.min()), int(indices.max()) + 1)

    def left(self, start: int, stop: int) -> NDArray[np.int64]:
        """The indices in [start, stop) that are not struck out."""
        return start + np.flatnonzero(self._values[start:stop] > -np.inf)
