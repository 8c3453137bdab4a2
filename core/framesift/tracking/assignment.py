"""Which box continues which track: one to one, with the largest sum of gains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import areas, iou
from framesift.tracking.motion import Motion


def assign(gains: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column) of `gains` N×M, each row and column at most once, together with the
    largest sum; only pairs that gain more than 0."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(gains, maximize=True)
    linked = gains[rows, columns] > 0
    return list(zip(rows[linked].tolist(), columns[linked].tolist(), strict=True))


def overlaps(
    expected: NDArray[np.float64], boxes: NDArray[np.float64], least: float
) -> NDArray[np.float64]:
    """float64 N×M: the overlap (IoU) of boxes N×4 and M×4, 0 where it is below the least."""
    overlap = iou(expected, boxes)
    overlap[overlap < least] = 0.0
    return overlap


def nearness(
    tracks: Sequence[Motion], seconds: float, boxes: NDArray[np.float64], farthest: float
) -> NDArray[np.float64]:
    """float64 N×M: how far inside the farthest distance each of the boxes M×4 is from where the
    track is expected, as a difference of squares: of logarithms of likelihoods, twice."""
    far = np.array([track.distances(seconds, boxes) for track in tracks])
    return np.maximum(farthest**2 - far.reshape(len(tracks), len(boxes)) ** 2, 0.0)


def grown(boxes: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """N×4 boxes, each side moved outwards by `reach` × the root of the box's area."""
    margin = reach * np.sqrt(areas(boxes))[:, None]
    return np.asarray(boxes + margin * np.array([-1.0, -1.0, 1.0, 1.0]), np.float64)
