"""Curves of a million points: a min/max pyramid, cut to the columns of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.series.value_scale import extent

BLOCK = 64
"""Frames per entry of the first level, and entries per entry of each further one."""
JOIN = 8
"""Scored frames further apart than this many times their usual distance are not joined."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A curve as envelope: per column that holds scores, its place and extent.

    at int64 n (column), low and high float64 n; `breaks`: indices into them before which the
    curve is interrupted.
    """

    at: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    breaks: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """A curve as points: frames int64 n, values float64 n, breaks as in Columns."""

    at: NDArray[np.int64]
    values: NDArray[np.float64]
    breaks: NDArray[np.int64]


class Curve:
    """One series (NaN = not scored) with the extremes of its blocks, level above level. From
    `low` to `high` reach its values, outliers below apart; `lowest` is the lowest of all. NaN
    where nothing is scored."""

    def __init__(self, values: NDArray[np.float32] | NDArray[np.float64]) -> None:
        self.values = values
        low, high = _extremes(values, values, BLOCK)
        self._levels = [(1, values, values), (BLOCK, low, high)]
        while len(low) > 64 * BLOCK:
            low, high = _extremes(low, high, BLOCK)
            self._levels.append((self._levels[-1][0] * BLOCK, low, high))
        self.lowest = float(np.fmin.reduce(low)) if len(low) else float("nan")
        self.low, self.high = extent(values)
        self.spacing = _spacing(values)

    def __len__(self) -> int:
        return len(self.values)

    def columns(self, start: float, stop: float, count: int) -> Columns:
        """The extremes of frames [start, stop) in `count` columns of equal width."""
        width = max((stop - start) / max(1, count), 1e-9)
        step, low, high = next(
            (level for level in reversed(self._levels) if level[0] * 2 <= width),
            self._levels[0],
        )
        edges = np.floor((start + width * np.arange(count + 1)) / step).astype(np.int64)
        edges = edges.clip(0, len(low))
        full = np.flatnonzero(edges[1:] > edges[:-1])
        if not len(full):
            empty = np.zeros(0)
            return Columns(full, empty, empty, np.zeros(0, np.int64))
        # reduceat runs from each edge to the next one given: empty columns are left out.
        where, last = edges[full], edges[full[-1] + 1]
        below = np.fmin.reduceat(low[:last], where)
        above = np.fmax.reduceat(high[:last], where)
        there = ~np.isnan(below)
        at = full[there]
        breaks = _breaks(at, max(1.0, self.spacing / width))
        return Columns(
            at, below[there].astype(np.float64), above[there].astype(np.float64), breaks
        )

    def points(self, start: float, stop: float) -> Points:
        """The scored frames in [start, stop), and the next one on either side."""
        reach = int(JOIN * self.spacing) + 1
        first = max(0, int(start) - reach)
        part = self.values[first : min(len(self.values), int(stop) + 1 + reach)]
        there = np.flatnonzero(~np.isnan(part))
        at = there + first
        inside = np.flatnonzero((at >= start) & (at < stop))
        if len(inside):
            chosen = slice(max(0, inside[0] - 1), inside[-1] + 2)
        else:
            after = int(np.searchsorted(at, start))
            chosen = slice(max(0, after - 1), after + 1)
        at, there = at[chosen], there[chosen]
        return Points(at, part[there].astype(np.float64), _breaks(at, self.spacing))


def _extremes(
    low: NDArray[np.floating],
    high: NDArray[np.floating],
    block: int,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    if not len(low):
        return low, high
    starts = np.arange(0, len(low), block)
    return np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)


def _spacing(values: NDArray[np.floating]) -> float:
    """The usual distance of scored frames (from coarse to fine it shrinks), at least 1."""
    scored = int(np.count_nonzero(~np.isnan(values)))
    return max(1.0, len(values) / scored) if scored else 1.0


def _breaks(at: NDArray[np.int64], spacing: float) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(at) > JOIN * spacing) + 1
