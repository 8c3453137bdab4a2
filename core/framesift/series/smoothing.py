"""Smoothing over time (eq. 6), and how far apart frames are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.errors import InputError

_ROUNDING = 1e-6
_JITTER, _JITTER_S = 0.1, 0.0011
"""How far a distance between frames may be from the usual one, as a share of it and in seconds:
containers that count milliseconds round."""


def usual_distance(times: NDArray[np.float64]) -> float:
    """Seconds between neighbouring frames, as most of them are: the mean of those distances
    that are near the median, so that gaps say nothing.

    Args:
        times: float64 N, seconds, ascending.

    Returns:
        Seconds; NaN for fewer than two frames.

    Example:
        >>> round(usual_distance(np.array([0.0, 0.1, 0.2, 9.0])), 6)
        0.1
    """
    steps = np.diff(times)
    return float(steps[_is_usual(steps)].mean()) if len(steps) else math.nan


def is_even(times: NDArray[np.float64]) -> bool:
    """Whether frames come at a constant rate: no distance is far from the median, and none
    drifts away from it.

    Args:
        times: float64 N, seconds, ascending.

    Returns:
        True for a constant rate, and for fewer than two frames.

    Example:
        >>> is_even(np.array([0.0, 0.1, 0.2])), is_even(np.array([0.0, 0.1, 0.9]))
        (True, False)
    """
    steps = np.diff(times)
    if not len(steps) or not _is_usual(steps).all():
        return not len(steps)
    usual = float(steps.mean())
    drift = np.abs(times - times[0] - usual * np.arange(len(times)))
    return bool(drift.max() <= max(usual, _JITTER_S))


def _is_usual(steps: NDArray[np.float64]) -> NDArray[np.bool_]:
    # The lower median: a distance that there is.
    middle = float(np.partition(steps, (len(steps) - 1) // 2)[(len(steps) - 1) // 2])
    return np.abs(steps - middle) <= max(_JITTER * middle, _JITTER_S)


def smooth(
    values: ArrayLike | Sequence[float],
    half_window: int = 5,
    sigma: float = 3.0,
    times: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """ẑ_t = Σ w_i z_{t+i} / Σ w_i, i = −half_window…half_window, w_i = exp(−i²/2σ²) (eq. 6).

    At the ends, and where a neighbour has no score, the sums run over what exists; a frame
    without a score stays NaN. Nothing reaches beyond the array: a drive of several clips is
    smoothed across their joints when it is given as one array.

    The paper's Δt = 5 and σ = 3 count samples. Where only every s-th frame is scored, give
    half_window = 5·s and sigma = 3·s: the weights are then those of the samples, and the frames
    between stay NaN.

    Args:
        values: N, one per frame; NaN = not scored.
        half_window: frames on each side, 0 or more.
        sigma: frames, > 0.
        times: N, seconds, ascending strictly. Where they are not evenly spaced, i is the time
            between two frames over the usual distance of neighbours (`usual_distance`), so that
            a frame weighs by how long ago it was; evenly spaced ones change nothing.

    Returns:
        float64 N.

    Raises:
        InputError: half_window is negative or no whole number, sigma is not positive, values
            are not one-dimensional or infinite, or times do not fit.

    Example:
        >>> smooth([0.0, 1.0, 0.0], half_window=1, sigma=1.0).round(3).tolist()
        [0.378, 0.452, 0.378]
    """
    z = np.asarray(values, np.float64)
    if z.ndim != 1:
        raise InputError(f"A score series has one value per frame, not shape {z.shape}.")
    if half_window < 0 or int(half_window) != half_window:
        raise InputError(f"The half window is {half_window}; give 0 or more samples.")
    if not 0 < sigma < float("inf"):
        raise InputError(f"σ is {sigma}; give a positive number.")
    places = None if times is None else _places(times, len(z))
    reach = min(int(half_window), max(0, len(z) - 1)) if places is None else int(half_window)
    scored = ~np.isnan(z)
    count = int(np.count_nonzero(scored))
    if reach == 0 or count == 0:
        return z.copy()
    if count * 8 < len(z) or places is not None:
        out = np.full(z.shape, np.nan)
        frames = np.flatnonzero(scored)
        at = frames if places is None else places[frames]
        out[frames] = _smooth_sparse(at, z[frames], reach, float(sigma))
        return out
    return _smooth_dense(z, scored, reach, float(sigma))


def _places(times: ArrayLike, length: int) -> NDArray[np.float64] | None:
    """Times in usual distances; None where frame numbers say the same."""
    seconds = np.asarray(times, np.float64)
    if seconds.shape != (length,) or not (np.diff(seconds) > 0).all():
        raise InputError(
            f"A series of {length} frames needs {length} ascending times, not an array of "
            f"shape {seconds.shape}."
        )
    return None if is_even(seconds) else (seconds - seconds[0]) / usual_distance(seconds)


def _smooth_dense(
    z: NDArray[np.float64],
    scored: NDArray[np.bool_],
    reach: int,
    sigma: float,
) -> NDArray[np.float64]:
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma * sigma))
    inside = slice(reach, reach + len(z))
    if scored.all():
        total = _window_weights(weights, len(z))
        return np.convolve(z, weights)[inside] / total
    above = np.convolve(np.where(scored, z, 0.0), weights)[inside]
    below = np.convolve(scored.astype(np.float64), weights)[inside]
    smoothed: NDArray[np.float64] = np.full(z.shape, np.nan)
    np.divide(above, below, out=smoothed, where=scored)
    return smoothed


def _window_weights(weights: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Σ w_i over what exists, at every place of a series without gaps."""
    reach = len(weights) // 2
    edge = 2 * len(weights)
    if length <= 2 * edge:
        return np.convolve(np.ones(length), weights)[reach : reach + length]
    # Only the ends differ from the middle.
    ends = _window_weights(weights, edge)
    total = np.full(length, ends[edge // 2])
    total[:reach], total[-reach:] = ends[:reach], ends[-reach:]
    return total


def _smooth_sparse(
    frames: NDArray[np.int64] | NDArray[np.float64],
    z: NDArray[np.float64],
    reach: int,
    sigma: float,
) -> NDArray[np.float64]:
    """The same over the scored frames alone, at their numbers or places: the n-th neighbours
    of all of them at a time."""
    above, below = z.copy(), np.ones_like(z)
    for n in range(1, len(frames)):
        apart = frames[n:] - frames[:-n]
        if apart.min() > reach + _ROUNDING:
            break
        weights = np.where(
            apart <= reach + _ROUNDING, np.exp(-(apart**2) / (2 * sigma * sigma)), 0.0
        )
        above[n:] += weights * z[:-n]
        above[:-n] += weights * z[n:]
        below[n:] += weights
        below[:-n] += weights
    return above / below
