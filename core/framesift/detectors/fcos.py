"""torchvision's FCOS: no anchors, every place of five levels may be an object's.

K = 5 per class (strides 8 to 128). Level k's map says, for each place, how probable it is that
an object of the class, of that level's size, is centred there: the probability of the class at
the place, which the focal loss trains as a sigmoid, times the centre-ness there, a sigmoid too.
(Boxes are ranked, as torchvision does it, by the square root of that product, which is no
probability.) As log-odds: p = σ(a)·σ(b) has logit −ln(e^−a + e^−b + e^−(a+b)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import torch
from torch import Tensor, nn

from framesift.detectors.box_losses import of_anchors
from framesift.detectors.dense_head import DenseHead, Level, TowerHead, predicted
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import WorkingSize
from framesift.detectors.torchvision_dense import DenseDetector
from framesift.detectors.torchvision_labels import FrameLabels

OUTPUTS = ("cls_logits", "bbox_regression", "bbox_ctrness")
"""torchvision's names of the head's outputs."""
NOTHING = -100.0
"""A logit at which the focal loss of background is 0 and has no gradient."""


class FcosHead(TowerHead):
    """Per level: class logits N×C×h×w, box distances N×4×h×w, centre-ness N×1×h×w."""

    def predict(self, hidden: list[Level]) -> list[Level]:
        classes, boxes = self.head.classification_head, self.head.regression_head
        return [
            (
                predicted(classes.cls_logits, of_classes, known=self.known, kept=self.classes),
                predicted(boxes.bbox_reg, of_boxes).relu(),
                predicted(boxes.bbox_ctrness, of_boxes),
            )
            for of_classes, of_boxes in hidden
        ]

    def predictors(self) -> Iterator[nn.Module]:
        boxes = self.head.regression_head
        yield from (
            self.head.classification_head.cls_logits,
            boxes.bbox_reg,
            boxes.bbox_ctrness,
        )


class FcosDetector(DenseDetector):
    """See the module."""

    multiple = 128

    def __init__(
        self,
        architecture: str,
        classes: Sequence[str] = ("pedestrian",),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(architecture, classes, settings, nms_iou=0.6)

    def class_rows(self) -> dict[str, int]:
        return {f"head.classification_head.cls_logits.{kind}": 1 for kind in ("weight", "bias")}

    def parts_of(self, module: nn.Module) -> DenseHead:
        return FcosHead(module, len(self.classes), len(self.outputs()))

    def level_logits(self, level: Level) -> Tensor:
        return both(level[0], level[2])

    def columns(self) -> tuple[int, ...]:
        return len(self.classes), 4, 1

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
                dict(zip(OUTPUTS, parts, strict=True)),
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
        outputs = dict(zip(OUTPUTS, self.joined(levels), strict=True))
        anchors = self.anchors(levels, size)
        targets = [label.target(0) for label in labels]
        counts = [level[0].shape[-2] * level[0].shape[-1] for level in levels]
        every = [anchors] * len(labels)
        stand_in = SimpleNamespace(
            head=MatchesOnly(), center_sampling_radius=self.module.center_sampling_radius
        )
        matches = type(self.module).compute_loss(stand_in, targets, outputs, every, counts)
        outputs["cls_logits"] = spare(outputs["cls_logits"], labels, anchors, matches)
        losses = self.module.head.compute_loss(targets, outputs, every, matches)
        if settings.box_loss == "eiou":
            losses["bbox_regression"] = of_anchors(
                self.module.box_coder.decode,
                outputs["bbox_regression"],
                anchors,
                [label.boxes for label in labels],
                matches,
            )
        return total(losses)


class MatchesOnly:
    """Stands in for a head, to be told by torchvision which labels it matched to what."""

    def compute_loss(
        self, targets: object, outputs: object, anchors: object, matches: list[Tensor]
    ) -> list[Tensor]:
        return matches


def both(a: Tensor, b: Tensor) -> Tensor:
    """The logit of σ(a)·σ(b), exact to float32 for all a and b; shapes broadcast."""
    a, b = a.float(), b.float()
    return -torch.logaddexp(torch.logaddexp(-a, -b), -a - b)


def spare(
    logits: Tensor, labels: Sequence[FrameLabels], anchors: Tensor, matches: Sequence[Tensor]
) -> Tensor:
    """Class logits N×A×C without loss and gradient where ignore regions are; an anchor that is
    matched with a label keeps that label's class."""
    kept = []
    for logit, label, matched in zip(logits, labels, matches, strict=True):
        spared = label.spared(anchors, logit.shape[1])
        positive = (matched >= 0).nonzero()[:, 0]
        if len(positive):
            spared[positive, label.columns[matched[positive]]] = False
        kept.append(logit.masked_fill(spared, NOTHING))
    return torch.stack(kept)


def total(losses: Mapping[str, Tensor]) -> Tensor:
    return torch.stack([loss.float() for loss in losses.values()]).sum()
