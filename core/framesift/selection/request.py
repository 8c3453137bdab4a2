"""What a selection was asked for, checked: series, budget, distances, look-alikes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.errors import InputError
from framesift.selection.kept import Kept
from framesift.selection.row import Row
from framesift.video import Distance

Distances = int | Distance | Mapping[str, int | Distance]
_ROUNDING_S = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """How far a distance goes in one drive: `frames` to either side, or, where `times` (float64
    seconds, one per frame) are given, all frames up to `seconds` away."""

    frames: int = 0
    seconds: float = 0.0
    times: NDArray[np.float64] | None = None

    @property
    def made_of(self) -> tuple[object, ...]:
        """All that it depends on."""
        return self.frames, self.seconds, self.times

    def window(self, frame: int) -> tuple[int, int]:
        """The frames [start, stop) that are no further from `frame`, itself among them; not
        cut to the drive where the distance is in frames."""
        if self.times is None:
            return frame - self.frames, frame + self.frames + 1
        start, stop = self.windows(np.array([frame]))
        return int(start[0]), int(stop[0])

    def windows(self, frames: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same of many frames: starts and stops."""
        if self.times is None:
            return frames - self.frames, frames + self.frames + 1
        here, far = self.times[frames], self.seconds + _ROUNDING_S
        return (
            np.searchsorted(self.times, here - far, "left"),
            np.searchsorted(self.times, here + far, "right"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """series: float64 per drive, NaN = no score. delta1, delta2: how far they reach. taken:
    sorted frame numbers per drive. thumbnails: uint8 n×T per drive; look_alike: its threshold,
    None = not compared."""

    series: Mapping[str, NDArray[np.float64]]
    budget: int
    delta1: Mapping[str, Reach]
    delta2: Mapping[str, Reach]
    taken: Mapping[str, NDArray[np.int64]]
    thumbnails: Mapping[str, NDArray[np.uint8]]
    look_alike: float | None

    def row(self, kept: Kept) -> Row:
        """The values of all drives, NaN or −inf where nothing may be picked: no score, taken or
        near it. Raises InputError for infinite ones."""
        series = tuple(self.series.values())
        row = kept.get("row", series, lambda: Row.of_scores(series))
        near = [
            (video, frames.tobytes(), self.delta2[video].made_of)
            for video, frames in self.taken.items()
            if len(frames)
        ]
        if not near:
            return row
        return kept.get("row of the open", (row, *near), lambda: self._open(row))

    def _open(self, row: Row) -> Row:
        return row.with_parts(
            _far_from(self.taken.get(video), values, self.delta2[video])
            for video, values in self.series.items()
        )


def _far_from(
    taken: NDArray[np.int64] | None, values: NDArray[np.float64], delta2: Reach
) -> NDArray[np.float64]:
    if taken is None or not len(taken):
        return values
    low, high = delta2.windows(taken)
    edges = np.zeros(len(values) + 1, np.int64)
    np.add.at(edges, np.maximum(low, 0), 1)
    np.add.at(edges, np.minimum(high, len(values)), -1)
    return np.where(np.cumsum(edges)[:-1] > 0, -np.inf, values)


def make_request(
    series: Mapping[str, ArrayLike],
    budget: int,
    delta1: Distances,
    delta2: Distances,
    taken: Mapping[str, Iterable[int]],
    thumbnails: Mapping[str, NDArray[np.uint8]] | None,
    look_alike: float | None,
    times: Mapping[str, ArrayLike] | None = None,
) -> Request:
    """Checks the arguments of `select`; InputError, one sentence, when they make no sense."""
    if not _whole(budget):
        raise InputError(f"A budget of {budget} makes no sense; give a number of frames.")
    if look_alike is not None and not 0 <= look_alike <= 1:
        raise InputError(f"The look-alike threshold is {look_alike}; give one in 0 to 1.")
    arrays = {video: _values(video, values) for video, values in series.items()}
    ascending = {
        video: _ascending(video, times[video], len(values))
        for video, values in arrays.items()
        if times is not None
        and video in times
        and any(_in_seconds(distances, video) for distances in (delta1, delta2))
    }
    compared = (
        {}
        if thumbnails is None or look_alike is None
        else {
            video: _rows(video, thumbnails[video], len(values))
            for video, values in arrays.items()
            if video in thumbnails
        }
    )
    return Request(
        series=arrays,
        budget=int(budget),
        delta1=_distances("Δt1", delta1, arrays, ascending),
        delta2=_distances("Δt2", delta2, arrays, ascending),
        taken={
            video: _frames(taken[video], len(values))
            for video, values in arrays.items()
            if video in taken
        },
        thumbnails=compared,
        look_alike=look_alike if compared else None,
    )


def _whole(value: float) -> bool:
    return not isinstance(value, bool) and int(value) == value and value >= 0


def _values(video: str, values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    if array.ndim != 1:
        raise InputError(
            f"{video}: a score series has one value per frame, not shape {array.shape}."
        )
    return array


def _rows(video: str, rows: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    if rows.ndim != 2 or rows.dtype != np.uint8 or len(rows) != length:
        raise InputError(
            f"{video}: look-alikes need one descriptor per frame, {length}×T "
            f"bytes, not {rows.dtype} of shape {rows.shape}."
        )
    return rows


def _in_seconds(distances: Distances, video: str) -> bool:
    given = distances.get(video) if isinstance(distances, Mapping) else distances
    return isinstance(given, Distance) and given.unit == "seconds"


def _ascending(video: str, times: ArrayLike, length: int) -> NDArray[np.float64]:
    seconds = np.asarray(times, np.float64)
    if seconds.shape != (length,) or not (seconds[1:] > seconds[:-1]).all():
        raise InputError(f"{video}: its {length} frames need {length} ascending times.")
    return seconds


def _distances(
    name: str,
    given: Distances,
    series: Mapping[str, NDArray[np.float64]],
    times: Mapping[str, NDArray[np.float64]],
) -> dict[str, Reach]:
    each = dict(given) if isinstance(given, Mapping) else dict.fromkeys(series, given)
    for video in series:
        if video not in each:
            raise InputError(f"There is no {name} for {video}; give one for every drive.")
    return {video: _reach(name, each[video], video, times.get(video)) for video in series}


def _reach(
    name: str, given: int | Distance, video: str, times: NDArray[np.float64] | None
) -> Reach:
    if isinstance(given, Distance) and given.unit == "seconds":
        if times is None:
            raise InputError(f"{name} is {given}, and {video} has no times; give frames.")
        return Reach(seconds=given.value, times=times)
    frames = given.value if isinstance(given, Distance) else given
    if not _whole(frames):
        raise InputError(f"{name} is {given}; give 0 or more frames.")
    return Reach(int(frames))


def _frames(frames: Iterable[int], length: int) -> NDArray[np.int64]:
    """Sorted and unique; numbers outside the drive block nothing in it and are dropped."""
    numbers = np.fromiter(frames, np.int64)
    if not len(numbers):
        return numbers
    numbers = np.unique(numbers)
    return numbers[(numbers >= 0) & (numbers < length)]
