"""k-means++: drawn by chance, the likelier the further from all picks and the higher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import Field, Left, Places, Spread, drawn
from framesift.selection.spreads.core_set import squared_distances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.walk import Order
else:
    np = lazy_module("numpy")

_CHUNK = 4096


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
    """Full weights, because every frame may be drawn at any time."""

    def __init__(self, field: Field) -> None:
        self._field, self._rng = field, field.rng
        # 0 where struck out.
        self._ranks = field.ranks.copy()
        super().__init__(np.ones(len(field.places), np.bool_))
        self._nearest: NDArray[np.float64] | None = None
        if len(field.known):
            self._meet(field.known)

    def best(self) -> int | None:
        weights = self._ranks if self._nearest is None else self._ranks * self._nearest
        if weights.any():
            return drawn(weights, self._rng)
        # Nothing left is unlike: by the rank alone.
        return drawn(self._ranks, self._rng) if self._open.any() else None

    def strike(self, start: int, stop: int) -> None:
        super().strike(start, stop)
        self._ranks[start:stop] = 0.0

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        super().strike_each(indices)
        self._ranks[indices] = 0.0

    def took(self, index: int) -> None:
        self._meet(self._field.places[index : index + 1])

    def _meet(self, centres: Places) -> None:
        places = self._field.places
        if self._nearest is None:
            self._nearest = np.full(len(places), np.inf)
        for first in range(0, len(places), _CHUNK):
            part = slice(first, first + _CHUNK)
            distances = squared_distances(places[part], centres).min(axis=1, initial=np.inf)
            np.minimum(self._nearest[part], distances, out=self._nearest[part])
