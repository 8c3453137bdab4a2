"""Pictures of a report: the picked frames themselves, thumbnails and heat-map overlays."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.files import write_bytes

THUMBNAIL_WIDTH = 480


def encode(image: NDArray[np.uint8], suffix: str, quality: int = 95) -> bytes:
    """An RGB uint8 H×W×3 picture as the bytes of a .png (lossless) or .jpg file."""
    options = [] if suffix == ".png" else [cv2.IMWRITE_JPEG_QUALITY, quality]
    done, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"OpenCV cannot encode a picture of shape {image.shape} as {suffix}")
    return data.tobytes()


def save(image: NDArray[np.uint8], path: Path) -> None:
    """Writes an RGB picture atomically; the suffix (.png, .jpg) names the format."""
    write_bytes(path, encode(image, path.suffix))


def shrink(image: NDArray[np.uint8], width: int = THUMBNAIL_WIDTH) -> NDArray[np.uint8]:
    """The picture at most `width` pixels wide."""
    height, native = image.shape[:2]
    if native <= width:
        return image
    size = (width, max(1, round(height * width / native)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def data_uri(image: NDArray[np.uint8]) -> str:
    """An RGB picture as a JPEG data URI."""
    return "data:image/jpeg;base64," + base64.b64encode(encode(image, ".jpg", 82)).decode()


def heat_overlay(
    image: NDArray[np.uint8], heat: NDArray[np.float32], top: float
) -> NDArray[np.uint8]:
    """`image` (RGB uint8 H×W×3) under the heat map `heat` (float, any size, 0 … `top`), in a
    perceptually uniform palette whose opacity grows with the value."""
    height, width = image.shape[:2]
    grown = cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR)
    share = np.clip(grown / top if top > 0 else grown * 0, 0, 1).astype(np.float32)
    colour = cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    alpha = (0.85 * np.sqrt(share))[..., None]
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    mixed = grey * (1 - alpha) + colour[..., ::-1] * alpha
    return np.asarray(mixed.round(), np.uint8)
