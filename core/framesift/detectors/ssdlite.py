"""torchvision's SSDlite: six anchors at every place of six levels.

K = 6 per class (strides 16 to 512). Level k's map says, for each place, how probable it is that
the best of the anchors there is an object of the class: the greatest of the anchors' softmax
probabilities of the class, which the cross-entropy trains. As log-odds ln p − ln(1 − p).

torchvision squeezes every picture to 320×320. Framesift keeps proportions (320 pixels high
unless told otherwise), and the anchors are the pixels that they are at 320×320, whatever the
picture's size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from framesift.detectors.box_losses import of_anchors
from framesift.detectors.dense_head import DenseHead, Level, predicted
from framesift.detectors.fcos import NOTHING, total
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import WorkingSize
from framesift.detectors.torchvision_dense import DenseDetector
from framesift.detectors.torchvision_labels import FrameLabels

SIDE = 320
_SUREST = -1e-7


class SsdLiteHead(DenseHead):
    """Per level: logits N×(A·(1 + C))×h×w, the background first, and box codes N×(A·4)×h×w."""

    def hidden(self, features: list[Tensor]) -> list[Level]:
        return [
            (classes[0](level), boxes[0](level))
            for level, (classes, boxes) in zip(features, self._blocks(), strict=True)
        ]

    def predict(self, hidden: list[Level]) -> list[Level]:
        return [
            (self._merged(predicted(classes[1], of_classes)), predicted(boxes[1], of_boxes))
            for (of_classes, of_boxes), (classes, boxes) in zip(
                hidden, self._blocks(), strict=True
            )
        ]

    def predictors(self) -> Iterator[nn.Module]:
        return (block[1] for pair in self._blocks() for block in pair)

    def _blocks(self) -> list[tuple[Any, Any]]:
        return list(
            zip(
                self.head.classification_head.module_list,
                self.head.regression_head.module_list,
                strict=True,
            )
        )

    def _merged(self, logits: Tensor) -> Tensor:
        """The silent classes become part of the background: the softmax of all others stays
        what it is."""
        if self.known == 1 + self.classes:
            return logits
        count, _, height, width = logits.shape
        apart = logits.reshape(count, -1, self.known, height, width)
        others = torch.cat([apart[:, :, :1], apart[:, :, 1 + self.classes :]], 2)
        merged = torch.cat(
            [others.logsumexp(2, keepdim=True), apart[:, :, 1 : 1 + self.classes]], 2
        )
        return merged.reshape(count, -1, height, width)


class SsdLiteDetector(DenseDetector):
    """See the module."""

    multiple = 64
    coarsest = 512
    first = 1
    corner = False

    def __init__(
        self,
        architecture: str,
        classes: Sequence[str] = ("pedestrian",),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(architecture, classes, settings, nms_iou=0.55, working_height=SIDE)

    def class_rows(self) -> dict[str, int]:
        return {
            f"head.classification_head.module_list.{n}.1.{kind}": 1
            for n in range(6)
            for kind in ("weight", "bias")
        }

    def parts_of(self, module: nn.Module) -> DenseHead:
        return SsdLiteHead(module, len(self.classes), len(self.outputs()))

    def level_logits(self, level: Level) -> Tensor:
        count, _, height, width = level[0].shape
        apart = level[0].reshape(count, -1, 1 + len(self.classes), height, width)
        log = (apart.float().log_softmax(2)[:, :, 1:].amax(1)).clamp(max=_SUREST)
        return log - torch.log(-torch.expm1(log))

    def columns(self) -> tuple[int, ...]:
        return 1 + len(self.classes), 4

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
                {
                    "cls_logits": torch.cat(parts[0], 1),
                    "bbox_regression": torch.cat(parts[1], 1),
                },
                [torch.cat(anchors)] * count,
                [size.content] * count,
            ),
        )

    def anchors(self, levels: Sequence[Level], size: WorkingSize) -> Tensor:
        anchors = []
        for level, pairs in zip(levels, self.module.anchor_generator._wh_pairs, strict=True):
            height, width = level[0].shape[-2:]
            device = level[0].device
            y = (torch.arange(height, device=device) + 0.5) * (size.padded[0] / height)
            x = (torch.arange(width, device=device) + 0.5) * (size.padded[1] / width)
            centre = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)[:, :, None]
            half = pairs.to(device).clamp(0, 1) * (SIDE / 2)
            anchors.append(torch.cat([centre - half, centre + half], -1).reshape(-1, 4))
        return torch.cat(anchors)

    def losses(
        self,
        images: Tensor,
        labels: Sequence[FrameLabels],
        size: WorkingSize,
        settings: LossSettings,
    ) -> Tensor:
        from torchvision.ops import box_iou

        if len(labels) == 1:
            # Batch normalisation has no statistics of the last level's single cell.
            images, labels = torch.cat([images, images]), [*labels, *labels]
        # On a processor the gradient of a depthwise convolution over a single cell is rubbish
        # in bfloat16 (torch 2.14, oneDNN), and small pictures have several such levels.
        exact = self.device.type == "cpu" and min(size.padded) <= 256
        with nullcontext() if exact else self._amp():
            levels = self.parts_of(self.module).levels(images)
        logits, codes = self.joined(levels)
        anchors = self.anchors(levels, size)
        matches, kept = [], []
        sure = (
            F.one_hot(
                torch.zeros(1, dtype=torch.int64, device=logits.device), logits.shape[-1]
            ).float()
            * (-2 * NOTHING)
            + NOTHING
        )
        for logit, label in zip(logits, labels, strict=True):
            matched = (
                self.module.proposal_matcher(box_iou(label.boxes, anchors))
                if len(label.boxes)
                else torch.full_like(anchors[:, 0], -1).long()
            )
            # Sure of the background: without loss, and never among the hardest negatives.
            spared = label.spared(anchors, len(self.classes)).any(1) & (matched < 0)
            kept.append(torch.where(spared[:, None], sure, logit))
            matches.append(matched)
        outputs = {"cls_logits": torch.stack(kept), "bbox_regression": codes}
        losses = self.module.compute_loss(
            [label.target(1) for label in labels], outputs, [anchors] * len(labels), matches
        )
        if settings.box_loss == "eiou":
            losses["bbox_regression"] = of_anchors(
                self.module.box_coder.decode_single,
                codes,
                anchors,
                [label.boxes for label in labels],
                matches,
            )
        return total(losses)
