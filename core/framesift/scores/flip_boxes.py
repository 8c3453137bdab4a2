"""Signals of a frame's boxes against those of its mirror image: one pass each, and a second one
for the mirror image that they share.

HUALE ranks by three of them (d₁, d₂, d₃; the article names what they measure, the formulas are
ours); the last is the inconsistency of Elezi et al. (CVPR 2022).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.records.settings import check
from framesift.scores.aggregates import threshold_setting
from framesift.scores.frame_signal import Batch, FrameSignal, Measured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift import boxes as geometry
    from framesift.scores import found as compare
    from framesift.scores import views
    from framesift.scores.found import Found, Values

    Pairs = NDArray[np.int64]
else:
    np = lazy_module("numpy")
    geometry = lazy_module("framesift.boxes")
    compare = lazy_module("framesift.scores.found")
    views = lazy_module("framesift.scores.views")

LEAST_PROBABILITY = 1e-6
"""Probabilities below count as this where logarithms of ratios are taken."""


@dataclass(frozen=True, slots=True)
class FlipBoxesParams:
    """What signals of a frame and its mirror image have of their own."""

    box_threshold: float = threshold_setting()

    def __post_init__(self) -> None:
        check(self, "score")


class FlipBoxes(FrameSignal):
    """What signals of matched boxes of a frame and its mirror image have in common."""

    params = FlipBoxesParams
    cost = "2"

    def measure(self, batch: Batch, params: Any) -> Sequence[Measured]:
        looks = batch.found(params.box_threshold), batch.found(params.box_threshold, views.FLIP)
        return [
            self.compared(here, there, compare.matched(here.boxes, there.boxes))
            for here, there in zip(*looks, strict=True)
        ]

    @abstractmethod
    def compared(self, here: Found, there: Found, pairs: Pairs) -> Measured:
        """The value of one frame: its boxes, those of its mirror image brought back, and which
        are the same (P×2 of row numbers)."""


def _mean(here: Found, pairs: Pairs, values: Values) -> Measured:
    """The mean of values of matched pairs; as of a frame without boxes where there is none."""
    if not len(pairs):
        return Measured.nothing()
    weighted = values * here.weights[pairs[:, 0]]
    return Measured(float(weighted.mean()), here.boxes[pairs[:, 0]], weighted)


class HualeClass(FlipBoxes):
    """d₁: mean Jensen–Shannon divergence of the outcomes of matched boxes, [0, 1]."""

    name = "huale_class"
    title = "Class of boxes against the mirror image"
    description = "where boxes' outcomes change in the mirror image"
    failure = "wrong classes, false positives"

    def compared(self, here: Found, there: Found, pairs: Pairs) -> Measured:
        mine, other = here.outcomes[pairs[:, 0]], there.outcomes[pairs[:, 1]]
        return _mean(here, pairs, compare.shannon_divergence(mine, other))


class HualeBox(FlipBoxes):
    """d₂: mean of 1 − IoU of matched boxes, [0, 0.5]."""

    name = "huale_box"
    title = "Place of boxes against the mirror image"
    description = "where boxes lie elsewhere in the mirror image"
    failure = "bad boxes"

    def compared(self, here: Found, there: Found, pairs: Pairs) -> Measured:
        overlaps = geometry.iou(here.boxes, there.boxes)[pairs[:, 0], pairs[:, 1]]
        return _mean(here, pairs, 1 - overlaps)


class HualeLonely(FlipBoxes):
    """d₃: share of the confidence of both looks that has no partner in the other one, [0, 1]; 1
    where only one of them finds anything."""

    name = "huale_lonely"
    title = "Boxes that the mirror image lacks"
    description = "where boxes are in the frame or in its mirror image alone"
    failure = "false positives and misses"

    def compared(self, here: Found, there: Found, pairs: Pairs) -> Measured:
        sure = [look.scores * look.weights for look in (here, there)]
        total = float(sum(values.sum() for values in sure))
        if total <= 0:
            return Measured.nothing()
        for values, rows in zip(sure, pairs.T, strict=True):
            values[rows] = 0.0
        boxes = np.concatenate([here.boxes, there.boxes])
        alone = np.concatenate(sure)
        return Measured(float(alone.sum()) / total, boxes, alone)


class FlipEntropy(FlipBoxes):
    """max over matched boxes of symmetric KL(frame, mirror image) × entropy of the box in the
    frame, in nats."""

    name = "flip_entropy"
    title = "Unsure boxes that the mirror image contradicts"
    description = "where an unsure box changes in the mirror image"
    failure = "false positives, wrong classes"

    def compared(self, here: Found, there: Found, pairs: Pairs) -> Measured:
        if not len(pairs):
            return Measured.nothing()
        mine, other = here.outcomes[pairs[:, 0]], there.outcomes[pairs[:, 1]]
        p, q = (np.maximum(rows, LEAST_PROBABILITY) for rows in (mine, other))
        both_ways = ((p - q) * np.log(p / q)).sum(1)
        values = both_ways * compare.entropy_of(mine) * here.weights[pairs[:, 0]]
        return Measured(float(values.max()), here.boxes[pairs[:, 0]], values)
