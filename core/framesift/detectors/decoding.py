"""From probability maps to boxes, for detectors without box regression.

Per map: probabilities averaged 3×3, a pixel that is the maximum of the 19×19 window around it
and above the threshold, one box of that level's size centred on the pixel's centre, clipped to
the frame; then greedy non-maximum suppression over the levels of each class. This runs on the
maps at working resolution; maps whose highest logit is below the threshold are skipped.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Prediction, nms
from framesift.detectors.maps import ProbabilityMaps

WINDOW = 19
MOST_PEAKS = 300
"""Peaks kept per map, best first. A constant map is one plateau: every pixel a maximum."""


def peaks(
    probabilities: NDArray[np.float32], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """(rows, columns, scores) of the local maxima of one H×W map, best first; on equal scores
    the upper, then the left one."""
    mean = cv2.blur(probabilities, (3, 3), borderType=cv2.BORDER_REPLICATE)
    highest = cv2.dilate(mean, np.ones((WINDOW, WINDOW), np.uint8))
    flat = np.flatnonzero((mean >= highest) & (mean > threshold))
    scores = np.asarray(mean, np.float32).reshape(-1)[flat]
    best = np.argsort(-scores, kind="stable")[:MOST_PEAKS]
    rows, columns = np.divmod(flat[best], probabilities.shape[1])
    return rows, columns, scores[best]


def decode(
    maps: ProbabilityMaps,
    box_sizes: Sequence[tuple[float, float]],
    *,
    threshold: float,
    nms_iou: float,
) -> list[Prediction]:
    """One Prediction per frame, native pixels. `box_sizes`: (height, width) per level in
    working pixels; `nms_iou`: a box goes when it overlaps a better one of its class more."""
    return [
        _decode_frame(maps.frame(n), box_sizes, threshold, nms_iou) for n in range(maps.count)
    ]


def _decode_frame(
    maps: ProbabilityMaps,
    box_sizes: Sequence[tuple[float, float]],
    threshold: float,
    nms_iou: float,
) -> Prediction:
    boxes: list[NDArray[np.float64]] = []
    scores: list[NDArray[np.float32]] = []
    categories: list[NDArray[np.int64]] = []
    for k, (level, name) in enumerate(maps.names):
        if maps.peak(k, 0) <= threshold:
            continue
        rows, columns, heights = peaks(maps.map(k)[0].cpu().numpy(), threshold)
        height, width = box_sizes[level]
        x, y = columns + 0.5, rows + 0.5
        boxes.append(
            np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], 1)
        )
        scores.append(heights)
        categories.append(np.full(len(heights), maps.classes.index(name), np.int64))
    if not boxes:
        return Prediction.empty()
    native = maps.size.to_native(np.concatenate(boxes))
    return suppress(native, np.concatenate(scores), np.concatenate(categories), nms_iou)


def suppress(
    boxes: NDArray[np.float64],
    scores: NDArray[np.float32],
    categories: NDArray[np.int64],
    nms_iou: float,
    probabilities: NDArray[np.float32] | None = None,
) -> Prediction:
    """Non-maximum suppression within each class; the result is best first. `probabilities`:
    N×C, those of each box, where they are known."""
    kept = [
        np.flatnonzero(categories == c)[
            nms(boxes[categories == c], scores[categories == c], nms_iou)
        ]
        for c in np.unique(categories)
    ]
    chosen = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    chosen = chosen[np.lexsort((chosen, -scores[chosen]))]
    return Prediction(
        boxes[chosen].astype(np.float32),
        scores[chosen].astype(np.float32),
        categories[chosen].astype(np.int64),
        None if probabilities is None else probabilities[chosen].astype(np.float32),
    )
