"""Boxes between key boxes: linear in time, or on a smooth curve near the keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.tracking.motion import DISTANT, centred, cornered

CURVED = 5
"""Keys that a smoothing spline needs."""


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


def smooth(
    key_seconds: NDArray[np.float64],
    key_boxes: NDArray[np.float64],
    seconds: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Boxes on smooth curves near key boxes that are off by a detector's noise.

    Centre and size each follow a cubic smoothing spline: the most likely path of what moves
    with a velocity that walks at random, as the filter of `link` supposes (Wahba, "Improper
    Priors, Spline Smoothing and the Problem of Guarding Against Model Errors in Regression",
    1978). With fewer than five keys the boxes are interpolated.

    Args:
        key_seconds: float64 K, ascending: when the keys are.
        key_boxes: float64 K×4, native pixels.
        seconds: float64 N: when boxes are wanted, from the first key to the last.

    Returns:
        float64 N×4.

    Raises:
        InputError: no key, keys out of order, or a time outside the keys.

    Example:
        >>> times = np.arange(6) / 10
        >>> steps = np.array([0, 3, 3, 6, 6, 9.0])  # there and back by rounding
        >>> keys = np.stack([steps, steps, steps + 20, steps + 40], axis=1)
        >>> smooth(times, keys, times)[:, 0].round().tolist()
        [0.0, 2.0, 4.0, 5.0, 7.0, 9.0]
    """
    line = interpolate(key_seconds, key_boxes, seconds)
    if len(key_seconds) < CURVED:
        return line
    places = centred(np.asarray(key_boxes, np.float64))
    sizes = np.sqrt(np.maximum(places[:, 2] * places[:, 3], 1.0))
    weights = 1 / np.stack([DISTANT.of_sides(size) * size**2 for size in sizes])
    changing = np.repeat(DISTANT.changing, 2) * np.median(sizes)
    return cornered(_splines(key_seconds, places, weights, 1 / changing**2, seconds))


def _splines(
    key_seconds: NDArray[np.float64],
    places: NDArray[np.float64],
    weights: NDArray[np.float64],
    stiffness: NDArray[np.float64],
    seconds: NDArray[np.float64],
) -> NDArray[np.float64]:
    from scipy.interpolate import make_smoothing_spline

    curves = [
        make_smoothing_spline(key_seconds, value, w=weight, lam=stiff)(seconds)
        for value, weight, stiff in zip(places.T, weights.T, stiffness, strict=True)
    ]
    return np.stack(curves, axis=1)
