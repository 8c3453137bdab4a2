"""One picture in the tone of another: what it shows stays, its light and colours change."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Tone = NDArray[np.float64]


def tone_of(image: Image) -> Tone:
    """Of uint8 H×W×3: for each channel the share of its pixels at or below each level, float64
    3×256, rising to 1."""
    counts = np.stack([np.bincount(image[..., c].ravel(), minlength=256) for c in range(3)])
    shares: Tone = np.cumsum(counts, axis=1) / max(1, image.shape[0] * image.shape[1])
    return shares


def toned(image: Image, tone: Tone) -> Image:
    """The picture, uint8 H×W×3, with each channel's levels moved so that their shares become
    those of `tone` (histogram matching; Gonzalez and Woods, 3.3)."""
    shares = tone_of(image)
    # The lowest level that as large a share lies at or below; a little less, for rounding.
    table = np.stack([np.searchsorted(tone[c], shares[c] - 1e-9) for c in range(3)], axis=-1)
    return np.asarray(cv2.LUT(image, np.minimum(table, 255).astype(np.uint8)[None]), np.uint8)
