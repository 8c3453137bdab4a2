"""How large the training loss of a frame would be, as a head on the detector's features was
trained to rank frames (Yoo and Kweon, CVPR 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.scores.frame_signal import Batch, FrameSignal, Measured
from framesift.scores.trained import averaged, cells_of, needed

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


@dataclass(frozen=True, slots=True)
class PredictedLossParams:
    """They are the head's; this finds it: `head` is what its weights are, filled in from the
    detector."""

    head: str = ""


class PredictedLoss(FrameSignal):
    """The mean over coarse cells of what the head says, ≥ 0; only the order of frames means
    something. Cells whose middle a mask holds do not count."""

    name = "predicted_loss"
    title = "Loss that a head predicts"
    description = "where a trained head expects a large training loss"
    params = PredictedLossParams
    needs = ("head",)
    failure = "false positives, misses, wrong classes, bad boxes"
    by_class = False
    head = "predicted_loss"

    def fitted(self, params: PredictedLossParams, detector: Detector) -> Any:
        return PredictedLossParams(needed(detector, self.head, "predicts losses").digest())

    def recipe(self, params: PredictedLossParams) -> dict[str, Any]:
        return {"head": params.head} if params.head else {}

    def measure(self, batch: Batch, params: PredictedLossParams) -> Sequence[Measured]:
        return [averaged(boxes, values) for boxes, values in cells_of(batch, self.head)]
