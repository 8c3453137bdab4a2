"""Labels as torchvision's losses take them, and where no loss is to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from framesift.boxes import Box
from framesift.detectors.loss_settings import LossSettings

SPARED_IOU = 0.4
"""Overlap with an ignore region from which a box is spared."""
DENIED_IOU = 0.5
"""Overlap with a denied box from which a box is negative."""
_SMALLEST = 1.0


@dataclass(frozen=True, slots=True)
class FrameLabels:
    """One frame's labels in working pixels.

    boxes: float32 M×4 (x1, y1, x2, y2); columns: int64 M, the class of each as an index.
    ignored: float32 R×4; ignored_columns: int64 R, the class that each concerns, −1: all.
    denied: float32 D×4; denied_columns: int64 D: boxes that somebody said are no object's.
    """

    boxes: Tensor
    columns: Tensor
    ignored: Tensor
    ignored_columns: Tensor
    denied: Tensor
    denied_columns: Tensor

    def target(self, first: int) -> dict[str, Tensor]:
        """What torchvision wants; `first`: the label of the first class."""
        return {"boxes": self.boxes, "labels": self.columns + first}

    def spared(self, boxes: Tensor, classes: int) -> Tensor:
        """Where loss is not to be taken: bool A×classes for A boxes (N×4). A box is spared
        where an ignore region holds its centre, covers half of it or reaches an IoU of 0.4,
        unless it is like a denied one."""
        out = torch.zeros((len(boxes), classes), dtype=torch.bool, device=boxes.device)
        if not len(self.ignored):
            return out
        hit = touched(boxes, self.ignored)
        for column in set(self.ignored_columns.tolist()):
            which = hit[:, self.ignored_columns == column].any(1)
            if column < 0:
                out |= which[:, None]
            else:
                out[:, column] |= which
        for column in set(self.denied_columns.tolist()):
            out[alike(boxes, self.denied[self.denied_columns == column]), column] = False
        return out


def touched(boxes: Tensor, regions: Tensor) -> Tensor:
    """bool A×R: which of the boxes A×4 belong to which of the regions R×4 (see `spared`)."""
    centre = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    inside = ((centre >= regions[None, :, :2]) & (centre < regions[None, :, 2:])).all(-1)
    shared = overlap(boxes, regions)
    areas, other = area(boxes)[:, None], area(regions)[None]
    union = (areas + other - shared).clamp(min=1e-6)
    return inside | (shared >= 0.5 * areas.clamp(min=1e-6)) | (shared / union >= SPARED_IOU)


def alike(boxes: Tensor, others: Tensor) -> Tensor:
    """bool A: which boxes A×4 reach an IoU of 0.5 with one of the others."""
    shared = overlap(boxes, others)
    union = area(boxes)[:, None] + area(others)[None] - shared
    return (shared / union.clamp(min=1e-6) >= DENIED_IOU).any(1)


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Areas that N×4 and M×4 boxes share: N×M."""
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    return (high - low).clamp(min=0).prod(-1)


def area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(-1)


def read_labels(
    labels: Sequence[Box],
    classes: Sequence[str],
    picture: tuple[int, int],
    settings: LossSettings,
    device: torch.device,
) -> FrameLabels:
    """One frame's labels, clipped to a picture of (height, width).

    An ignore region whose category is none of the classes concerns all of them; any other
    label of a foreign category is background. Labels that `settings` filters become ignore
    regions of their class, or background.
    """
    boxes: list[tuple[float, ...]] = []
    columns: list[int] = []
    ignored: list[tuple[float, ...]] = []
    ignored_columns: list[int] = []
    denied: list[tuple[float, ...]] = []
    denied_columns: list[int] = []
    for label in labels:
        box = label.clipped(picture[1], picture[0])
        known = label.category in classes
        column = classes.index(label.category) if known else -1
        corners = (box.x1, box.y1, box.x2, box.y2)
        if box.width <= 0 or box.height <= 0:
            continue
        small = box.width < _SMALLEST or box.height < _SMALLEST
        if label.denied:
            if known:
                denied.append(corners)
                denied_columns.append(column)
        elif label.ignore or (
            known and settings.filtered == "ignore" and (small or not settings.keeps(box))
        ):
            ignored.append(corners)
            ignored_columns.append(column)
        elif known and not small and settings.keeps(box):
            boxes.append(corners)
            columns.append(column)
    return FrameLabels(
        _rows(boxes, device),
        torch.tensor(columns, dtype=torch.int64, device=device),
        _rows(ignored, device),
        torch.tensor(ignored_columns, dtype=torch.int64, device=device),
        _rows(denied, device),
        torch.tensor(denied_columns, dtype=torch.int64, device=device),
    )


def _rows(boxes: Sequence[tuple[float, ...]], device: torch.device) -> Tensor:
    return torch.tensor(boxes, dtype=torch.float32, device=device).reshape(-1, 4)
