"""CALD's second stage: frames whose classes are unlike those of what is labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import Field, Left, Objects, Spread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.walk import Order
else:
    np = lazy_module("numpy")


class Classes(Spread):
    """The frame whose histogram of classes has the largest Jensen–Shannon divergence from that
    of all labelled frames and picks, the higher value first on a tie (Yu et al., CALD, 2022).
    With a single class, and without anything known of objects, the highest value first."""

    name = "classes"
    title = "classes that are rare among what is labelled or picked"
    compares = ("objects",)

    def order(self, field: Field) -> Order:
        from framesift.selection.ranking import Ranking

        if field.objects is None or field.known_objects is None:
            return Ranking(field.values)
        inside = field.objects(np.arange(len(field.index)))
        known = field.known_objects()
        kinds = 1 + int(max([*inside.categories, *known.categories], default=0))
        if kinds < 2:
            return Ranking(field.values)
        return _RareFirst(
            histograms(inside, kinds), histograms(known, kinds).sum(axis=0), field.values
        )


def histograms(objects: Objects, kinds: int) -> NDArray[np.float64]:
    """How many objects of each class every frame has: float64 n×kinds."""
    frames = np.repeat(np.arange(len(objects.starts) - 1), np.diff(objects.starts))
    counted = np.zeros((len(objects.starts) - 1, kinds))
    np.add.at(counted, (frames, objects.categories), 1.0)
    return counted


def unlikeness(
    frames: NDArray[np.float64], labelled: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Jensen–Shannon divergence over ln 2 of each row's shares n×K from those of `labelled` K:
    float64 n in [0, 1]; 0 for a frame without objects, and all while nothing is labelled."""
    total = frames.sum(axis=1)
    if not labelled.sum():
        return np.zeros(len(frames))
    ours = frames / np.maximum(total, 1.0)[:, None]
    theirs = labelled / labelled.sum()
    middle = (ours + theirs) / 2
    between = _entropy(middle) - (_entropy(ours) + _entropy(theirs[None])) / 2
    return np.asarray(np.where(total > 0, np.clip(between / np.log(2), 0, 1), 0.0))


def _entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    safe = np.where(shares > 0, shares, 1.0)
    return np.asarray(-(shares * np.log(safe)).sum(axis=-1))


class _RareFirst(Left):
    def __init__(
        self,
        frames: NDArray[np.float64],
        labelled: NDArray[np.float64],
        values: NDArray[np.float64],
    ) -> None:
        self._frames, self._labelled, self._values = frames, labelled, values
        super().__init__(np.ones(len(frames), np.bool_))

    def best(self) -> int | None:
        if not self._open.any():
            return None
        # Equal shares are equal whatever the numbers that they come from.
        rare = np.round(unlikeness(self._frames, self._labelled), 9)
        unlike = np.where(self._open, rare, -1.0)
        level = np.flatnonzero(unlike == unlike.max())
        return int(level[self._values[level].argmax()])

    def took(self, index: int) -> None:
        self._labelled = self._labelled + self._frames[index]
