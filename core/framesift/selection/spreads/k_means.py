"""k-means++: drawn by chance, the likelier the further from all picks and the higher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import Field, Left, Places, Spread, drawn
from framesift.selection.spreads.core_set import nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.walk import Order
else:
    np = lazy_module("numpy")

_PAIRS = 1 << 20
"""Distances that are worked out at once."""
_SPARSE = 0.75
"""Below this share of frames that are not struck out the others are left behind."""


class KMeansPlusPlus(Spread):
    """k-means++ seeding (Arthur and Vassilvitskii 2007) weighted by the value: a frame is drawn
    with a probability that goes with its rank times D², its squared distance to the nearest
    labelled frame or pick. Without either the rank alone counts."""

    name = "k-means++"
    title = "drawn by chance, far from each other, the higher the likelier"
    compares = ("frames",)

    def order(self, field: Field) -> Order:
        return _Drawn(field)


class _Drawn(Left):
    """Full weights, because every frame may be drawn at any time. What is struck out is left
    behind now and then and compared no more: a weight of 0 changes no sum."""

    def __init__(self, field: Field) -> None:
        super().__init__(np.ones(len(field.places), np.bool_))
        self._rng, self._all = field.rng, field.places
        # Of those that are not left behind: positions, places, ranks (0 once struck out).
        self._index = np.arange(len(field.places))
        self._places, self._ranks = field.places, field.ranks.copy()
        self._nearest: NDArray[np.float64] | None = None
        if len(field.known):
            self._meet(field.known)

    def best(self) -> int | None:
        there = np.count_nonzero(self._ranks)
        if not there:
            return None
        if there < _SPARSE * len(self._ranks):
            self._leave_behind()
        weights = self._ranks if self._nearest is None else self._ranks * self._nearest
        # Where nothing left is unlike: by the rank alone.
        place = drawn(weights if weights.any() else self._ranks, self._rng)
        return int(self._index[place])

    def strike(self, start: int, stop: int) -> None:
        super().strike(start, stop)
        first, last = np.searchsorted(self._index, (start, stop)).tolist()
        self._ranks[first:last] = 0.0

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        super().strike_each(indices)
        self._ranks[~self._open[self._index]] = 0.0

    def took(self, index: int) -> None:
        self._meet(self._all[index : index + 1])

    def _leave_behind(self) -> None:
        there = self._ranks > 0
        self._index, self._ranks = self._index[there], self._ranks[there]
        self._places = self._places[there]
        if self._nearest is not None:
            self._nearest = self._nearest[there]

    def _meet(self, centres: Places) -> None:
        if self._nearest is None:
            self._nearest = np.full(len(self._places), np.inf)
        step = max(1, _PAIRS // len(centres))
        for first in range(0, len(self._places), step):
            part = slice(first, first + step)
            met = nearest(self._places[part], centres)
            np.minimum(self._nearest[part], met, out=self._nearest[part])
