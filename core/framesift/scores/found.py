"""The boxes of a frame that count in a signal, and how boxes of two looks are matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Prediction, iou

Values = NDArray[np.float64]
MATCHED = 0.5
"""Boxes of two looks are one object's from this overlap on."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes that count, best first: float64 N×4 (native pixels of the frame), scores N (the
    best class's probability), categories N, outcomes N×(C+1) (each class, then "nothing"; rows
    sum to 1) and the weights of their classes, N > 0."""

    boxes: Values
    scores: Values
    categories: NDArray[np.int64]
    outcomes: Values
    weights: Values

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """Which boxes count. classes: the detector's. weights: by class; classes that it leaves out
    do not count (None: all count 1). mask: bool H×W at native size; boxes whose middle it holds
    do not count."""

    classes: Sequence[str]
    weights: Mapping[str, float] | None = None
    mask: NDArray[np.bool_] | None = None

    def of(self, prediction: Prediction) -> Found:
        """The boxes of one frame that count."""
        weight = self.weight_of(prediction)
        kept = weight > 0
        outcomes = outcomes_by_class(prediction, len(self.classes))
        return Found(
            np.asarray(prediction.boxes, np.float64).reshape(-1, 4)[kept],
            np.asarray(prediction.scores, np.float64)[kept],
            np.asarray(prediction.categories, np.int64)[kept],
            outcomes[kept],
            weight[kept],
        )

    def weight_of(self, prediction: Prediction) -> Values:
        """Each box's weight, float64 N: its class's; 0 where the mask holds its middle."""
        names = [self.classes[int(c)] for c in prediction.categories]
        weight = np.array(
            [1.0 if self.weights is None else self.weights.get(name, 0.0) for name in names]
        )
        boxes = np.asarray(prediction.boxes, np.float64).reshape(-1, 4)
        if self.mask is None or not len(boxes):
            return weight
        rows, columns = self.mask.shape
        x = np.clip((boxes[:, 0] + boxes[:, 2]) / 2, 0, columns - 1).astype(int)
        y = np.clip((boxes[:, 1] + boxes[:, 3]) / 2, 0, rows - 1).astype(int)
        return np.asarray(np.where(self.mask[y, x], 0.0, weight), np.float64)


def outcomes_by_class(prediction: Prediction, classes: int) -> Values:
    """Each box's probabilities: float64 N×(C+1), rows summing to 1, the last column "nothing
    there". Where the detector gives no more than the score it is that of the box's class."""
    given = prediction.probabilities
    if given is None:
        given = np.zeros((len(prediction), classes), np.float32)
        given[np.arange(len(prediction)), prediction.categories] = prediction.scores
    return with_nothing(given)


def with_nothing(given: NDArray[np.float32]) -> Values:
    """Class probabilities N×C with "nothing there" as the last column. Those that sum to more
    than 1 (independent ones, from sigmoids) are divided by their sum and leave nothing for
    it."""
    classes = np.clip(np.asarray(given, np.float64), 0.0, 1.0)
    total = classes.sum(1, keepdims=True)
    classes = classes / np.maximum(total, 1.0)
    return np.concatenate([classes, np.clip(1.0 - total, 0.0, 1.0)], 1)


def entropy_of(probabilities: Values) -> Values:
    """−Σ q ln q over each row of N×K outcomes, in nats: float64 N in [0, ln K]."""
    safe = np.where(probabilities > 0, probabilities, 1.0)
    return np.asarray(np.maximum(0.0, -(probabilities * np.log(safe)).sum(-1)), np.float64)


def shannon_divergence(p: Values, q: Values) -> Values:
    """Jensen–Shannon divergence of rows of outcomes …×K over ln 2: float64 … in [0, 1]."""
    between = entropy_of((p + q) / 2) - (entropy_of(p) + entropy_of(q)) / 2
    return np.asarray(np.clip(between / np.log(2), 0.0, 1.0), np.float64)


def matched(a: Values, b: Values, least: float = MATCHED) -> NDArray[np.int64]:
    """Pairs one to one of boxes N×4 and M×4, the greatest overlap first (ties: the lower
    numbers), each at least `least`: int64 P×2 of row numbers, by the first."""
    overlaps = iou(a, b)
    order = np.argsort(-overlaps, axis=None, kind="stable")
    mine, other = set[int](), set[int]()
    pairs = []
    for place in order.tolist():
        i, j = divmod(place, len(b))
        if overlaps[i, j] < max(least, 1e-9):
            break
        if i not in mine and j not in other:
            pairs.append((i, j))
            mine.add(i)
            other.add(j)
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
