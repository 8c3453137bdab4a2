"""What a frame looks like in 192 bytes, and how unlike two frames are: the look-alike rule.

The descriptor is a coarse sketch of where the picture is brighter or darker than its
surroundings: it does not change with exposure, and noise, a pixel of vibration or a person
walking by change little of it, while a few metres of driving change most of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS, ROWS = 32, 24
THUMBNAIL_SIZE = COLUMNS * ROWS * 2 // 8
"""Bytes of a descriptor."""

LOOK_ALIKE = 0.2
"""The default threshold: frames no more unlike than this are look-alikes. What it was chosen
by stands in resources/docs/selection.md."""

_MARKED = 0.3
"""Share of the cells, those of the strongest contrast, that the sketch marks."""
_NOISE = 1.2
"""Grey levels of contrast below which a cell is never marked."""


def thumbnail(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The descriptor of a picture uint8 H×W×3 (RGB): uint8 THUMBNAIL_SIZE.

    Mean grey of 32×24 cells minus the mean of the 3×3 cells around; of the cells with the
    strongest contrast, one bit plane marks those brighter than their surroundings, another
    the darker ones. All zeros: nothing to compare by (a featureless picture).
    """
    import cv2

    small = cv2.resize(image, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    contrast = grey - cv2.blur(grey, (3, 3))
    size = np.abs(contrast).ravel()
    rank = int((1 - _MARKED) * size.size)
    bar = max(_NOISE, float(np.partition(size, rank)[rank]))
    return np.packbits(np.stack([contrast > bar, contrast < -bar]))


def unlike(one: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How unlike a descriptor (T) is to others (M×T): float64 M in [0, 1]. 0: the same marks;
    about 0.75: unrelated pictures; 1: no mark in common, or a descriptor of zeros, which
    resembles nothing."""
    marks_one = int(_ones(one[None])[0])
    marks = _ones(others) + marks_one
    differing = _ones(np.bitwise_xor(others, one))
    known = (marks > marks_one) & (marks_one > 0)
    return np.divide(differing, marks, out=np.ones(len(others)), where=known)


def _counter() -> Callable[[NDArray[np.uint8]], NDArray[np.int64]]:
    """Set bits per row of M×T."""
    if hasattr(np, "bitwise_count"):
        def count(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
            whole = rows.shape[1] % 8 == 0
            words = np.ascontiguousarray(rows).view(np.uint64) if whole else rows
            return np.asarray(np.bitwise_count(words).sum(1, dtype=np.int64))
        return count
    table = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(1)
    return lambda rows: np.asarray(table[rows].sum(1, dtype=np.int64))


_ones = _counter()
