"""How many objects the detector will miss, as a head on its features was trained to tell
(Nakamura et al., WACV 2024, rank by expected false negatives; the head is ours)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.scores.frame_signal import Batch, FrameSignal, Measured
from framesift.scores.trained import cells_of, needed, summed

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


@dataclass(frozen=True, slots=True)
class PredictedMissesParams:
    """They are the head's; this finds it: `head` is what its weights are, filled in from the
    detector."""

    head: str = ""


class PredictedMisses(FrameSignal):
    """The sum over coarse cells of the objects that the head expects the detector to miss, of
    whatever class; cells whose middle a mask holds do not count."""

    name = "predicted_misses"
    title = "Misses that a head predicts"
    description = "where a trained head expects the detector to miss objects"
    params = PredictedMissesParams
    needs = ("head",)
    failure = "misses"
    by_class = False
    head = "predicted_misses"

    def fitted(self, params: PredictedMissesParams, detector: Detector) -> Any:
        return PredictedMissesParams(needed(detector, self.head, "predicts misses").digest())

    def recipe(self, params: PredictedMissesParams) -> dict[str, Any]:
        return {"head": params.head} if params.head else {}

    def measure(self, batch: Batch, params: PredictedMissesParams) -> Sequence[Measured]:
        return [summed(boxes, values) for boxes, values in cells_of(batch, self.head)]
