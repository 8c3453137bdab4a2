"""torchvision's Faster R-CNN: a proposal network, and a second look at what it proposes.

K = 5 with a ResNet-50 (strides 4 to 64), 3 with a MobileNet (32, 32 and 64), whatever the
number of classes: the second stage is not dense, so the maps are the proposal network's. Level
k's map says, for each place, how probable it is that the best of the anchors there holds an
object of any class: the greatest of the anchors' objectness sigmoids, each trained by binary
cross-entropy as the probability that its anchor matches an object. All classes share these
maps (SHARED), so they are counted once and a choice of classes does not change them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.boxes import Box, Prediction
from framesift.detectors.base import Frames, Inference, check_frames
from framesift.detectors.box_losses import of_proposals
from framesift.detectors.emphasis import (
    Emphasis,
    LogVariance,
    Second,
    raised_proposals,
    second_losses,
)
from framesift.detectors.faster_rcnn_stages import Stages
from framesift.detectors.fcos import total
from framesift.detectors.flip import averaged
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import SHARED, ProbabilityMaps, WorkingSize, working_size
from framesift.detectors.outputs import Outputs, frame_boxes
from framesift.detectors.positives import positive_ious
from framesift.detectors.prepare import working_batch
from framesift.detectors.proposals import Proposed, proposal_losses, propose, refined, unspared
from framesift.detectors.torchvision_base import (
    MOST_RAW,
    TorchvisionDetector,
    as_prediction,
    flip_back,
)
from framesift.detectors.torchvision_dense import mask
from framesift.detectors.torchvision_labels import FrameLabels


class FasterRcnnDetector(TorchvisionDetector):
    """See the module."""

    multiple = 64
    first = 1
    proposes = True
    training_only = ("roi_heads.box_predictor.log_variance.",)

    def __init__(
        self,
        architecture: str,
        classes: Sequence[str] = ("pedestrian",),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        height = 320 if "_320_" in architecture else 480
        super().__init__(architecture, classes, settings, nms_iou=0.5, working_height=height)
        if self.config.proposals is not None:
            self._limit(self.config.proposals)

    def _limit(self, proposals: int) -> None:
        rpn, sampler = self.module.rpn, self.module.roi_heads.fg_bg_sampler
        for limits in (rpn._pre_nms_top_n, rpn._post_nms_top_n):
            limits.update({when: min(most, proposals) for when, most in limits.items()})
        sampler.batch_size_per_image = min(sampler.batch_size_per_image, proposals)

    def begin_training(self, settings: object) -> None:
        """HUALE's loss has a layer of its own, which says how sure each box is."""
        if LossSettings.of(settings).box_loss != "huale":
            return
        predictor = self.module.roi_heads.box_predictor
        layer = LogVariance(predictor.bbox_pred.in_features).to(predictor.bbox_pred.weight)
        predictor.add_module("log_variance", layer)

    def end_training(self) -> None:
        predictor = self.module.roi_heads.box_predictor
        if hasattr(predictor, "log_variance"):
            del predictor.log_variance

    def _emphasis(self) -> Emphasis:
        return self.emphasis or Emphasis.none(len(self.classes))

    def class_rows(self) -> dict[str, int]:
        rows = {"cls_score": 1, "bbox_pred": 4}
        return {
            f"roi_heads.box_predictor.{layer}.{kind}": count
            for layer, count in rows.items()
            for kind in ("weight", "bias")
        }

    def parts_of(self, module: nn.Module) -> Stages:
        return Stages(module, len(self.classes))

    def raw_boxes(self, frames: Frames, threshold: float = 0.05) -> list[Prediction]:
        return [frame.prediction for frame in self._decoded(frames, threshold, nms_iou=1.0)]

    def proposed(self, frames: Frames, threshold: float = 0.05) -> list[Proposed]:
        """The boxes that `predict` gives of uint8 N×H×W×3 frames, each with the proposal that
        the second stage made it of."""
        return self._decoded(frames, threshold, nms_iou=self.config.nms_iou)

    def positive_ious(
        self, frames: Frames, labels: Sequence[Sequence[Box]]
    ) -> list[NDArray[np.float64]]:
        """By uint8 N×H×W×3 frame the IoU of each box with its label that the second stage makes
        of a proposal which overlaps one by half or more; see positives."""
        size, proposals, boxes, _ = self._stages_seen(frames)
        return [
            positive_ious(*parts, self.classes, size)
            for parts in zip(proposals, boxes, labels, strict=True)
        ]

    def _decoded(self, frames: Frames, threshold: float, nms_iou: float) -> list[Proposed]:
        size, proposals, boxes, probabilities = self._stages_seen(frames)
        most = self.module.roi_heads.detections_per_img if nms_iou < 1 else MOST_RAW
        return [
            refined(*parts, size, threshold, nms_iou, most)
            for parts in zip(boxes, probabilities, proposals, strict=True)
        ]

    @torch.no_grad()
    def _stages_seen(
        self, frames: Frames
    ) -> tuple[WorkingSize, Sequence[Tensor], Sequence[Tensor], Sequence[Tensor]]:
        """By frame the proposals P×4, and of each the boxes P×(1 + C)×4, all in working pixels,
        and the probabilities P×(1 + C) of the second stage."""
        check_frames(frames)
        size = self.geometry(*frames.shape[1:3])
        stages: Stages = self._inference_parts()
        features = stages.trunk(self._images(working_batch(frames, size)))
        hidden = stages.hidden(features)
        objectness = stages.objectness(hidden)
        proposals, _, _, _ = propose(stages, objectness, stages.deltas(hidden), size)
        logits, codes = stages.second(features, proposals, size)
        boxes = stages.roi_heads.box_coder.decode(codes, proposals)
        counts = [len(frame) for frame in proposals]
        probabilities = torch.split(logits.softmax(-1), counts)
        return size, proposals, torch.split(boxes, counts), probabilities

    @torch.no_grad()
    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        check_frames(frames)
        size = self.geometry(*frames.shape[1:3])
        # With two views a box that only one of them knows counts half.
        least = 0.0 if flip else threshold
        logits, predictions = self._view(frames, size, boxes, least, flip=False)
        if not flip:
            return Inference(self._maps(logits, size), predictions)
        others, second = self._view(frames, size, boxes, least, flip=True)
        maps = self._maps(logits, size, others)
        if predictions is None or second is None:
            return Inference(maps, None)
        return Inference(
            maps,
            tuple(
                averaged(
                    plain,
                    flip_back(flipped, size.native[1]),
                    nms_iou=self.config.nms_iou,
                    threshold=threshold,
                )
                for plain, flipped in zip(predictions, second, strict=True)
            ),
        )

    def _view(
        self, frames: Frames, size: WorkingSize, boxes: bool, threshold: float, *, flip: bool
    ) -> tuple[list[Tensor], tuple[Prediction, ...] | None]:
        images = self._images(working_batch(frames, size, flip=flip))
        logits, detections = self._seen(
            self._inference_parts(), images, size, threshold if boxes else None
        )
        if not boxes:
            return logits, None
        return logits, tuple(
            as_prediction({"boxes": b, "scores": s, "labels": c}, size, self.first)
            for b, s, c in detections
        )

    def _seen(
        self, stages: Stages, images: Tensor, size: WorkingSize, threshold: float | None
    ) -> tuple[list[Tensor], list[tuple[Tensor, Tensor, Tensor]]]:
        """Objectness per level, and with a threshold each frame's boxes in working pixels,
        scores and labels."""
        features = stages.trunk(images)
        hidden = stages.hidden(features)
        objectness = stages.objectness(hidden)
        logits = [level.amax(1, keepdim=True) for level in objectness]
        if threshold is None:
            return logits, []
        proposals, _, _, _ = propose(stages, objectness, stages.deltas(hidden), size)
        scores, codes = stages.second(features, proposals, size)
        heads = stages.roi_heads
        heads.score_thresh, heads.nms_thresh = threshold, self.config.nms_iou
        detections = heads.postprocess_detections(
            scores, codes, proposals, [size.content] * len(images)
        )
        return logits, list(zip(*detections, strict=True))

    def differentiable(
        self, frames: Frames, *, flip: bool = False, threshold: float = 0.05
    ) -> Outputs:
        check_frames(frames)
        size = working_size(frames.shape[1], frames.shape[2], None, self.multiple)
        self._home()
        self.training_mode()
        images = self._images(working_batch(frames, size, flip=flip))
        with self._amp():
            logits, detections = self._seen(self.parts_of(self.module), images, size, threshold)
        boxes = [frame_boxes(*frame, self.first) for frame in detections]
        return Outputs(self._maps(logits, size), tuple(boxes))

    def _maps(
        self,
        logits: Sequence[Tensor],
        size: WorkingSize,
        flipped: Sequence[Tensor] | None = None,
    ) -> ProbabilityMaps:
        return ProbabilityMaps(logits, size, (SHARED,), flipped=flipped, corner=True)

    @torch.no_grad()
    def dropout_maps(
        self, frames: Frames, passes: int, rate: float, seed: int = 0
    ) -> Iterator[ProbabilityMaps]:
        """Dropout before the objectness layer; all else runs once for all passes."""
        check_frames(frames)
        if not 0 <= rate < 1:
            raise ValueError(f"a dropout rate of {rate}")
        size = self.geometry(*frames.shape[1:3])
        stages: Stages = self._inference_parts()
        hidden = stages.hidden(stages.trunk(self._images(working_batch(frames, size))))
        generator = torch.Generator().manual_seed(seed)
        for _ in range(passes):
            with torch.no_grad():
                dropped = [level.float() * mask(level, rate, generator) for level in hidden]
                logits = [level.amax(1, keepdim=True) for level in stages.objectness(dropped)]
            yield self._maps(logits, size)

    def losses(
        self,
        images: Tensor,
        labels: Sequence[FrameLabels],
        size: WorkingSize,
        settings: LossSettings,
    ) -> Tensor:
        stages = self.parts_of(self.module)
        targets = [label.target(1) for label in labels]
        with self._amp():
            features = stages.trunk(images)
            hidden = stages.hidden(features)
        objectness, deltas = stages.objectness(hidden), stages.deltas(hidden)
        proposals, flat, codes, anchors = propose(stages, objectness, deltas, size)
        losses = proposal_losses(stages.rpn, labels, targets, anchors, flat, codes)
        if settings.box_loss == "huale":
            there = [target["labels"] for target in targets]
            losses = raised_proposals(losses, self._emphasis(), there)
        left = [
            unspared(boxes.detach(), label)
            for boxes, label in zip(proposals, labels, strict=True)
        ]
        losses |= self._second_losses(stages, features, left, targets, size, settings)
        return total(losses)

    def _second_losses(
        self,
        stages: Stages,
        features: Mapping[str, Tensor],
        proposals: list[Tensor],
        targets: list[dict[str, Tensor]],
        size: WorkingSize,
        settings: LossSettings,
    ) -> dict[str, Tensor]:
        from torchvision.models.detection.roi_heads import fastrcnn_loss

        chosen, _, classes, goal = stages.roi_heads.select_training_samples(proposals, targets)
        if not sum(map(len, chosen)):
            return {}
        with self._amp():
            seen = stages.seen(features, chosen, size)
            logits, codes = stages.judged(seen)
        if settings.box_loss == "huale":
            coder = stages.roi_heads.box_coder
            places, whats, goals = (torch.cat(part) for part in (chosen, classes, goal))
            second = Second(seen, logits, codes, places, whats, goals, coder)
            unsure = stages.roi_heads.box_predictor.log_variance
            classifier, boxes = second_losses(second, self._emphasis(), unsure)
            return {"classifier": classifier, "boxes": boxes}
        classifier, boxes = fastrcnn_loss(logits, codes, classes, goal)
        if settings.box_loss == "eiou":
            coder = stages.roi_heads.box_coder
            boxes = of_proposals(coder, codes, chosen, torch.cat(classes), torch.cat(goal))
        return {"classifier": classifier, "boxes": boxes}
