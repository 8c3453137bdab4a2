"""How a box moves from one picture to the next: median flow of points inside it.

Kalal, Mikolajczyk and Matas, "Forward-Backward Error: Automatic Detection of Tracking
Failures" (ICPR 2010): a grid of points is followed there and back by pyramidal Lucas–Kanade;
the half that comes back best says how the box moves and grows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GRID = 10  # points along each side of the box
INSET = 0.1  # how far they stay from its sides, in its width and height
WINDOW = 9  # pixels that are compared around a point; by measurement
LEVELS = 3  # halvings of the picture: moves up to about WINDOW / 2 × 2³ pixels
MARGIN = 24  # least pixels around the box in which points are looked for
LEAST = 6  # points that must come back

Gray = NDArray[np.uint8]
Side = NDArray[np.float64]
Points = NDArray[np.float32]


def moved(before: Gray, after: Gray, box: Side) -> tuple[Side, float] | None:
    """The box in the next picture, and its forward–backward error in pixels (median of its
    points); None where too few points are found again.

    before, after: uint8 H×W. box: float64 4, native pixels.
    """
    x1, y1, x2, y2 = _around(box, before.shape)
    here, there = before[y1:y2, x1:x2], after[y1:y2, x1:x2]
    if here.size == 0:
        return None
    # OpenCV's point (0, 0) is the middle of the first pixel, which a box calls (½, ½)
    start = (_grid(box) - (x1 + 0.5, y1 + 0.5)).astype(np.float32)
    end, forth = _flow(here, there, start)
    home, back = _flow(there, here, end)
    returned = forth & back
    if returned.sum() < LEAST:
        return None
    start, end, home = start[returned], end[returned], home[returned]
    error = np.linalg.norm(start - home, axis=1)
    middle = float(np.median(error))
    trusted = error <= middle
    return _carried(box, start[trusted], end[trusted]), middle


def similarity(first: Gray, second: Gray) -> float:
    """Correlation of two patches of one size, [−1, 1]; 0 where one of them is flat."""
    a, b = (patch.astype(np.float64) - patch.mean() for patch in (first, second))
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum() / size) if size > 0 else 0.0


def patch(picture: Gray, box: Side, side: int = 24) -> Gray:
    """uint8 side×side: what the box shows; beyond the picture's edge its last pixels."""
    import cv2

    width, height = np.maximum(np.round(box[2:] - box[:2]), 1).astype(int)
    middle = (box[:2] + box[2:]) / 2 - 0.5
    cut = cv2.getRectSubPix(picture, (int(width), int(height)), middle.tolist())
    return np.asarray(cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _around(box: Side, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The part of the picture that is looked at: the box and its larger side around it."""
    margin = max(float((box[2:] - box[:2]).max()), MARGIN)
    low = np.clip(np.floor(box[:2] - margin), 0, (shape[1], shape[0])).astype(int)
    high = np.clip(np.ceil(box[2:] + margin), 0, (shape[1], shape[0])).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _grid(box: Side) -> Side:
    shares = np.linspace(INSET, 1 - INSET, GRID)
    x, y = (box[k] + shares * (box[k + 2] - box[k]) for k in (0, 1))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _flow(before: Gray, after: Gray, points: Points) -> tuple[Points, NDArray[np.bool_]]:
    """float32 N×2: where the points are in the next picture; bool N: which are found."""
    import cv2

    end, known, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        points,
        np.empty_like(points),
        winSize=(WINDOW, WINDOW),
        maxLevel=LEVELS,
    )
    return np.asarray(end, np.float32).reshape(-1, 2), np.asarray(known).ravel() != 0


def _carried(box: Side, start: Points, end: Points) -> Side:
    """The box moved by the median of the points' moves and grown by the median of how their
    distances from each other grow."""
    first, second = np.triu_indices(len(start), 1)
    was, now = (np.linalg.norm(p[first] - p[second], axis=1) for p in (start, end))
    growth = float(np.median(now / was))
    middle = (box[:2] + box[2:]) / 2 + np.median(end - start, axis=0)
    half = (box[2:] - box[:2]) / 2 * growth
    return np.concatenate([middle - half, middle + half])
