"""Box-level scores: how unsure a detector is of its boxes, for detectors without probability
maps (or with maps that mean nothing).

A box's outcomes are its C classes and "nothing there". Each score is 0 where one outcome is
certain and largest where all are equally probable; with one class all three are largest at a
score of one half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.records.settings import check, setting, to_plain
from framesift.scores.base import Needs, flip_setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.boxes import Prediction
    from framesift.detectors.base import Detector

    Values = NDArray[np.float64]
else:
    np = lazy_module("numpy")


def outcomes(prediction: Prediction) -> Values:
    """Each box's probabilities: float64 N×(C+1), rows summing to 1, the last column "nothing
    there".

    From `prediction.probabilities` where it has them, else from the score alone (C = 1). Class
    probabilities that sum to more than 1 (independent ones, from sigmoids) are divided by
    their sum and leave nothing for "nothing there".
    """
    given = prediction.probabilities
    if given is None:
        given = prediction.scores[:, None]
    classes = np.clip(np.asarray(given, np.float64), 0.0, 1.0)
    total = classes.sum(1, keepdims=True)
    classes = classes / np.maximum(total, 1.0)
    return np.concatenate([classes, np.clip(1.0 - total, 0.0, 1.0)], 1)


def entropy_of(probabilities: Values) -> Values:
    """−Σ q ln q over each row of N×K outcomes, in nats: float64 N in [0, ln K]."""
    safe = np.where(probabilities > 0, probabilities, 1.0)
    return np.asarray(np.maximum(0.0, -(probabilities * np.log(safe)).sum(1)), np.float64)


def margin_of(probabilities: Values) -> Values:
    """One minus the distance between the two most probable outcomes (1-vs-2 margin) of N×K
    with K ≥ 2: float64 N in [0, 1]."""
    second, first = np.partition(probabilities, (-2, -1), 1)[:, -2:].T
    return np.asarray(np.clip(1.0 - (first - second), 0.0, 1.0), np.float64)


def least_confidence_of(probabilities: Values) -> Values:
    """One minus the most probable outcome of N×K: float64 N in [0, 1 − 1/K]."""
    return np.asarray(np.clip(1.0 - probabilities.max(1), 0.0, 1.0), np.float64)


AGGREGATES: dict[str, Callable[[Values], float]] = {
    "sum": lambda values: float(values.sum()),
    "mean": lambda values: float(values.mean()) if len(values) else 0.0,
    "max": lambda values: float(values.max()) if len(values) else 0.0,
}
"""From the values of a frame's boxes to its score; a frame without boxes scores 0."""


@dataclass(frozen=True, slots=True)
class BoxParams:
    """What box-level scores have of their own."""

    aggregate: str = setting(
        "sum",
        title="Boxes to frame",
        help="how the boxes' values become one number per frame",
        choices=tuple(AGGREGATES),
    )
    box_threshold: float = setting(
        0.05,
        title="Least score of boxes",
        help="boxes of at least this score take part; below are noise to most detectors",
        above=0,
        below=1,
        metavar="SCORE",
    )
    flip: bool = flip_setting()

    def __post_init__(self) -> None:
        check(self, "score")


@dataclass(frozen=True, slots=True)
class BoxScore:
    """A member of the family. `measure`: outcomes N×K → values N ≥ 0; title, description and
    params as a pixel score's."""

    name: str
    measure: Callable[[Values], Values]
    title: str
    description: str
    params: type[BoxParams] = BoxParams
    needs: Needs = "boxes"

    def fitted(self, params: BoxParams, detector: Detector) -> BoxParams:
        """The settings as they are: they leave nothing to the detector."""
        return params

    def recipe(self, params: BoxParams) -> dict[str, Any]:
        """What its numbers depend on, JSON-able."""
        return to_plain(params, recipe=True)

    def values(self, prediction: Prediction) -> Values:
        """How unsure each box is: float64 N ≥ 0."""
        return self.measure(outcomes(prediction))


BOX_SCORES: dict[str, BoxScore] = {
    score.name: score
    for score in (
        BoxScore(
            "box_entropy",
            entropy_of,
            "Entropy of the boxes",
            "where boxes may be this or that",
        ),
        BoxScore(
            "box_margin",
            margin_of,
            "Margin of the boxes",
            "where boxes' two likeliest outcomes are close",
        ),
        BoxScore(
            "box_least_confidence",
            least_confidence_of,
            "Least confidence of the boxes",
            "where boxes' likeliest outcomes are improbable",
        ),
    )
}


@dataclass(frozen=True, slots=True, eq=False)
class UnsureBoxes:
    """The boxes of a frame that count: float64 N×4 (native pixels), and how unsure each is,
    weighted by its class: float64 N ≥ 0."""

    boxes: Values
    values: Values

    def maxima(self, top: int) -> tuple[tuple[float, float, float], ...]:
        """The `top` most unsure boxes' centres as (x, y, value), most unsure first."""
        order = np.argsort(-self.values, kind="stable")[:top]
        return tuple(
            (float((b[0] + b[2]) / 2), float((b[1] + b[3]) / 2), float(v))
            for b, v in zip(self.boxes[order], self.values[order], strict=True)
            if v > 0
        )

    def painted(self, native: tuple[int, int], shape: tuple[int, int]) -> NDArray[np.float32]:
        """float32 H×W of `shape`: at each pixel the most unsure box that covers it, 0 where
        none does; `native`: (height, width) of the frame."""
        picture = np.zeros(shape, np.float32)
        scale = np.array([shape[1] / native[1], shape[0] / native[0]] * 2)
        for index in np.argsort(self.values, kind="stable"):
            x1, y1, x2, y2 = self.boxes[index] * scale
            rows = slice(int(np.floor(y1)), max(int(np.ceil(y2)), int(y1) + 1))
            columns = slice(int(np.floor(x1)), max(int(np.ceil(x2)), int(x1) + 1))
            picture[rows, columns] = self.values[index]
        return picture


def unsure_boxes(
    score: BoxScore,
    prediction: Prediction,
    classes: Sequence[str],
    *,
    weights: dict[str, float] | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> UnsureBoxes:
    """The boxes of one frame that count, with their values.

    `weights`: by class; classes that it leaves out do not count (None: all count 1). `mask`:
    bool H×W at native size; boxes whose centre it holds do not count.
    """
    names = [classes[int(c)] for c in prediction.categories]
    weight = np.array([1.0 if weights is None else weights.get(name, 0.0) for name in names])
    boxes = np.asarray(prediction.boxes, np.float64).reshape(-1, 4)
    if mask is not None and len(boxes):
        rows, columns = mask.shape
        x = np.clip((boxes[:, 0] + boxes[:, 2]) / 2, 0, columns - 1).astype(int)
        y = np.clip((boxes[:, 1] + boxes[:, 3]) / 2, 0, rows - 1).astype(int)
        weight = np.where(mask[y, x], 0.0, weight)
    counts = weight > 0
    values = score.values(prediction) * weight
    return UnsureBoxes(boxes[counts], values[counts])
