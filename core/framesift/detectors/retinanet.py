"""torchvision's RetinaNet: nine anchors at every place of five levels.

K = 5 per class (strides 8 to 128). Level k's map says, for each place, how probable it is that
the best of the anchors there is an object of the class: the greatest of the anchors' sigmoids,
each trained by the focal loss as the probability that its anchor matches such an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

from torch import Tensor, nn

from framesift.detectors.box_losses import of_anchors
from framesift.detectors.dense_head import DenseHead, Level, TowerHead, predicted
from framesift.detectors.fcos import OUTPUTS, MatchesOnly, spare, total
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import WorkingSize
from framesift.detectors.torchvision_dense import DenseDetector
from framesift.detectors.torchvision_labels import FrameLabels


class RetinaHead(TowerHead):
    """Per level: class logits N×(A·C)×h×w, box codes N×(A·4)×h×w."""

    def predict(self, hidden: list[Level]) -> list[Level]:
        classes, boxes = self.head.classification_head, self.head.regression_head
        return [
            (
                predicted(classes.cls_logits, of_classes, known=self.known, kept=self.classes),
                predicted(boxes.bbox_reg, of_boxes),
            )
            for of_classes, of_boxes in hidden
        ]

    def predictors(self) -> Iterator[nn.Module]:
        yield from (
            self.head.classification_head.cls_logits,
            self.head.regression_head.bbox_reg,
        )


class RetinaNetDetector(DenseDetector):
    """See the module."""

    multiple = 128

    def __init__(
        self,
        architecture: str,
        classes: Sequence[str] = ("pedestrian",),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(architecture, classes, settings, nms_iou=0.5)

    def class_rows(self) -> dict[str, int]:
        return {f"head.classification_head.cls_logits.{kind}": 1 for kind in ("weight", "bias")}

    def parts_of(self, module: nn.Module) -> DenseHead:
        return RetinaHead(module, len(self.classes), len(self.outputs()))

    def level_logits(self, level: Level) -> Tensor:
        count, _, height, width = level[0].shape
        return level[0].reshape(count, -1, len(self.classes), height, width).amax(1)

    def decoded(
        self,
        parts: list[list[Tensor]],
        anchors: list[Tensor],
        size: WorkingSize,
        threshold: float,
    ) -> list[dict[str, Tensor]]:
        self.module.score_thresh, self.module.nms_thresh = threshold, self.config.nms_iou
        count = len(parts[0][0])
        return cast(
            list[dict[str, Tensor]],
            self.module.postprocess_detections(
                dict(zip(OUTPUTS[:2], parts, strict=True)),
                [anchors] * count,
                [size.content] * count,
            ),
        )

    def losses(
        self,
        images: Tensor,
        labels: Sequence[FrameLabels],
        size: WorkingSize,
        settings: LossSettings,
    ) -> Tensor:
        with self._amp():
            levels = self.parts_of(self.module).levels(images)
        outputs = dict(zip(OUTPUTS[:2], self.joined(levels), strict=True))
        anchors = self.anchors(levels, size)
        every = [anchors] * len(labels)
        targets = [label.target(0) for label in labels]
        stand_in = SimpleNamespace(
            head=MatchesOnly(), proposal_matcher=self.module.proposal_matcher
        )
        matches = type(self.module).compute_loss(stand_in, targets, outputs, every)
        outputs["cls_logits"] = spare(outputs["cls_logits"], labels, anchors, matches)
        losses = self.module.head.compute_loss(targets, outputs, every, matches)
        if settings.box_loss == "eiou":
            losses["bbox_regression"] = of_anchors(
                self.module.box_coder.decode_single,
                outputs["bbox_regression"],
                anchors,
                [label.boxes for label in labels],
                matches,
                by_frame=True,
            )
        return total(losses)
