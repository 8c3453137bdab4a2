"""The boxes of a frame and of its mirror image, averaged."""

from __future__ import annotations

import numpy as np

from framesift.boxes import Prediction, iou
from framesift.detectors.decoding import suppress


def averaged(
    plain: Prediction, flipped: Prediction, *, nms_iou: float, threshold: float
) -> Prediction:
    """Double evaluation for detectors that regress boxes.

    `flipped`: already in the frame's own coordinates. Boxes of one class that overlap by at
    least `nms_iou` are paired, the best overlap first, and their corners and scores averaged;
    a box that only one of the two knows has half its score. What falls to or below `threshold`
    goes. Best first.
    """
    boxes = np.concatenate([plain.boxes, flipped.boxes]).astype(np.float64)
    scores = np.concatenate([plain.scores, flipped.scores]) / 2
    categories = np.concatenate([plain.categories, flipped.categories])
    first = len(plain)
    overlaps = iou(plain.boxes, flipped.boxes)
    overlaps[plain.categories[:, None] != flipped.categories[None]] = 0.0
    paired, gone = set[int](), set[int]()
    order = np.argsort(-overlaps, axis=None, kind="stable")
    for a, b in zip(
        *map(np.ndarray.tolist, np.unravel_index(order, overlaps.shape)), strict=True
    ):
        if overlaps[a, b] < max(nms_iou, 1e-9):
            break
        if a not in paired and b not in gone:
            boxes[a] = (boxes[a] + boxes[first + b]) / 2
            scores[a] += scores[first + b]
            paired.add(a)
            gone.add(b)
    left = np.array(
        [n for n in np.flatnonzero(scores > threshold) if n - first not in gone], np.int64
    )
    return suppress(boxes[left], scores[left].astype(np.float32), categories[left], nms_iou)
