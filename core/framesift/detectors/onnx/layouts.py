"""What the outputs of foreign detectors mean.

A layout is recognised from the shapes that a model gives for a picture of known size, and
turns outputs into `Found`: boxes in the pixels that the model saw, with the probability of each
class, and where the layout is dense, those probabilities as maps, one per stride.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError

Outputs = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]
Size = tuple[int, int]

STRIDES = ((8, 16, 32), (8, 16, 32, 64), (4, 8, 16, 32), (16, 32))
"""Usual sets of strides of YOLO's heads; the count of predictions tells which one it is."""
MOST_ANCHORS = 9
TINY = 1e-6
"""Probabilities are kept this far from 0 and 1: as logits they must be finite."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a model found in a batch of N: per picture `boxes` float32 M×4 (x1, y1, x2, y2 in
    the pixels it saw) and `probabilities` float32 M×C; `maps`: per stride the logits N×C×h×w,
    None for a model that gives boxes only."""

    boxes: list[Floats]
    probabilities: list[Floats]
    maps: list[Floats] | None = None


class Layout(ABC):
    """How to read a model's outputs. `name` goes into the detector's settings; `classes` is
    the number of classes, None where the outputs do not say; `dense`: it gives maps."""

    name: str
    dense: bool
    classes: int | None = None
    nms_iou: float = 0.45
    bgr_bytes: bool = False
    """Whether the model wants pictures as OpenCV reads them: BGR, 0 to 255."""

    @abstractmethod
    def read(self, outputs: Outputs, seen: Size) -> Found:
        """`seen`: (height, width) of the pictures that the model saw. Raises InputError when
        the outputs have other shapes than those the layout was recognised by."""


