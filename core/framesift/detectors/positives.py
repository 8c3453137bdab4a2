"""How well a second stage places what the first one proposes of labelled objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.boxes import Box, as_array
from framesift.detectors.maps import WorkingSize

POSITIVE = 0.5
"""From this overlap on a proposal is a label's, as in training (torchvision's)."""


def positive_ious(
    proposals: Tensor,
    boxes: Tensor,
    labels: Sequence[Box],
    classes: Sequence[str],
    size: WorkingSize,
) -> NDArray[np.float64]:
    """The IoU with its label of each box that the second stage makes of a proposal which
    overlaps a label by POSITIVE or more, float64 N; a proposal is the label's that it overlaps
    most.

    proposals: P×4, boxes: P×(1 + C)×4, class by class, working pixels. Ignore regions and
    labels of no class in `classes` are left out; boxes are clipped to the picture, as those
    that are found.
    """
    from torchvision.ops import box_iou, clip_boxes_to_image

    counted = [box for box in labels if not box.ignore and box.category in classes]
    if not counted or not len(proposals):
        return np.zeros(0)
    there = torch.from_numpy(size.to_working(as_array(counted))).to(proposals)
    overlap, label = box_iou(proposals, there).max(1)
    positive = torch.where(overlap >= POSITIVE)[0]
    label = label[positive]
    of_class = torch.tensor([1 + classes.index(box.category) for box in counted])
    made = boxes[positive, of_class.to(label.device)[label]]
    ious = box_iou(clip_boxes_to_image(made, list(size.content)), there).gather(
        1, label[:, None]
    )[:, 0]
    return np.asarray(ious.double().cpu().numpy(), np.float64)
