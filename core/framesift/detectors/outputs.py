"""What a detector in training makes of a batch, with gradients."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from framesift.detectors.maps import ProbabilityMaps


@dataclass(frozen=True, slots=True, eq=False)
class FrameBoxes:
    """One frame's boxes: float32 N×4 (x1, y1, x2, y2) in working pixels, scores float32 N in
    [0, 1], categories int64 N (index into the detector's classes)."""

    boxes: Tensor
    scores: Tensor
    categories: Tensor

    def flipped(self, width: float) -> FrameBoxes:
        """The same in the coordinates of the flipped picture, `width` pixels wide."""
        x1, y1, x2, y2 = self.boxes.unbind(1)
        boxes = torch.stack([width - x2, y1, width - x1, y2], 1)
        return FrameBoxes(boxes, self.scores, self.categories)


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """Maps of a batch, and each frame's boxes; None where boxes are of fixed sizes."""

    maps: ProbabilityMaps
    boxes: tuple[FrameBoxes, ...] | None = None


def frame_boxes(boxes: Tensor, scores: Tensor, labels: Tensor, first: int) -> FrameBoxes:
    """torchvision's answer for one frame; `first`: its label of the first class."""
    return FrameBoxes(boxes, scores, labels - first)
