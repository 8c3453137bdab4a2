"""Boxes between key boxes: linear in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError


def interpolate(
    key_seconds: NDArray[np.float64],
    key_boxes: NDArray[np.float64],
    seconds: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Boxes between key boxes, each side linear in time.

    Args:
        key_seconds: float64 K, ascending: when the keys are.
        key_boxes: float64 K×4, native pixels.
        seconds: float64 N: when boxes are wanted, from the first key to the last.

    Returns:
        float64 N×4; at a key exactly its box.

    Raises:
        InputError: no key, keys out of order, or a time outside the keys.

    Example:
        >>> interpolate(np.array([0.0, 1.0]), np.array([[0, 0, 2, 4], [4, 0, 8, 4]]),
        ...             np.array([0.5])).tolist()
        [[2.0, 0.0, 5.0, 4.0]]
    """
    if not len(key_seconds) or (np.diff(key_seconds) <= 0).any():
        raise InputError("Key boxes must be at least one, and in the order of time.")
    if len(seconds) and (np.min(seconds) < key_seconds[0] or np.max(seconds) > key_seconds[-1]):
        raise InputError(
            f"Boxes are interpolated between keys, from {key_seconds[0]:g} s to "
            f"{key_seconds[-1]:g} s; ask for no time outside."
        )
    columns = np.asarray(key_boxes, np.float64).T
    return np.stack([np.interp(seconds, key_seconds, column) for column in columns], axis=1)
