"""What the objects in a frame look like to its detector: its features inside its best boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.selection.descriptors.base import Descriptor, ObjectRows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_module("numpy")

OBJECTS = 8
"""Objects of a frame that are kept: the boxes of the highest scores."""
OBJECT_SIZE = 64
"""Numbers of an object's embedding, a byte each."""
_HEAD = 2 * OBJECTS


class ObjectEmbedding(Descriptor):
    """One row a frame, uint8: for each of its OBJECTS best boxes the class, counted from 1, 0
    for none (uint16), then the embeddings (int8, OBJECT_SIZE each); framesift.scores.objects
    makes them."""

    name = "object_embedding"
    title = "the detector's features in its best boxes, 528 bytes a frame"
    per = "object"
    needs = ("features", "boxes")
    size = _HEAD + OBJECTS * OBJECT_SIZE

    def vectors(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Of embeddings int8 M×OBJECT_SIZE."""
        return np.asarray(rows, np.float32)

    def unlike(self, row: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
        """1 − cos of embeddings, 0 for the same and 2 at most; 1 for one that says nothing."""
        some, others = np.asarray(row, np.float64), np.asarray(rows, np.float64)
        length = np.linalg.norm(others, axis=1) * np.linalg.norm(some)
        cosine = np.divide(others @ some, length, out=np.zeros(len(others)), where=length > 0)
        return np.asarray(np.clip(1 - cosine, 0.0, 2.0))


def packed(embeddings: NDArray[np.int8], categories: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The row of a frame with m ≤ OBJECTS objects: int8 m×OBJECT_SIZE and their classes."""
    row = np.zeros(ObjectEmbedding.size, np.uint8)
    count = len(embeddings)
    row[: 2 * count] = (np.asarray(categories) + 1).astype("<u2").view(np.uint8)
    row[_HEAD : _HEAD + count * OBJECT_SIZE] = embeddings.reshape(-1).view(np.uint8)
    return row


def unpacked(rows: NDArray[np.uint8]) -> ObjectRows:
    """The objects of a drive, from a row for each of its frames (uint8 n×size)."""
    rows = np.ascontiguousarray(rows)
    classes = rows[:, :_HEAD].copy().view("<u2").astype(np.int64)
    there = classes > 0
    embeddings = rows[:, _HEAD:].copy().view(np.int8).reshape(len(rows), OBJECTS, OBJECT_SIZE)
    starts = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64)
    return ObjectRows(embeddings[there], starts, classes[there] - 1)
