"""What a frame looks like in 280 bytes, and how unlike two frames are: the look-alike rule.

The descriptor is a coarse sketch of where the picture is brighter or darker than its
surroundings: it does not change with exposure, and noise, a pixel of vibration or a person
walking by change little of it, while a few metres of driving change most of it.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.selection.descriptors.base import Descriptor

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_module("numpy")

COLUMNS, ROWS = 28, 20
THUMBNAIL_SIZE = COLUMNS * ROWS * 4 // 8
"""Bytes of a descriptor."""

LOOK_ALIKE = 0.2
"""The default threshold: frames no more unlike than this are look-alikes. What it was chosen
by stands in resources/docs/selection.md."""

_STRONG = 0.35
"""Share of the cells, those of the largest contrast, that count."""
_WEAK = 0.25
"""A cell contradicts a strong one when its contrast is below this part of the strong ones'
(or of the other sign): what lies between may be noise."""
_NOISE = 1.2
"""Grey levels of contrast below which a cell is never strong."""


def thumbnail(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The descriptor of a picture.

    Contrast = mean grey of each of 28×20 cells minus the mean of the 3×3 cells around. Four bit
    planes: strongly brighter, strongly darker, at least weakly brighter, at least weakly
    darker.

    Args:
        image: uint8 H×W×3 (RGB).

    Returns:
        uint8 THUMBNAIL_SIZE; all zeros: nothing to compare by (a featureless picture).

    Example:
        >>> thumbnail(video[0]).shape
        (280,)
    """
    import cv2

    grey = cv2.cvtColor(_coarse(image), cv2.COLOR_RGB2GRAY).astype(np.float32)
    contrast = grey - cv2.blur(grey, (3, 3))
    size = np.abs(contrast).ravel()
    rank = int((1 - _STRONG) * size.size)
    strong = max(_NOISE, float(np.partition(size, rank)[rank]))
    if not (size > strong).any():
        return np.zeros(THUMBNAIL_SIZE, np.uint8)
    weak = _WEAK * strong
    return np.packbits(
        np.stack([contrast > strong, contrast < -strong, contrast > weak, contrast < -weak])
    )


def _coarse(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture as ROWS×COLUMNS×3 means. Large pictures are thinned first and then shrunk by
    a whole factor, a few border pixels left out: OpenCV is several times as fast then."""
    import cv2

    def shrink(source: NDArray[np.uint8], across: int, down: int, how: int) -> Any:
        return cv2.resize(source, (across, down), interpolation=how)

    height, width = image.shape[:2]
    thin = min(width // (20 * COLUMNS), height // (20 * ROWS))
    if thin > 1:
        width, height = width // thin, height // thin
        image = shrink(image, width, height, cv2.INTER_NEAREST)
    whole = min(width // (2 * COLUMNS), height // (2 * ROWS))
    if whole > 1:
        inside = image[: height // whole * whole, : width // whole * whole]
        image = shrink(inside, width // whole, height // whole, cv2.INTER_AREA)
    return np.asarray(shrink(image, COLUMNS, ROWS, cv2.INTER_AREA), np.uint8)


def unlike(row: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How unlike a descriptor is to others: the share of both frames' strong cells that the
    other contradicts.

    Args:
        row: uint8 T.
        others: uint8 M×T.

    Returns:
        float64 M in [0, 1]: 0 for the same picture, about 0.5 to 0.6 for unrelated ones; 1 when
        one of the two is all zeros, which resembles nothing.

    Example:
        >>> row = thumbnail(video[0])
        >>> unlike(row, row[None]).tolist()
        [0.0]
    """
    strong_one, weak_one = _planes(row[None])
    strong, weak = _planes(others)
    against = _counter()((strong_one & ~weak) | (strong & ~weak_one))
    ours, theirs = _counter()(strong_one), _counter()(strong)
    known = (ours > 0) & (theirs > 0)
    share: NDArray[np.float64] = np.ones(len(others))
    np.divide(against, ours + theirs, out=share, where=known)
    return share


_ANGLES = 64


@functools.cache
def _projection() -> NDArray[np.float32]:
    """±1, cells×64: what keeps the angles between sketches, the same for ever."""
    digests = (
        hashlib.sha256(f"framesift thumbnail {n}".encode()).digest()
        for n in range(COLUMNS * ROWS * _ANGLES // 256)
    )
    bits = np.unpackbits(np.frombuffer(b"".join(digests), np.uint8))
    return (2.0 * bits - 1).astype(np.float32).reshape(COLUMNS * ROWS, _ANGLES)


def sketch_vectors(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Descriptors M×T as float32 M×64 whose angles say how alike they are: a random projection
    of the signed contrast, −2 … 2 a cell."""
    vectors = np.empty((len(rows), _ANGLES), np.float32)
    for first in range(0, len(rows), 4096):
        part = rows[first : first + 4096]
        planes = np.unpackbits(part, axis=1).reshape(len(part), 4, -1).astype(np.int8)
        signed = planes[:, 0] - planes[:, 1] + planes[:, 2] - planes[:, 3]
        vectors[first : first + 4096] = signed.astype(np.float32) @ _projection()
    return vectors


def _planes(rows: NDArray[np.uint8]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Strong and weak bit planes of M×T, in words as long as divide them."""
    half = rows.shape[1] // 2
    word = next(
        kind
        for kind in (np.uint64, np.uint32, np.uint16, np.uint8)
        if half % np.dtype(kind).itemsize == 0
    )
    words = np.ascontiguousarray(rows).view(word)
    return words[:, : words.shape[1] // 2], words[:, words.shape[1] // 2 :]


@functools.cache
def _counter() -> Callable[[NDArray[Any]], NDArray[np.int64]]:
    """Set bits per row."""
    if hasattr(np, "bitwise_count"):
        return lambda words: np.asarray(np.bitwise_count(words).sum(1, dtype=np.int64))
    table = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(1)

    def count(words: NDArray[Any]) -> NDArray[np.int64]:
        rows = np.ascontiguousarray(words).view(np.uint8)
        return np.asarray(table[rows].sum(1, dtype=np.int64))

    return count


class Thumbnail(Descriptor):
    """The sketch that the look-alike rule compares frames by."""

    name = "thumbnail"
    title = "coarse contrast of the picture, 280 bytes a frame"
    size = THUMBNAIL_SIZE

    def describe(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return thumbnail(image)

    def vectors(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        return sketch_vectors(rows)

    def unlike(self, row: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
        return unlike(row, rows)