def grids(seen: Size, strides: Sequence[int]) -> list[Size]:
    return [(seen[0] // stride, seen[1] // stride) for stride in strides]


def logit(probabilities: Floats) -> Floats:
    clipped = np.clip(probabilities, TINY, 1 - TINY)
    return np.asarray(np.log(clipped) - np.log1p(-clipped), np.float32)


def corners(centred: Floats) -> Floats:
    """(x, y, width, height) with x, y the middle → (x1, y1, x2, y2); …×4."""
    middle, half = centred[..., :2], centred[..., 2:4] / 2
    return np.concatenate([middle - half, middle + half], -1)


def unlike(what: str) -> InputError:
    return InputError(
        f"The model's outputs do not fit its picture ({what}); it was exported "
        "in a way that cannot be read."
    )


class Yolo(Layout):
    """Dense predictions of YOLO heads, level by level, rows of cells each.

    `objectness`: rows are x, y, w, h, objectness and the classes (v5, v6, v7: N×A×(5+C)), and
    the probability of a class is objectness times class; without, x, y, w, h and the classes
    (v8 to v12: N×(4+C)×A), what follows them is left out. With several anchors per cell a map's
    value is their maximum. `raw`: x, y are offsets from the cell in cells, w, h logarithms of
    sizes in cells, as YOLOX exports them. `bgr_bytes`: see Layout.
    """

    dense = True

    def __init__(
        self,
        output: str,
        classes: int,
        strides: Sequence[int],
        *,
        anchors: int,
        objectness: bool,
        raw: bool = False,
        bgr_bytes: bool = False,
    ) -> None:
        self.name = "yolox" if bgr_bytes else "yolov5" if objectness else "yolov8"
        self.raw, self.bgr_bytes = raw, bgr_bytes
        self.output, self.classes, self.strides = output, classes, tuple(strides)
        self.anchors, self.objectness = anchors, objectness
        self.nms_iou = 0.45 if objectness else 0.7

    def read(self, outputs: Outputs, seen: Size) -> Found:
        rows = np.asarray(outputs[self.output], np.float32)
        if not self.objectness:
            rows = rows.transpose(0, 2, 1)
        assert self.classes is not None
        levels = grids(seen, self.strides)
        first = 5 if self.objectness else 4
        count = self.anchors * sum(h * w for h, w in levels)
        if rows.ndim != 3 or rows.shape[1] != count or rows.shape[2] < first + self.classes:
            raise unlike(
                f"{'×'.join(map(str, rows.shape))} for {count} predictions of "
                f"{self.classes} classes"
            )
        probabilities = rows[..., first : first + self.classes]
        if self.objectness:
            probabilities = probabilities * rows[..., 4:5]
        probabilities = np.clip(probabilities, 0.0, 1.0)
        maps, start = [], 0
        for height, width in levels:
            size = self.anchors * height * width
            level = probabilities[:, start : start + size].reshape(
                len(rows), self.anchors, height, width, self.classes
            )
            maps.append(logit(level.max(1).transpose(0, 3, 1, 2)))
            start += size
        boxes = rows[..., :4]
        if self.raw:
            boxes = decoded(boxes, cells(levels, self.strides))
        return Found(list(corners(boxes)), list(probabilities), maps)


def cells(levels: Sequence[Size], strides: Sequence[int]) -> Floats:
    """Column, row and stride of every cell, level by level, rows of cells each: A×3."""
    made = []
    for (height, width), stride in zip(levels, strides, strict=True):
        y, x = np.mgrid[:height, :width]
        made.append(np.stack([x.ravel(), y.ravel(), np.full(height * width, stride)], 1))
    return np.concatenate(made).astype(np.float32)


def decoded(rows: Floats, grid: Floats) -> Floats:
    """YOLOX's raw x, y, w, h (N×A×4) in pixels, by its cells (A×3)."""
    middle = (rows[..., :2] + grid[:, :2]) * grid[:, 2:]
    # What is larger than any picture would only overflow.
    size = np.exp(np.minimum(rows[..., 2:4], 12)) * grid[:, 2:]
    return np.asarray(np.concatenate([middle, size], -1), np.float32)


class Queries(Layout):
    """RT-DETR and its kin: one output N×Q×(4+C) of x, y, w, h (the middle, shares of the
    picture) and the probability of each class; nothing is to be suppressed."""

    name, dense = "rt-detr", False

    def __init__(self, output: str, classes: int) -> None:
        self.output, self.classes = output, classes

    def read(self, outputs: Outputs, seen: Size) -> Found:
        rows = np.asarray(outputs[self.output], np.float32)
        assert self.classes is not None
        if rows.ndim != 3 or rows.shape[2] != 4 + self.classes:
            raise unlike("×".join(map(str, rows.shape)))
        boxes = corners(rows[..., :4]) * np.array([seen[1], seen[0]] * 2, np.float32)
        return Found(list(boxes), list(np.clip(rows[..., 4:], 0.0, 1.0)))


class BoxTable(Layout):
    """End-to-end: one output N×M×6 of x1, y1, x2, y2, score, class, already suppressed; what
    follows them (masks' coefficients, keypoints) is left out."""

    name, dense = "end-to-end", False

    def __init__(self, output: str, classes: int | None) -> None:
        self.output, self.classes = output, classes

    def read(self, outputs: Outputs, seen: Size) -> Found:
        table = np.asarray(outputs[self.output], np.float32)
        if table.ndim != 3 or table.shape[2] < 6:
            raise unlike("×".join(map(str, table.shape)))
        return _listed(
            [rows[:, :4] for rows in table],
            [rows[:, 4] for rows in table],
            [rows[:, 5] for rows in table],
            self.classes,
        )


class BoxLists(Layout):
    """End-to-end: boxes …×M×4, scores …×M and, where there are classes, labels …×M; with or
    without the batch in front, and with the number of boxes N×1 where they are padded."""

    name, dense = "boxes-scores-labels", False

    def __init__(
        self,
        boxes: str,
        scores: str,
        labels: str | None,
        count: str | None,
        classes: int | None,
    ) -> None:
        self.boxes, self.scores, self.labels = boxes, scores, labels
        self.number, self.classes = count, classes

    def read(self, outputs: Outputs, seen: Size) -> Found:
        boxes = np.asarray(outputs[self.boxes], np.float32)
        boxes = boxes[None] if boxes.ndim == 2 else boxes
        if boxes.ndim != 3 or boxes.shape[2] != 4:
            raise unlike("×".join(map(str, boxes.shape)))
        scores = np.asarray(outputs[self.scores], np.float32)
        labels = (
            np.zeros(scores.shape, np.float32)
            if self.labels is None
            else np.asarray(outputs[self.labels], np.float32)
        )
        if scores.size != boxes.shape[0] * boxes.shape[1] or labels.size != scores.size:
            raise unlike(f"{boxes.shape[1]} boxes, {scores.size} scores, {labels.size} labels")
        scores, labels = (part.reshape(boxes.shape[:2]) for part in (scores, labels))
        counts = [boxes.shape[1]] * len(boxes)
        if self.number is not None:
            numbers = np.asarray(outputs[self.number]).reshape(-1)
            counts = [int(min(max(c, 0), boxes.shape[1])) for c in numbers[: len(boxes)]]
        kept = [
            [rows[:count] for rows, count in zip(part, counts, strict=True)]
            for part in (boxes, scores, labels)
        ]
        return _listed(kept[0], kept[1], kept[2], self.classes)


def _listed(
    boxes: list[Floats], scores: list[Floats], labels: list[Floats], classes: int | None
) -> Found:
    """Boxes with one score each. Without names every box is of the one class there is; boxes
    of a class without a name are left out."""
    kept, probabilities = [], []
    for corners, score, label in zip(boxes, scores, labels, strict=True):
        number = np.zeros(len(corners), np.int64) if classes is None else label.astype(np.int64)
        known = (number >= 0) & (number < (classes or 1))
        rows = np.zeros((int(known.sum()), classes or 1), np.float32)
        rows[np.arange(len(rows)), number[known]] = np.clip(score[known], 0.0, 1.0)
        kept.append(np.asarray(corners[known], np.float32))
        probabilities.append(rows)
    return Found(kept, probabilities)
