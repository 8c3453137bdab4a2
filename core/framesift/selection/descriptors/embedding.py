"""What a frame looks like to its detector: the backbone's last features in 64 numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.selection.descriptors.base import Descriptor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_module("numpy")

EMBEDDING_SIZE = 64
"""Numbers of a frame embedding."""


class FrameEmbedding(Descriptor):
    """Float16, of length 1: the features pooled on a 3×3 grid and reduced by a basis that is
    fitted once (framesift.scores.embedding makes them)."""

    name = "frame_embedding"
    title = "the detector's own features, 128 bytes a frame"
    needs = ("features",)
    size = EMBEDDING_SIZE
    dtype = "float16"

    def vectors(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        return np.asarray(rows, np.float32)

    def unlike(self, row: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
        """1 − cos, 0 for the same and 2 at most."""
        cosine = np.asarray(rows, np.float64) @ np.asarray(row, np.float64)
        return np.asarray(np.clip(1 - cosine, 0.0, 2.0))
