"""Box-level scores: how unsure a detector is of its boxes, for detectors without probability
maps (or with maps that mean nothing).

A box's outcomes are its C classes and "nothing there". Each score is 0 where one outcome is
certain and largest where all are equally probable; with one class all three are largest at a
score of one half.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.records.settings import check, to_plain
from framesift.scores.aggregates import AGGREGATES as AGGREGATES
from framesift.scores.aggregates import aggregate_setting, threshold_setting
from framesift.scores.base import flip_setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.boxes import Prediction
    from framesift.detectors.base import Detector
    from framesift.scores import found as compare
    from framesift.scores.found import Counting

    Values = NDArray[np.float64]
else:
    np = lazy_module("numpy")
    compare = lazy_module("framesift.scores.found")


def outcomes(prediction: Prediction) -> Values:
    """Each box's probabilities: float64 N×(C+1), rows summing to 1, the last column "nothing
    there".

    From `prediction.probabilities` where it has them, else from the score alone (C = 1). Class
    probabilities that sum to more than 1 (independent ones, from sigmoids) are divided by
    their sum and leave nothing for "nothing there".
    """
    given = prediction.probabilities
    return compare.with_nothing(prediction.scores[:, None] if given is None else given)


def entropy_of(probabilities: Values) -> Values:
    """−Σ q ln q over each row of N×K outcomes, in nats: float64 N in [0, ln K]."""
    return compare.entropy_of(probabilities)


def margin_of(probabilities: Values) -> Values:
    """One minus the distance between the two most probable outcomes (1-vs-2 margin) of N×K
    with K ≥ 2: float64 N in [0, 1]."""
    second, first = np.partition(probabilities, (-2, -1), 1)[:, -2:].T
    return np.asarray(np.clip(1.0 - (first - second), 0.0, 1.0), np.float64)


def least_confidence_of(probabilities: Values) -> Values:
    """One minus the most probable outcome of N×K: float64 N in [0, 1 − 1/K]."""
    return np.asarray(np.clip(1.0 - probabilities.max(1), 0.0, 1.0), np.float64)


@dataclass(frozen=True, slots=True)
class BoxParams:
    """What box-level scores have of their own."""

    aggregate: str = aggregate_setting()
    box_threshold: float = threshold_setting()
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
    needs: tuple[str, ...] = ("boxes",)
    cost: str = "1"
    failure: str = "false positives, wrong classes"

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
    """The boxes of a frame that count: float64 N×4 (native pixels), how unsure each is,
    weighted by its class: float64 N ≥ 0, and their scores N."""

    boxes: Values
    values: Values
    scores: Values

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


def unsure_boxes(score: BoxScore, prediction: Prediction, counting: Counting) -> UnsureBoxes:
    """The boxes of one frame that count, with their values."""
    weight = counting.weight_of(prediction)
    counts = weight > 0
    values = score.values(prediction) * weight
    boxes = np.asarray(prediction.boxes, np.float64).reshape(-1, 4)
    scores = np.asarray(prediction.scores, np.float64)
    return UnsureBoxes(boxes[counts], values[counts], scores[counts])
