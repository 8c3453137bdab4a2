"""Miss rate against false positives per image (FPPI), and how figures are read off it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import FloatArray
from framesift.evaluation.matching import FALSE, FOUND, IGNORED, Matches

LAMR_POINTS: NDArray[np.float64] = 10.0 ** np.arange(-2.0, 0.25, 0.25)
"""The nine FPPI between 10⁻² and 10⁰ of the log-average miss rate (Dollár et al.)."""

FPPI = 1.0
"""The operating point of the paper's headline figure."""

SMALLEST_MISS = 1e-10
"""A miss rate of zero has no logarithm; the toolbox puts this in its place."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One operating point per distinct score, from the strictest to the most lenient.

    fppi float64 P (ascending), miss_rate float64 P (descending; NaN where no label counts),
    threshold float64 P: detections with this score or more are accepted.
    """

    fppi: NDArray[np.float64]
    miss_rate: NDArray[np.float64]
    threshold: NDArray[np.float64]

    def at(self, fppi: float) -> tuple[float, float, bool]:
        """The last operating point with at most so many false positives per image. Where the
        curve ends before, that is its end; where not even its first point fits, nothing is
        accepted: miss rate 1, threshold infinite.

        Args:
            fppi: false positives per image, ≥ 0.

        Returns:
            (miss rate, threshold, reached); `reached` is False where the curve ends before.
        """
        index = int(np.searchsorted(self.fppi, fppi, side="right")) - 1
        reached = bool(len(self.fppi) and self.fppi[-1] >= fppi)
        if index < 0:
            return 1.0, float("inf"), reached
        return float(self.miss_rate[index]), float(self.threshold[index]), reached


def miss_rate_curve(
    scores: FloatArray,
    states: NDArray[np.int8],
    labels: int,
    frames: int,
) -> Curve:
    """Miss rate against false positives per image. Equal scores enter together: no threshold
    parts them.

    Args:
        scores: D, the detections' scores.
        states: int8 D, what became of each: FOUND, FALSE or IGNORED (see matching).
        labels: how many labels count, ≥ 0.
        frames: how many frames there are, 1 or more.

    Returns:
        A Curve, thresholds descending.

    Raises:
        ValueError: there are no frames.

    Example:
        >>> states = np.array([FOUND, FALSE], np.int8)
        >>> curve = miss_rate_curve(np.array([0.9, 0.4]), states, labels=2, frames=1)
        >>> curve.at(1.0)
        (0.5, 0.4, True)
    """
    if frames < 1:
        raise ValueError("a curve needs at least one frame")
    counts = states != IGNORED
    kept = np.asarray(scores, np.float64)[counts]
    order = np.argsort(-kept, kind="stable")
    kept, kinds = kept[order], states[counts][order]
    ends = np.flatnonzero(np.append(kept[1:] != kept[:-1], len(kept) > 0)[: len(kept)])
    hits = np.cumsum(kinds == FOUND)[ends]
    false = np.cumsum(kinds == FALSE)[ends]
    miss = 1.0 - hits / labels if labels else np.full(len(hits), np.nan)
    return Curve(false / frames, np.asarray(miss, np.float64), kept[ends])


def curve_of(matches: Matches) -> Curve:
    return miss_rate_curve(
        matches.detection_score, matches.detection_state, matches.labels, matches.frames
    )


def log_average(miss_rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Geometric mean over the last axis, miss rates of zero counted as 10⁻¹⁰."""
    logs = np.log(np.maximum(miss_rates, SMALLEST_MISS))
    return np.asarray(np.exp(logs.mean(axis=-1)), np.float64)


def log_average_miss_rate(curve: Curve) -> float:
    """Dollár et al.'s summary of a curve: the geometric mean of the miss rates at LAMR_POINTS.

    Args:
        curve: what `miss_rate_curve` gave.

    Returns:
        In [0, 1], misses of zero counted as 10⁻¹⁰; NaN where the curve's miss rates are.

    Example:
        >>> states = np.array([FOUND], np.int8)
        >>> curve = miss_rate_curve(np.array([0.9]), states, labels=2, frames=1)
        >>> log_average_miss_rate(curve)
        0.5
    """
    return float(log_average(np.array([curve.at(float(f))[0] for f in LAMR_POINTS])))
