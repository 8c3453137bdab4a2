"""How many objects the detector will miss, as a head on its features was trained to tell
(Nakamura et al., WACV 2024, rank by expected false negatives; the head is ours)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.product.lazy import lazy_module
from framesift.scores.frame_signal import Batch, FrameSignal, Measured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.detectors.base import Detector
    from framesift.detectors.maps import WorkingSize
else:
    np = lazy_module("numpy")


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

    def fitted(self, params: PredictedMissesParams, detector: Detector) -> Any:
        head = detector.heads.get(self.name)
        if head is None:
            raise InputError(
                f"The detector {detector.name!r} has no head that predicts misses; train one "
                "with `framesift train-head`, or choose another strategy."
            )
        return PredictedMissesParams(head.digest())

    def recipe(self, params: PredictedMissesParams) -> dict[str, Any]:
        return {"head": params.head} if params.head else {}

    def measure(self, batch: Batch, params: PredictedMissesParams) -> Sequence[Measured]:
        import torch

        from framesift.detectors.heads import coarse

        features = batch.detector.features(batch.frames)
        head = batch.detector.heads[self.name]
        if features is None or features.shape[1] != head.mean.shape[0]:
            raise InputError(
                f"The head of {batch.detector.name!r} does not fit what its network shows of "
                "frames here; use --backend torch, or train the head anew."
            )
        with torch.no_grad():
            cells = head.to(features.device)(coarse(features)).double().cpu().numpy()
        size = batch.detector.geometry(*batch.frames.shape[1:3])
        return [_measured(frame, size, batch.counting.mask) for frame in cells]


def _measured(
    cells: NDArray[np.float64], size: WorkingSize, mask: NDArray[np.bool_] | None
) -> Measured:
    """Cells r×c of the padded working size as boxes in native pixels."""
    rows, columns = cells.shape
    high, wide = size.padded[0] / rows, size.padded[1] / columns
    y, x = np.divmod(np.arange(cells.size), columns)
    working = np.stack([x * wide, y * high, (x + 1) * wide, (y + 1) * high], 1)
    boxes, values = size.to_native(working), cells.reshape(-1).copy()
    if mask is not None:
        at = ((boxes[:, :2] + boxes[:, 2:]) / 2).astype(int)
        limits = np.array(mask.shape[::-1]) - 1
        across, down = np.minimum(at, limits).T
        values[mask[down, across]] = 0.0
    return Measured(float(values.sum()), boxes, values)
