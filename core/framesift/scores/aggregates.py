"""From the values of a frame's boxes to one number, and the settings that box-level signals
share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from framesift.records.settings import setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def weighted_mean(values: Values, confidences: Values) -> float:
    """Σ c v / Σ c; the plain mean where every confidence is 0."""
    total = float(confidences.sum())
    return float((confidences * values).sum() / total) if total > 0 else float(values.mean())


AGGREGATES: dict[str, Callable[[Values, Values], float]] = {
    "sum": lambda values, confidences: float(values.sum()),
    "mean": lambda values, confidences: float(values.mean()),
    "max": lambda values, confidences: float(values.max()),
    "weighted": weighted_mean,
}
"""From the values of a frame's boxes (float64 N, N ≥ 1) and the boxes' own scores (N) to its
score: weighted is the mean with the boxes' scores as weights."""


def aggregated(name: str, values: Values, confidences: Values) -> float:
    """The frame's score by an aggregate; NO_BOXES where no box counts."""
    from framesift.series import NO_BOXES

    return AGGREGATES[name](values, confidences) if len(values) else NO_BOXES


def aggregate_setting() -> Any:
    """The field of the aggregate, which several members have."""
    return setting(
        "sum",
        title="Boxes to frame",
        help="how the boxes' values become one number per frame; weighted: the mean, surer "
        "boxes counting more",
        choices=tuple(AGGREGATES),
    )


def threshold_setting() -> Any:
    """The field of the least score of boxes, which several members have."""
    return setting(
        0.05,
        title="Least score of boxes",
        help="boxes of at least this score take part; below are noise to most detectors",
        above=0,
        below=1,
        metavar="SCORE",
    )
