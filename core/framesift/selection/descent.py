"""The best frame that is still to be had, over and over, of all drives in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.row import Row
else:
    np = lazy_module("numpy")

_FIRST, _GROWTH = 4096, 4
"""About how many of the highest frames are sorted first, and how many times as many when they
are used up."""
_LISTED = 1024


class Descent:
    """Frames by their values, the highest first; on a tie the first one. Only as many as are
    come to are sorted."""

    def __init__(self, row: Row, only: Row | None = None) -> None:
        """only: frames without a value there are left out; None: none is."""
        self._row, self._only = row, only
        self._struck = np.zeros(len(row), np.uint8)
        # Single bytes of it are read several times as fast so.
        self._bytes = self._struck.data
        self._sorted = np.zeros(0, np.int64)
        self._next: list[int] = []
        self._reached, self._count = np.inf, _FIRST

    def best(self) -> int | None:
        """Place of the highest value; None when all are struck out."""
        while True:
            struck = self._bytes
            while self._next:
                index = self._next[-1]
                if not struck[index]:
                    return index
                self._next.pop()
            if not len(self._sorted) and not self._sort_more():
                return None
            self._next = self._sorted[:_LISTED][::-1].tolist()
            self._sorted = self._sorted[_LISTED:]

    def _sort_more(self) -> bool:
        """Sorts the next lower ones; False where there are none."""
        if self._reached == -np.inf:
            return False
        low = self._row.height(self._count)
        # Values may all be the same: then the next ones are all the others.
        low = low if low < self._reached else -np.inf
        places, values = self._row.between(low, self._reached)
        left = self._struck[places] == 0
        if self._only is not None:
            left &= self._only.values(places) > -np.inf
        places, values = places[left], values[left]
        self._sorted = places[np.argsort(-values, kind="stable")]
        self._reached, self._count = low, self._count * _GROWTH
        return True

    def took(self, index: int) -> None:
        """What is taken changes no value."""

    def strike(self, start: int, stop: int) -> None:
        """Strikes out the values of [start, stop)."""
        self._struck[start:stop] = 1

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        """Strikes out single values."""
        self._struck[indices] = 1

    def left(self, start: int, stop: int) -> NDArray[np.int64]:
        """The places in [start, stop), of one drive, that are not struck out."""
        row = self._row if self._only is None else self._only
        places = row.within(start, stop)
        return np.asarray(places[self._struck[places] == 0])
