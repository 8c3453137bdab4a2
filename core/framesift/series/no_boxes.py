"""Frames that were scored by their boxes and have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

NO_BOXES = float(np.finfo(np.float32).min)
"""What stands in a series for a frame that was scored by its boxes and has none: such a frame
takes the pool's median, see `filled`."""


def without_boxes(values: ArrayLike) -> NDArray[np.bool_]:
    """bool, one per frame: whether it was scored and has no boxes."""
    return np.asarray(np.asarray(values) == np.float32(NO_BOXES), np.bool_)


def with_gaps(values: NDArray[Any]) -> NDArray[Any]:
    """A series to be looked at: NaN where a frame has no boxes; the given array stays as it
    is."""
    empty = without_boxes(values)
    return np.where(empty, np.asarray(np.nan, values.dtype), values) if empty.any() else values


def filled(series: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Series of one signal by drive, frames without boxes at the median of all other scored
    frames (0 where no frame has boxes); the given arrays stay as they are."""
    empty = {key: without_boxes(values) for key, values in series.items()}
    if not any(mask.any() for mask in empty.values()):
        return dict(series)
    known = np.concatenate([values[~empty[key]] for key, values in series.items()])
    known = known[~np.isnan(known)]
    median = float(np.median(known)) if len(known) else 0.0
    return {
        key: np.where(empty[key], np.asarray(median, values.dtype), values)
        for key, values in series.items()
    }
