"""What a selection was asked for, checked: series, budget, distances, look-alikes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.errors import InputError

Distances = int | Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """series: float64 per drive, NaN = no score. taken: sorted frame numbers per drive.
    thumbnails: uint8 n×T per drive; look_alike: its threshold, None = not compared."""

    series: Mapping[str, NDArray[np.float64]]
    budget: int
    delta1: Mapping[str, int]
    delta2: Mapping[str, int]
    taken: Mapping[str, NDArray[np.int64]]
    thumbnails: Mapping[str, NDArray[np.uint8]]
    look_alike: float | None


def make_request(
    series: Mapping[str, ArrayLike],
    budget: int,
    delta1: Distances,
    delta2: Distances,
    taken: Mapping[str, Iterable[int]],
    thumbnails: Mapping[str, NDArray[np.uint8]] | None,
    look_alike: float | None,
) -> Request:
    """Checks the arguments of `select`; InputError, one sentence, when they make no sense."""
    if not _whole(budget):
        raise InputError(f"A budget of {budget} makes no sense; give a number of frames.")
    if look_alike is not None and not 0 <= look_alike <= 1:
        raise InputError(f"The look-alike threshold is {look_alike}; give one in 0 to 1.")
    arrays = {video: _values(video, values) for video, values in series.items()}
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
        delta1=_distances("Δt1", delta1, arrays),
        delta2=_distances("Δt2", delta2, arrays),
        taken={
            video: _frames(taken[video], len(values))
            for video, values in arrays.items()
            if video in taken
        },
        thumbnails=compared,
        look_alike=look_alike if compared else None,
    )


def _whole(value: int) -> bool:
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


def _distances(name: str, given: Distances, series: Mapping[str, object]) -> dict[str, int]:
    each = dict(given) if isinstance(given, Mapping) else dict.fromkeys(series, given)
    for video in series:
        if video not in each:
            raise InputError(f"There is no {name} for {video}; give one for every drive.")
        if not _whole(each[video]):
            raise InputError(f"{name} is {each[video]}; give 0 or more frames.")
    return {video: int(each[video]) for video in series}


def _frames(frames: Iterable[int], length: int) -> NDArray[np.int64]:
    """Sorted and unique; numbers outside the drive block nothing in it and are dropped."""
    numbers = np.unique(np.fromiter(frames, np.int64))
    return numbers[(numbers >= 0) & (numbers < length)]
