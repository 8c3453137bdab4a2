"""The vectors that frames are compared by, many of which the choice before has worked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.selection.descriptors import DESCRIPTORS
from framesift.selection.spreads.base import as_vectors

if TYPE_CHECKING:
    from framesift.selection.descriptors import Rows
    from framesift.selection.spreads.base import Vectors


class FrameVectors:
    """Vectors of the frames of some drives by a descriptor; those asked for last are kept."""

    def __init__(self, by: str, rows: Sequence[Rows]) -> None:
        """rows: the descriptor's, by drive."""
        self._by, self._rows = by, rows
        self._starts = np.cumsum([0, *map(len, rows)])
        # In one piece, so that two threads may ask.
        self._last: tuple[NDArray[np.int64], Vectors] | None = None

    def of(self, frames: Sequence[NDArray[np.int64]]) -> Vectors:
        """Of ascending frames of each drive, drive by drive: float32 n×D (see `as_vectors`)."""
        pairs = zip(frames, self._starts, strict=False)
        places = np.concatenate([some + start for some, start in pairs])
        if self._last is None:
            vectors = self._made(places)
        else:
            vectors = self._with_those_of(places, *self._last)
        self._last = places, vectors
        return vectors

    def _with_those_of(
        self, places: NDArray[np.int64], known: NDArray[np.int64], vectors: Vectors
    ) -> Vectors:
        at = np.searchsorted(known, places)
        there = at < len(known)
        there[there] = known[at[there]] == places[there]
        made = np.empty((len(places), vectors.shape[1]), np.float32)
        made[there] = vectors[at[there]]
        made[~there] = self._made(places[~there])
        return made

    def _made(self, places: NDArray[np.int64]) -> Vectors:
        edges = np.searchsorted(places, self._starts).tolist()
        parts = []
        for number, start in enumerate(self._starts[:-1].tolist()):
            rows = self._rows[number]
            assert isinstance(rows, np.ndarray)
            parts.append(rows[places[edges[number] : edges[number + 1]] - start])
        # All at once: a drive has few.
        return as_vectors(DESCRIPTORS[self._by].vectors(np.concatenate(parts)))
