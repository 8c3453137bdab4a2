"""Proposals of Faster R-CNN: refined boxes, what they were, and their losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.boxes import Prediction
from framesift.detectors.faster_rcnn_stages import Stages
from framesift.detectors.maps import WorkingSize
from framesift.detectors.torchvision_labels import FrameLabels, alike, area, overlap, touched


@dataclass(frozen=True, slots=True, eq=False)
class Proposed:
    """One frame's prediction, and the proposal behind each box: float32 N×4, native pixels."""

    prediction: Prediction
    proposals: NDArray[np.float32]


def refined(
    boxes: Tensor,
    probabilities: Tensor,
    proposals: Tensor,
    size: WorkingSize,
    threshold: float,
    nms_iou: float,
    most: int,
) -> Proposed:
    """torchvision's own filters over one frame's boxes P×(1 + C)×4, their probabilities
    P×(1 + C) and their proposals P×4 in working pixels, but each box keeps its proposal."""
    from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes

    scores = probabilities[:, 1:].flatten()
    every = clip_boxes_to_image(boxes[:, 1:].reshape(-1, 4), list(size.content))
    classes = torch.arange(probabilities.shape[1] - 1, device=scores.device)
    classes = classes.repeat(len(proposals))
    rows = torch.arange(len(proposals), device=scores.device)
    rows = rows.repeat_interleave(probabilities.shape[1] - 1)
    kept = torch.where(scores > threshold)[0]
    kept = kept[remove_small_boxes(every[kept], min_size=1e-2)]
    kept = kept[batched_nms(every[kept], scores[kept], classes[kept], nms_iou)[:most]]
    native = size.to_native(every[kept].double().cpu().numpy()).astype(np.float32)
    came_of = size.to_native(proposals[rows[kept]].double().cpu().numpy()).astype(np.float32)
    real = (native[:, 2] > native[:, 0]) & (native[:, 3] > native[:, 1])
    sure = scores[kept].float().cpu().numpy()
    order = np.flatnonzero(real)[np.argsort(-sure[real], kind="stable")]
    categories = classes[kept].cpu().numpy().astype(np.int64)
    return Proposed(Prediction(native[order], sure[order], categories[order]), came_of[order])


def propose(
    stages: Stages, objectness: Sequence[Tensor], deltas: Sequence[Tensor], size: WorkingSize
) -> tuple[list[Tensor], Tensor, Tensor, list[Tensor]]:
    """(proposals per frame P×4, objectness of all anchors, box codes of all anchors, anchors
    per frame), in working pixels, by torchvision's own decoding and suppression."""
    from torchvision.models.detection.image_list import ImageList
    from torchvision.models.detection.rpn import concat_box_prediction_layers

    count = objectness[0].shape[0]
    stand_in = torch.empty((count, 3, *size.padded), device="meta")
    anchors = stages.rpn.anchor_generator(
        ImageList(stand_in, [size.content] * count), list(objectness)
    )
    per_level = [level[0].numel() for level in objectness]
    flat, codes = concat_box_prediction_layers(list(objectness), list(deltas))
    decoded = stages.rpn.box_coder.decode(codes.detach(), anchors).view(count, -1, 4)
    proposals, _ = stages.rpn.filter_proposals(decoded, flat, [size.content] * count, per_level)
    return proposals, flat, codes, anchors


def proposal_losses(
    rpn: Any,
    labels: Sequence[FrameLabels],
    targets: list[dict[str, Tensor]],
    anchors: list[Tensor],
    flat: Tensor,
    codes: Tensor,
) -> dict[str, Tensor]:
    marks, matched = rpn.assign_targets_to_anchors(anchors, targets)
    for mark, target, boxes in zip(marks, labels, anchors, strict=True):
        if len(target.ignored):
            spared = touched(boxes, target.ignored).any(1) & ~alike(boxes, target.denied)
            mark[spared & (mark == 0)] = -1
    if not any(bool((mark >= 0).any()) for mark in marks):
        return {"objectness": flat.sum() * 0.0}
    goal = rpn.box_coder.encode(matched, anchors)
    objectness, boxes_loss = rpn.compute_loss(flat, codes, marks, goal)
    return {"objectness": objectness, "proposals": boxes_loss}


def unspared(proposals: Tensor, labels: FrameLabels) -> Tensor:
    """The proposals that may be learnt from: none that an ignore region spares, unless it is
    at least half a label's."""
    if not len(labels.ignored) or not len(proposals):
        return proposals
    spared = touched(proposals, labels.ignored).any(1) & ~alike(proposals, labels.denied)
    if len(labels.boxes):
        shared = overlap(proposals, labels.boxes)
        union = area(proposals)[:, None] + area(labels.boxes)[None] - shared
        spared &= ~(shared / union.clamp(min=1e-6) >= 0.5).any(1)
    return proposals[~spared]
