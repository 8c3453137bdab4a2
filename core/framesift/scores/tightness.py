"""How far a two-stage detector's second look moves its proposals (Kao et al., ACCV 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.product.lazy import lazy_module
from framesift.records.settings import check
from framesift.scores.aggregates import threshold_setting, weighted_mean
from framesift.scores.frame_signal import Batch, FrameSignal, Measured

if TYPE_CHECKING:
    import numpy as np

    from framesift import boxes as geometry
    from framesift.detectors.base import Detector
    from framesift.detectors.proposals import Proposed
    from framesift.scores.found import Counting
else:
    np = lazy_module("numpy")
    geometry = lazy_module("framesift.boxes")


@dataclass(frozen=True, slots=True)
class TightnessParams:
    """What tightness has of its own."""

    box_threshold: float = threshold_setting()

    def __post_init__(self) -> None:
        check(self, "score")


class Tightness(FrameSignal):
    """Σ c_i (1 − J(proposal, final box)) / Σ c_i over boxes i, [0, 1]."""

    name = "tightness"
    title = "Boxes far from their proposals"
    description = "where the second stage moves its proposals far"
    params = TightnessParams
    needs = ("boxes", "proposals")
    failure = "bad boxes"

    def fitted(self, params: TightnessParams, detector: Detector) -> TightnessParams:
        if not detector.proposes:
            raise InputError(
                f"The detector {detector.name!r} makes its boxes without proposals, so "
                "tightness cannot be computed; take a Faster R-CNN without tiles, or stability."
            )
        return params

    def measure(self, batch: Batch, params: TightnessParams) -> Sequence[Measured]:
        least = params.box_threshold
        key = ("proposed", id(batch.frames), least)
        proposed = batch.detector.once(
            key, lambda: batch.detector.proposed(batch.frames, least)
        )
        return [_measured(frame, batch.counting) for frame in proposed]


def _measured(proposed: Proposed, counting: Counting) -> Measured:
    prediction, proposals = proposed.prediction, proposed.proposals
    weight = counting.weight_of(prediction)
    counts = weight > 0
    if not counts.any():
        return Measured.nothing()
    boxes = np.asarray(prediction.boxes, np.float64)[counts]
    overlaps = geometry.iou(boxes, proposals[counts]).diagonal()
    loose = (1 - overlaps) * weight[counts]
    sure = np.asarray(prediction.scores, np.float64)[counts]
    return Measured(weighted_mean(loose, sure), boxes, loose)
