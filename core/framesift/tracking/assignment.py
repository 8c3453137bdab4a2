"""Which box continues which track: one to one, with the largest sum of overlaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import areas, iou


def assign(
    expected: NDArray[np.float64],
    boxes: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    min_iou: float,
) -> list[tuple[int, int]]:
    """Pairs (row of `expected` N×4, row of `boxes` M×4), each row at most once, that are
    `allowed` (bool N×M), overlap by `min_iou` or more, and together the most."""
    from scipy.optimize import linear_sum_assignment

    overlap = iou(expected, boxes)
    overlap[~allowed | (overlap < min_iou)] = 0.0
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    linked = overlap[rows, columns] > 0
    return list(zip(rows[linked].tolist(), columns[linked].tolist(), strict=True))


def grown(boxes: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """N×4 boxes, each side moved outwards by `reach` × the root of the box's area."""
    margin = reach * np.sqrt(areas(boxes))[:, None]
    return np.asarray(boxes + margin * np.array([-1.0, -1.0, 1.0, 1.0]), np.float64)
