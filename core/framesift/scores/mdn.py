"""The four uncertainties of a mixture-density head (Choi et al., ICCV 2021): of the class and
of the place of boxes, aleatoric and epistemic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from framesift.product.lazy import lazy_module
from framesift.records.settings import check
from framesift.scores.aggregates import threshold_setting
from framesift.scores.frame_signal import Batch, FrameSignal, Measured
from framesift.scores.trained import needed, with_features

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.detectors.maps import WorkingSize
    from framesift.detectors.mixture_head import MixtureHead
    from framesift.scores.found import Found, Values
else:
    np = lazy_module("numpy")

HEAD = "mdn"


@dataclass(frozen=True, slots=True)
class MdnParams:
    """What the four have of their own. head: what the head's weights are, filled in from the
    detector."""

    box_threshold: float = threshold_setting()
    head: str = ""

    def __post_init__(self) -> None:
        check(self, "score")


class Mdn(FrameSignal):
    """The largest over boxes of Σ_k π_k σ_k (aleatoric) or Σ_k π_k (μ_k − Σ_i π_i μ_i)²
    (epistemic), of the logits of a box's outcomes or of what its four corners are off by (each
    by the largest of its numbers; that is ours)."""

    params = MdnParams
    needs = ("boxes", "head")
    head = HEAD

    def __init__(
        self,
        of: Literal["class", "box"],
        kind: Literal["aleatoric", "epistemic"],
        title: str,
        description: str,
        failure: str,
    ) -> None:
        self.name = f"mdn_{of}_{kind}"
        self.title, self.description, self.failure = title, description, failure
        self._of, self._kind = of, kind

    def fitted(self, params: MdnParams, detector: Detector) -> MdnParams:
        head = needed(detector, HEAD, "tells how unsure places and classes of boxes are")
        return MdnParams(params.box_threshold, head.digest())

    def recipe(self, params: MdnParams) -> dict[str, Any]:
        of_head = {"head": params.head} if params.head else {}
        return {"box_threshold": params.box_threshold, **of_head}

    def measure(self, batch: Batch, params: MdnParams) -> Sequence[Measured]:
        from framesift.detectors.mixture_head import MixtureHead

        head, features = with_features(batch, HEAD, MixtureHead)
        size = batch.detector.geometry(*batch.frames.shape[1:3])
        return [
            self._measured(head, of_frame, counted, size)
            for of_frame, counted in zip(
                features, batch.found(params.box_threshold), strict=True
            )
        ]

    def _measured(
        self, head: MixtureHead, features: Tensor, boxes: Found, size: WorkingSize
    ) -> Measured:
        if not len(boxes):
            return Measured.nothing()
        values = self.uncertainties(head, features, boxes.boxes, size) * boxes.weights
        return Measured(float(values.max()), boxes.boxes, values)

    def uncertainties(
        self, head: MixtureHead, features: Tensor, boxes: Values, size: WorkingSize
    ) -> Values:
        """Of each box of a frame: float64 M ≥ 0."""
        import torch

        from framesift.detectors.mixture_head import in_boxes

        with torch.no_grad():
            place, outcome = head(in_boxes(features, torch.from_numpy(boxes), size))
            mixed = outcome if self._of == "class" else place
            each = mixed.aleatoric() if self._kind == "aleatoric" else mixed.epistemic()
        return np.asarray(each.amax(1).double().cpu().numpy())


MDN = (
    Mdn(
        "class",
        "aleatoric",
        "Class of boxes, unsure by nature",
        "where a mixture-density head says that a box's class cannot be told",
        "wrong classes, false positives",
    ),
    Mdn(
        "class",
        "epistemic",
        "Class of boxes, unsure for lack of labels",
        "where the mixtures of a head disagree about a box's class",
        "wrong classes, false positives",
    ),
    Mdn(
        "box",
        "aleatoric",
        "Place of boxes, unsure by nature",
        "where a mixture-density head says that a box's place cannot be told",
        "bad boxes",
    ),
    Mdn(
        "box",
        "epistemic",
        "Place of boxes, unsure for lack of labels",
        "where the mixtures of a head disagree about a box's place",
        "bad boxes",
    ),
)
