"""The fixed boxes of a detector without box regression: what they can reach, and fitting them
to labels. Sizes are (height, width) in working pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box

BoxSizes = tuple[tuple[float, float], ...]

PAPER_SIZES: BoxSizes = ((270, 160), (225, 130), (145, 80), (80, 50), (55, 31))


def centred_iou(sizes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of N×2 and M×2 (height, width) with common centres: float64 N×M. It is the best that
    a box of that size can reach by moving about."""
    shared = np.minimum(sizes[:, None], others[None]).prod(-1)
    return np.asarray(shared / (sizes.prod(-1)[:, None] + others.prod(-1)[None] - shared))


def reachable(
    boxes: NDArray[np.float64], sizes: Sequence[tuple[float, float]]
) -> NDArray[np.float64]:
    """The best IoU that any of the sizes can reach with each (height, width) of N×2."""
    if not len(boxes):
        return np.zeros(0)
    return np.asarray(
        centred_iou(np.maximum(boxes, 1e-9), np.asarray(sizes, np.float64)).max(1)
    )


def fit_box_sizes(
    boxes: Iterable[Box],
    count: int = 5,
    *,
    scale: float = 1.0,
    min_height: float = 0.0,
    rounds: int = 100,
) -> BoxSizes:
    """Box sizes fitted to labels: k-means with 1 − IoU for a distance and the median for a
    centre, started at the quantiles of the heights (deterministic).

    Args:
        boxes: labels; ignore regions and boxes cut by the picture's edge take no part.
        count: how many sizes, 1 or more.
        scale: working pixels per pixel of the labels, > 0.
        min_height: working pixels; lower boxes take no part.
        rounds: after how many k-means ends at the latest.

    Returns:
        `count` pairs (height, width) in working pixels, largest first.

    Raises:
        ValueError: fewer than `count` boxes are left.

    Example:
        >>> sizes = fit_box_sizes([Box(0, 0, 20, 50), Box(0, 0, 40, 100)], 2)
        >>> [tuple(map(float, size)) for size in sizes]
        [(100.0, 40.0), (50.0, 20.0)]
    """
    usable = [
        b
        for b in boxes
        if not (b.ignore or b.truncated)
        and b.width > 0
        and b.height * scale >= max(min_height, 1.0)
    ]
    if len(usable) < count:
        raise ValueError(f"{len(usable)} labels are too few to fit {count} box sizes")
    sizes = np.array([(b.height * scale, b.width * scale) for b in usable])
    ordered = sizes[np.argsort(sizes[:, 0], kind="stable")]
    centres = np.stack([np.median(part, 0) for part in np.array_split(ordered, count)])
    for _ in range(rounds):
        nearest = centred_iou(sizes, centres).argmax(1)
        moved = np.stack(
            [
                np.median(sizes[nearest == c], 0) if (nearest == c).any() else centres[c]
                for c in range(count)
            ]
        )
        if np.allclose(moved, centres):
            break
        centres = moved
    largest_first = centres[np.argsort(-centres.prod(1), kind="stable")]
    return tuple((float(round(h)), float(round(w))) for h, w in largest_first)
