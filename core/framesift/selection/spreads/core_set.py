"""Core-set: the frame that is least like all that is labelled or picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import FULL, Field, Places, Spread, products
from framesift.selection.spreads.lazily import LazyOrder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.walk import Order
else:
    np = lazy_module("numpy")

_NO_CENTRE = 8.0
"""Above every squared distance of two vectors of length 1, which is at most 4."""


class CoreSet(Spread):
    """k-centre greedy (Sener and Savarese 2018): the frame whose nearest centre is furthest
    away, labelled frames, taken ones and picks being centres. Without any centre the highest
    value goes first."""

    name = "core-set"
    title = "least like all that is labelled or picked"
    compares = ("frames",)

    def order(self, field: Field) -> Order:
        return LazyOrder(field, _NO_CENTRE + field.ranks, _lowered)


def _lowered(
    values: NDArray[np.float64], frames: Places, picks: Places, met: NDArray[np.int64]
) -> NDArray[np.float64]:
    # Meeting a pick twice makes no difference.
    return np.asarray(np.minimum(values, nearest(frames, picks)))


def nearest(some: Places, others: Places) -> NDArray[np.float64]:
    """float64 n in [0, 4]: squared distance of each to the nearest of the others, vectors being
    of length 1; 0 where there are no descriptors, infinite without others."""
    if not len(others):
        return np.full(len(some), np.inf)
    if some.vectors is None or others.vectors is None:
        return np.zeros(len(some))
    ours, theirs = some.squares, others.squares
    assert ours is not None
    assert theirs is not None
    # Whole numbers up to here: exact, in whatever order.
    least = products(some.vectors, others.vectors).astype(np.float64)
    least *= -2
    least += theirs
    to_nearest = least.min(axis=1) if len(others) > 1 else least[:, 0]
    return np.asarray((to_nearest + ours) / (FULL * FULL))
