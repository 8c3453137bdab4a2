"""The values of all drives in a row, read where they stand: nothing is copied."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
else:
    np = lazy_module("numpy")

_EVERY = 61
"""The sample takes one frame of so many: a prime, so that it meets the scored frames whatever
their distance is."""
_FEW = 1 << 17
"""The highest values are kept for the next choice while they are no more than this."""


class Row:
    """Values of many frames, drive by drive.

    parts: float64 per drive; NaN and −inf = not to be picked. starts: where each drive begins
    in the row, and the row's end.
    """

    def __init__(self, parts: Sequence[Floats], sample: Floats | None = None) -> None:
        """sample: ascending, None: taken from the parts."""
        self.parts = tuple(parts)
        self.starts: list[int] = [0, *itertools.accumulate(map(len, self.parts))]
        self._sample = _sampled(self.parts) if sample is None else sample
        # In one piece, so that two threads may ask: a bound, the places above, their values.
        self._highest: tuple[float, NDArray[np.int64], Floats] | None = None

    @staticmethod
    def of_scores(parts: Sequence[Floats]) -> Row:
        """Raises InputError where one is infinite."""
        if any(np.isinf(part).any() for part in parts):
            raise InputError("A score is infinite; scores are finite numbers or missing.")
        return Row(parts)

    def with_parts(self, parts: Iterable[Floats]) -> Row:
        """Drives of the same lengths, whose values are about as large."""
        return Row(tuple(parts), self._sample)

    def __len__(self) -> int:
        return self.starts[-1]

    def drive(self, index: int) -> int:
        """The number of the drive that a place in the row is in."""
        return bisect_right(self.starts, index) - 1

    def value(self, index: int) -> float:
        """The value at a place in the row."""
        drive = self.drive(index)
        return float(self.parts[drive][index - self.starts[drive]])

    def values(self, places: NDArray[np.int64]) -> Floats:
        """Of ascending places in the row."""
        edges = np.searchsorted(places, self.starts).tolist()
        return np.concatenate(
            [np.zeros(0)]
            + [
                part[places[first:last] - start]
                for part, start, first, last in zip(
                    self.parts, self.starts, edges, edges[1:], strict=False
                )
                if last > first
            ]
        )

    def within(self, start: int, stop: int) -> NDArray[np.int64]:
        """The places in [start, stop), of one drive, that have a value."""
        drive = self.drive(start)
        first = self.starts[drive]
        values = self.parts[drive][start - first : stop - first]
        return start + np.flatnonzero(values > -np.inf)

    def between(self, low: float, high: float) -> tuple[NDArray[np.int64], Floats]:
        """The places whose values are in [low, high), in their order, and the values."""
        if low == -np.inf:
            return self._read(low, high)
        known = self._highest
        if known is None or low < known[0]:
            known = (low, *self._read(low, np.inf))
            if len(known[1]) <= _FEW:
                self._highest = known
        _, places, values = known
        inside = (values >= low) & (values < high)
        return places[inside], values[inside]

    def _read(self, low: float, high: float) -> tuple[NDArray[np.int64], Floats]:
        places, values = [np.zeros(0, np.int64)], [np.zeros(0)]
        for part, start in zip(self.parts, self.starts, strict=False):
            reached = part >= low if low > -np.inf else part > -np.inf
            if high < np.inf:
                reached &= part < high
            frames = np.flatnonzero(reached)
            if len(frames):
                places.append(frames + start)
                values.append(part[frames])
        return np.concatenate(places), np.concatenate(values)

    def height(self, count: int) -> float:
        """What roughly `count` values reach; −inf where there are fewer, as far as a sample
        tells."""
        place = len(self._sample) - max(1, count // _EVERY)
        return float(self._sample[place]) if place > 0 else -np.inf


def _sampled(parts: Sequence[Floats]) -> Floats:
    sample = np.concatenate([np.zeros(0), *(part[::_EVERY] for part in parts)])
    return np.asarray(np.sort(sample[sample > -np.inf]))
