"""Score series: one value per frame of a timeline, NaN where nothing was scored, and their
smoothing (eq. 6)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.errors import InputError
from framesift.product.optional import axes_or_new, data_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NO_BOXES = float(np.finfo(np.float32).min)
"""What stands in a series for a frame that was scored by its boxes and has none: such a frame
takes the pool's median, see `filled`."""
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


def without_boxes(values: ArrayLike) -> NDArray[np.bool_]:
    """bool, one per frame: whether it was scored and has no boxes."""
    return np.asarray(np.asarray(values) == np.float32(NO_BOXES), np.bool_)


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


def recipe_identity(recipe: Mapping[str, Any]) -> str:
    """What two series must share to be comparable bit for bit, as one text: equal for equal
    recipes, whatever the order of their keys.

    Args:
        recipe: everything that the scores depend on, JSON-able.

    Returns:
        The sha256 of its canonical JSON, 64 hex digits.

    Raises:
        ValueError: it holds what JSON cannot say (NaN, for one).

    Example:
        >>> recipe_identity({"a": 1, "b": 2}) == recipe_identity({"b": 2, "a": 1})
        True
    """
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Timeline(Protocol):
    """A drive that was scored: its name, and its opened clips in order."""

    @property
    def key(self) -> str: ...
    @property
    def clips(self) -> Sequence[Any]: ...
    def locate(self, frame: int) -> tuple[int, int]:
        """A frame of the drive as (clip, frame in that clip)."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScoreSeries:
    """The frame scores of one drive and the recipe that made them.

    values: float32, one per frame, NaN = not scored. recipe: JSON-able (detector hash, score
    and its parameters, working size, precision, batch, threads, torch). Two series are
    comparable number by number when their `identity` is equal. name: of the drive. seconds:
    float64, of each frame from the first; None without time. drive: what was scored; None for
    values from elsewhere. descriptors: rows by the descriptor's name. maxima: by frame the
    region maxima that made its score, as (x, y, value) in native pixels. damaged: frames that
    are known as damaged.

    Example:
        >>> ScoreSeries([0.25, 0.5, float("nan")], name="by hand")
        <ScoreSeries 'by hand': 2 of 3 frames scored by score>
    """

    values: NDArray[np.float32]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    seconds: NDArray[np.float64] | None = None
    drive: Timeline | None = None
    descriptors: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    maxima: Mapping[int, Any] = field(default_factory=dict)
    damaged: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        values = np.asarray(self.values, np.float32)
        if values.ndim != 1:
            raise InputError(
                f"A score series has one value per frame, not shape {values.shape}."
            )
        object.__setattr__(self, "values", values)

    @staticmethod
    def empty(frames: int, recipe: Mapping[str, Any]) -> ScoreSeries:
        """A series without a score yet.

        Args:
            frames: how many, 0 or more.
            recipe: everything that its scores will depend on.

        Returns:
            A ScoreSeries of NaN.
        """
        return ScoreSeries(np.full(frames, np.nan, np.float32), dict(recipe))

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        count = int(self.scored.sum())
        return f"<ScoreSeries{name}: {count} of {len(self)} frames scored by {self.signal}>"

    def __getitem__(self, frames: Any) -> Any:
        """The value of a frame, or of several as numpy has it."""
        return self.values[frames]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The values, for numpy."""
        return self.values.astype(dtype or np.float32, copy=bool(copy))

    @property
    def signal(self) -> str:
        """The score's name."""
        return str(self.recipe.get("score", {}).get("method", "score"))

    @property
    def identity(self) -> str:
        return recipe_identity(self.recipe)

    @property
    def scored(self) -> NDArray[np.bool_]:
        """bool per frame: whether it has a score."""
        return ~np.isnan(self.values)

    def smoothed(
        self, half_window: int = 5, sigma: float = 3.0, times: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """The series smoothed over time, eq. 6, see `smooth`.

        Args:
            half_window: scored frames on each side, 0 or more. Where only every n-th frame has
                a score, the window stretches by n.
            sigma: scored frames, > 0; stretches as the window does.
            times: seconds, one per frame, where the rate varies; None: those of the series.

        Returns:
            float64, one per frame; NaN where a frame has no score.

        Raises:
            InputError: half_window or sigma makes no sense, or times do not fit.
        """
        frames = np.flatnonzero(self.scored)
        step = int(np.diff(frames).min()) if len(frames) > 1 else 1
        at = self.seconds if times is None else times
        return smooth(self.values, half_window * step, sigma * step, at)

    def to_dataframe(self) -> Any:
        """The scored frames as a pandas.DataFrame.

        Returns:
            A table with the columns frame, seconds (NaN without time), score, smoothed.

        Raises:
            EnvironmentProblem: pandas is not installed.

        Example:
            >>> ScoreSeries([0.25, 0.5]).to_dataframe()["score"].tolist()
            [0.25, 0.5]
        """
        frames = np.flatnonzero(self.scored)
        seconds = np.full(len(self), np.nan) if self.seconds is None else self.seconds
        return data_frame(
            {
                "frame": frames,
                "seconds": seconds[frames],
                "score": self.values[frames],
                "smoothed": self.smoothed()[frames],
            }
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draws the scores over time, thin, and smoothed, bold.

        Args:
            axes: matplotlib axes to draw into; new ones by default.

        Returns:
            The axes.

        Example:
            >>> ScoreSeries([0.25, 0.5]).plot().get_xlabel()
            'frame'
        """
        axes = axes_or_new(axes)
        frames = np.flatnonzero(self.scored)
        x: NDArray[Any] = np.arange(len(self)) if self.seconds is None else self.seconds
        (line,) = axes.plot(x[frames], self.values[frames], linewidth=0.6, alpha=0.6)
        axes.plot(x[frames], self.smoothed()[frames], linewidth=1.8, color=line.get_color())
        axes.set_xlabel("frame" if self.seconds is None else "seconds")
        axes.set_ylabel(self.signal.replace("_", " "))
        axes.set_title(self.name.replace("$", r"\$"), loc="left", fontsize=10)
        return axes


__all__ = [
    "ScoreSeries",
    "Timeline",
    "is_even",
    "recipe_identity",
    "smooth",
    "usual_distance",
]


def __dir__() -> list[str]:
    return sorted(__all__)
