"""PPAL's diversity: k-medoids on how alike the objects of two frames are, class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import (
    Field,
    Left,
    Objects,
    Spread,
    cosine,
    drawn,
    products,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.walk import Order
else:
    np = lazy_module("numpy")

_ROUNDS = 100


class Ppal(Spread):
    """k-medoids (Yang et al., PPAL, 2024): of the frames that the gate's walk took, the medoids
    of as many clusters as there are frames to pick, the highest value first. Similarity of two
    frames: each object with the most similar one of its class in the other frame (0 where there
    is none), averaged, and the mean of both directions; the frames' own descriptors where one
    of them holds no object.

    The frames of the walk keep every rule among each other, so any of them do.
    """

    name = "ppal"
    title = "medoids of clusters of frames with objects alike"
    compares = ("frames", "objects")

    def order(self, field: Field) -> Order:
        walked = field.walked
        if len(walked) <= field.budget:
            return _Listed(walked, len(field.index))
        similarity = similarities(field, walked)
        chosen = medoids(similarity, field.ranks[walked], field.budget, field.rng)
        # `walked` is in the order of its values.
        return _Listed(walked[np.sort(chosen)], len(field.index))


def similarities(field: Field, walked: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 k×k, symmetric, of the frames at positions `walked`."""
    frames = field.places[walked]
    if frames.vectors is None:
        alike = np.zeros((len(walked), len(walked)))
    else:
        alike = cosine(products(frames.vectors, frames.vectors))
    if field.objects is None:
        return alike
    objects = field.objects(walked)
    matched = matching(objects)
    both = np.diff(objects.starts) > 0
    return np.where(both[:, None] & both[None, :], matched, alike)


def matching(objects: Objects) -> NDArray[np.float64]:
    """float64 k×k: the category-conditioned matching similarity; 0 for frames without
    objects."""
    starts = objects.starts
    filled = np.flatnonzero(np.diff(starts) > 0)
    count = len(starts) - 1
    directed = np.zeros((count, count))
    if not len(filled):
        return directed
    begins = starts[filled]
    for frame in filled.tolist():
        rows = slice(int(starts[frame]), int(starts[frame + 1]))
        products = cosine(objects.vectors[rows] @ objects.vectors.T)
        same = objects.categories[rows, None] == objects.categories[None, :]
        best = np.maximum.reduceat(np.where(same, products, -np.inf), begins, axis=1)
        directed[frame, filled] = np.where(best == -np.inf, 0.0, best).mean(axis=0)
    return (directed + directed.T) / 2


def medoids(
    similarity: NDArray[np.float64],
    weights: NDArray[np.float64],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Positions of `count` medoids of k frames: seeded by D² times `weights`, then each frame
    goes to its most similar medoid and each cluster to the member that is most similar to all
    of it, until nothing changes. On a tie the earlier one."""
    chosen = _seeds(similarity, weights, count, rng)
    before = np.full(len(similarity), -1)
    for _ in range(_ROUNDS):
        cluster = similarity[:, chosen].argmax(axis=1)
        cluster[chosen] = np.arange(len(chosen))
        # Clusters whose members are those of the round before keep their medoid.
        other = cluster != before
        changed = np.union1d(cluster[other], before[other])
        moved = chosen.copy()
        grouped = np.argsort(cluster, kind="stable")
        edges = np.searchsorted(cluster, np.arange(count + 1), sorter=grouped).tolist()
        for number in changed[changed >= 0].tolist():
            members = grouped[edges[number] : edges[number + 1]]
            inside = similarity[members[:, None], members].sum(axis=1)
            moved[number] = members[inside.argmax()]
        if np.array_equal(moved, chosen):
            break
        chosen, before = moved, cluster
    return chosen


def _seeds(
    similarity: NDArray[np.float64],
    weights: NDArray[np.float64],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    chosen = [int(weights.argmax())]
    nearest = similarity[chosen[0]].copy()
    # 0 where chosen.
    left = weights.copy()
    left[chosen] = 0.0
    while len(chosen) < count:
        odds = left * np.square(np.maximum(1 - nearest, 0.0))
        chosen.append(drawn(odds if odds.any() else left, rng))
        left[chosen[-1]] = 0.0
        np.maximum(nearest, similarity[chosen[-1]], out=nearest)
    return np.array(chosen, np.int64)


class _Listed(Left):
    """Frames in an order that was fixed before."""

    def __init__(self, frames: NDArray[np.int64], count: int) -> None:
        super().__init__(np.zeros(count, np.bool_))
        self._frames = frames
        self._open[frames] = True

    def best(self) -> int | None:
        left = self._frames[self._open[self._frames]]
        return int(left[0]) if len(left) else None

    def took(self, index: int) -> None:
        self._open[index] = False
