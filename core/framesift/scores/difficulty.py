"""Entropy of boxes, those of difficult classes counting more (Yang et al., PPAL, CVPR 2024)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.product.lazy import lazy_module
from framesift.records.settings import check
from framesift.scores.aggregates import threshold_setting
from framesift.scores.frame_signal import Batch, FrameSignal, Measured

if TYPE_CHECKING:
    import numpy as np

    from framesift.detectors.base import Detector
    from framesift.scores import found as compare
    from framesift.scores.found import Found, Values
else:
    np = lazy_module("numpy")
    compare = lazy_module("framesift.scores.found")

HEAD = "difficulty"


@dataclass(frozen=True, slots=True)
class DifficultyParams:
    """What difficulty has of its own. head: how easy the classes are, filled in from the
    detector."""

    box_threshold: float = threshold_setting()
    head: str = ""

    def __post_init__(self) -> None:
        check(self, "score")


class Difficulty(FrameSignal):
    """Σ over boxes of w H, H their entropy in nats and w = 1 + u·a·ln(b(1 − ease) + 1) of their
    class (see framesift.detectors.ease); w = 1 of every class for a detector whose training
    left nothing of its classes' ease."""

    name = "difficulty"
    title = "Entropy of boxes of difficult classes"
    description = "where boxes of classes that are hard to learn may be this or that"
    params = DifficultyParams
    failure = "false positives, wrong classes"
    head = HEAD
    compares_objects = True

    def fitted(self, params: DifficultyParams, detector: Detector) -> DifficultyParams:
        head = detector.heads.get(HEAD)
        return DifficultyParams(params.box_threshold, "" if head is None else head.digest())

    def recipe(self, params: DifficultyParams) -> dict[str, Any]:
        of_head = {"head": params.head} if params.head else {}
        return {"box_threshold": params.box_threshold, **of_head}

    def measure(self, batch: Batch, params: DifficultyParams) -> Sequence[Measured]:
        weights = self._weights(batch)
        return [_measured(boxes, weights) for boxes in batch.found(params.box_threshold)]

    def _weights(self, batch: Batch) -> Values:
        """By class."""
        from framesift.detectors.ease import EaseHead

        classes = len(batch.detector.classes)
        head = batch.detector.heads.get(HEAD)
        if head is None:
            return np.ones(classes)
        if not isinstance(head, EaseHead) or len(head.ease) != classes:
            raise InputError(
                f"What the detector {batch.detector.name!r} knows of its classes' ease is of "
                "other classes; measure it anew with `framesift train-head --head difficulty`."
            )
        return np.asarray(head.weights().cpu().numpy(), np.float64)


def _measured(boxes: Found, weights: Values) -> Measured:
    if not len(boxes):
        return Measured.nothing()
    entropy = compare.entropy_of(boxes.outcomes)
    values = weights[boxes.categories] * entropy * boxes.weights
    return Measured(float(values.sum()), boxes.boxes, values)
