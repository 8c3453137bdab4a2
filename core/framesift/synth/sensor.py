"""What the camera does to a picture: blur, exposure, colour, vignette, noise, compression."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.synth.noise import Image, as_image, grain
from framesift.synth.style import Style


@lru_cache(maxsize=8)
def _falloff(rows: int, cols: int) -> NDArray[np.float32]:
    y = (np.arange(rows, dtype=np.float32) / rows - 0.5)[:, None]
    x = (np.arange(cols, dtype=np.float32) / cols - 0.5)[None, :]
    return np.asarray((x * x + y * y) / 0.5, np.float32)


class Sensor:
    """The fixed part of a camera's faults, for pictures of one size."""

    def __init__(self, style: Style, rows: int, cols: int) -> None:
        self.style, self.rows, self.cols = style, rows, cols
        t = np.arange(256) / 255.0
        curves = []
        for gain in style.balance:
            v = np.clip(t * style.exposure * gain, 0, None) ** style.gamma
            v = (v - 0.45) * style.contrast + 0.45
            v = np.where(v > 0.85, 0.85 + 0.15 * np.tanh((v - 0.85) / 0.15), v)
            curves.append(np.clip(v * (255 - style.black) + style.black, 0, 255))
        self._curve = np.stack(curves, axis=-1).astype(np.uint8)[None]
        self._vignette: Image | None = None
        if style.vignette > 0.05:
            keep = 255 * (1 - style.vignette * _falloff(rows, cols))
            self._vignette = as_image(cv2.merge([np.clip(keep, 0, 255).astype(np.uint8)] * 3))

    def expose(
        self, picture: Image, rng: np.random.Generator, motion: tuple[float, float] = (0.0, 0.0)
    ) -> Image:
        """The picture as recorded; motion: smear in pixels (right, down)."""
        style = self.style
        out = picture
        if style.resolution < 0.98:
            out = as_image(
                cv2.resize(
                    out,
                    (int(self.cols * style.resolution), int(self.rows * style.resolution)),
                    interpolation=cv2.INTER_AREA,
                )
            )
            if style.blur > 0.3:
                out = as_image(cv2.GaussianBlur(out, (0, 0), style.blur * style.resolution))
        elif style.blur > 0.2:
            out = as_image(cv2.GaussianBlur(out, (0, 0), style.blur))
        out = as_image(cv2.LUT(out, self._curve))
        if style.resolution < 0.98:
            out = self._noisy(out, rng)
            out = as_image(
                cv2.resize(out, (self.cols, self.rows), interpolation=cv2.INTER_LINEAR)
            )
        smear_x, smear_y = (min(15, int(abs(m))) for m in motion)
        if smear_x >= 2 or smear_y >= 2:
            out = as_image(cv2.blur(out, (max(1, smear_x), max(1, smear_y))))
        if style.sharpening:
            soft = cv2.GaussianBlur(out, (0, 0), 1.2)
            out = as_image(
                cv2.addWeighted(out, 1 + style.sharpening, soft, -style.sharpening, 0)
            )
        if self._vignette is not None:
            out = as_image(cv2.multiply(out, self._vignette, scale=1 / 255))
        if style.resolution >= 0.98:
            out = self._noisy(out, rng)
        if style.jpeg:
            _, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, style.jpeg])
            out = as_image(cv2.imdecode(data, cv2.IMREAD_COLOR))
        return np.ascontiguousarray(out)

    def _noisy(self, out: Image, rng: np.random.Generator) -> Image:
        tile = grain(self.style.noise, self.style.noise_kind % 2)
        size = tile.shape[0]
        h, w = out.shape[:2]
        if h > size // 2 or w > size - 64:
            tile = np.tile(tile, (h // size + 2, w // size + 2, 1))
        y = int(rng.integers(tile.shape[0] - h))
        x = int(rng.integers(tile.shape[1] - w))
        return np.asarray(cv2.add(out, tile[y : y + h, x : x + w], dtype=cv2.CV_8U), np.uint8)
