"""The frame scores of one drive, with the recipe that made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.errors import InputError
from framesift.product.optional import axes_or_new, data_frame
from framesift.series.no_boxes import filled, with_gaps
from framesift.series.smoothing import smooth

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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

    values: float32, one per frame, NaN = not scored, NO_BOXES = scored by its boxes and has
    none (where values are smoothed or ranked, the median of all others). recipe: JSON-able
    (detector hash, score and its parameters, working size, precision, batch, threads, torch).
    Two series are comparable number by number when their `identity` is equal. name: of the
    drive. seconds: float64, of each frame from the first; None without time. drive: what was
    scored; None for values from elsewhere. descriptors: rows by the descriptor's name. maxima:
    by frame the region maxima that made its score, as (x, y, value) in native pixels. damaged:
    frames that are known as damaged.

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
            float64, one per frame; NaN where a frame has no score. A frame that has no boxes
            to be scored by counts as the median of all others.

        Raises:
            InputError: half_window or sigma makes no sense, or times do not fit.
        """
        frames = np.flatnonzero(self.scored)
        step = int(np.diff(frames).min()) if len(frames) > 1 else 1
        at = self.seconds if times is None else times
        (values,) = filled({self.name: self.values}).values()
        return smooth(values, half_window * step, sigma * step, at)

    def to_dataframe(self) -> Any:
        """The scored frames as a pandas.DataFrame.

        Returns:
            A table with the columns frame, seconds (NaN without time), score (NaN where a
            frame has no boxes to be scored by), smoothed.

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
                "score": with_gaps(self.values)[frames],
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
        (line,) = axes.plot(x[frames], with_gaps(self.values)[frames], linewidth=0.6, alpha=0.6)
        axes.plot(x[frames], self.smoothed()[frames], linewidth=1.8, color=line.get_color())
        axes.set_xlabel("frame" if self.seconds is None else "seconds")
        axes.set_ylabel(self.signal.replace("_", " "))
        axes.set_title(self.name.replace("$", r"\$"), loc="left", fontsize=10)
        return axes
