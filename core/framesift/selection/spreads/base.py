"""What a spread is: how picks are chosen among the frames that pass the gate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.walk import Order

    Vectors = NDArray[np.float32]
else:
    np = lazy_module("numpy")


FULL = 4000.0
"""Length of a vector. They hold whole numbers, so that every product of two is below 2^24 and
exact in float32: whatever adds them up, in whatever order, finds the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Frames by where they are. vectors: float32 n×D, whole numbers, FULL long (see
    `as_vectors`), None without descriptors; drive: int64 n, seconds: float64 n, NaN without
    time. squares: float64 n, the vectors' squared lengths, worked out where not given."""

    vectors: Vectors | None
    drive: NDArray[np.int64]
    seconds: NDArray[np.float64]
    squares: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.vectors is not None and self.squares is None:
            squares = np.einsum("nd,nd->n", self.vectors, self.vectors).astype(np.float64)
            object.__setattr__(self, "squares", squares)

    def __len__(self) -> int:
        return len(self.drive)

    def __getitem__(self, part: slice | NDArray[np.generic]) -> Places:
        vectors = None if self.vectors is None else self.vectors[part]
        squares = None if self.squares is None else self.squares[part]
        return Places(vectors, self.drive[part], self.seconds[part], squares)


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The objects of frames. vectors: float32 M×D as Places'; starts: int64, one more than
    frames; categories: int64 M."""

    vectors: Vectors
    starts: NDArray[np.int64]
    categories: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What a spread chooses from. index: int64 n, ascending: places in the row of all drives;
    values: float64 n; places: where they are; known: the frames that are labelled or taken
    already. walked: positions in `index` of frames that the rules let be taken together, the
    highest first. budget: how many are to be picked. half_life: seconds after which a drive is
    another one (see framesift.selection.spreads.timeline). objects: of positions in `index`,
    known_objects: of the known frames, None without them. rng: for what is drawn."""

    index: NDArray[np.int64]
    values: NDArray[np.float64]
    places: Places
    known: Places
    walked: NDArray[np.int64]
    budget: int
    rng: np.random.Generator
    half_life: float = float("nan")
    objects: Callable[[NDArray[np.int64]], Objects] | None = None
    known_objects: Callable[[], Objects] | None = None
    _ranks: list[NDArray[np.float64]] = field(default_factory=list, repr=False)

    @property
    def ranks(self) -> NDArray[np.float64]:
        """float64 n in (0, 1]: the rank of each value, equal ones alike, divided by n."""
        if not self._ranks:
            self._ranks.append(ranks(self.values))
        return self._ranks[0]


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank-normalised values: float64 in (0, 1], the mean rank of equal ones over their number;
    NaN stays NaN."""
    there = ~np.isnan(values)
    kinds, which, counts = np.unique(values[there], return_inverse=True, return_counts=True)
    ranked = np.full(len(values), np.nan)
    if len(kinds):
        last = np.cumsum(counts)
        ranked[there] = ((last - (counts - 1) / 2) / last[-1])[which]
    return ranked


def as_vectors(rows: NDArray[np.floating]) -> Vectors:
    """Rows n×D as vectors: each scaled to FULL and rounded to whole numbers; zeros stay."""
    wide = np.asarray(rows, np.float32)
    length = np.sqrt(np.einsum("nd,nd->n", wide, wide, dtype=np.float64))[:, None]
    scaled = np.divide(
        wide * np.float32(FULL), length, out=np.zeros(wide.shape), where=length > 0
    )
    return np.asarray(np.rint(scaled), np.float32)


_SMALL = 1 << 18
"""Multiplications that BLAS does on one thread. For more it wakes others, and where the
processor is busy a small product waits for them many times as long as it takes."""


def products(some: Vectors, others: Vectors) -> NDArray[np.float32]:
    """n×m, of each vector of n×D with each of m×D; exact, see FULL."""
    each = max(1, len(others) * others.shape[1])
    step = max(1, _SMALL // each)
    if each * len(some) > 64 * _SMALL and len(others) > 1:
        return np.asarray(some @ others.T)
    of_all = np.empty((len(some), len(others)), np.float32)
    for first in range(0, len(some), step):
        np.matmul(some[first : first + step], others.T, out=of_all[first : first + step])
    return of_all


def cosine(products: NDArray[np.float32]) -> NDArray[np.float64]:
    """The cosine in [−1, 1] from the product of two vectors."""
    wide = products.astype(np.float64)
    wide /= FULL * FULL
    return wide


class Spread(ABC):
    """A member of the family.

    name: its key in SPREADS. title: one line for lists. compares: what it compares frames by:
    "frames", "objects"; () by nothing but their values.
    """

    name: str
    title: str
    compares: tuple[str, ...] = ()

    @abstractmethod
    def order(self, field: Field) -> Order:
        """What comes next of the field's frames, by their positions in it."""


class Left:
    """The part of an order that holds which frames are not struck out, for orders that need
    nothing quicker. open: bool, each frame's."""

    def __init__(self, open_: NDArray[np.bool_]) -> None:
        self._open = open_

    def strike(self, start: int, stop: int) -> None:
        self._open[start:stop] = False

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        self._open[indices] = False

    def left(self, start: int, stop: int) -> NDArray[np.int64]:
        return start + np.flatnonzero(self._open[start:stop])


def drawn(weights: NDArray[np.float64], rng: np.random.Generator) -> int:
    """A place drawn with a probability that goes with its weight; at least one is above 0."""
    reached = np.cumsum(weights)
    place = int(np.searchsorted(reached, rng.random() * reached[-1], "right"))
    if place < len(weights) and weights[place] > 0:
        return place
    return min(place, int(np.flatnonzero(weights)[-1]))
