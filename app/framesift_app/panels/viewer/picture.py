"""What the canvas shows: a frame, and what the detector makes of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from framesift.boxes import Prediction
from framesift.labels import FrameKey
from framesift_app.panels.colours import heat_picture

LEAST_TOP = 1e-6
"""A heat map's scale ends no lower, or a map of zeros would be all bright."""


class Picture:
    """`image`: uint8 H×W×3 of the frame `key`; None while there are only words (`message`).
    `changes` counts the frames so far. `maxima`: (x, y, score) of the regions that made the
    frame's score, native pixels."""

    def __init__(self) -> None:
        self.key: FrameKey | None = None
        self.changes = 0
        self.image: NDArray[np.uint8] | None = None
        self.qimage: QImage | None = None
        self.message = ""
        self.prediction: Prediction | None = None
        self.maxima: tuple[tuple[float, float, float], ...] = ()
        self.heat: QImage | None = None
        self.heat_top, self.heat_title = 0.0, ""
        self._heat_pixels: NDArray[np.uint8] | None = None

    def set_frame(self, key: FrameKey, image: NDArray[np.uint8]) -> None:
        """Takes a decoded frame, uint8 H×W×3."""
        self.key, self.image = key, np.ascontiguousarray(image)
        self.changes += 1
        height, width = self.image.shape[:2]
        # Qt does not keep the pixels alive; `image` does.
        self.qimage = QImage(
            self.image.data, width, height, 3 * width, QImage.Format.Format_RGB888
        )

    def set_heat(self, heat: NDArray[np.float32] | None) -> None:
        """Takes pixel scores, float32 H×W at native size; None: none."""
        if heat is None:
            self.heat = self._heat_pixels = None
            return
        self.heat_top = max(float(np.nanmax(heat, initial=0.0)), LEAST_TOP)
        self._heat_pixels = heat_picture(heat, self.heat_top)
        height, width = self._heat_pixels.shape[:2]
        self.heat = QImage(
            self._heat_pixels.data,
            width,
            height,
            4 * width,
            QImage.Format.Format_ARGB32_Premultiplied,
        )

    def clear(self, message: str) -> None:
        """Words instead of a frame."""
        self.key = self.image = self.qimage = None
        self.message = message
        self.prediction, self.maxima = None, ()
        self.set_heat(None)

    @property
    def size_wh(self) -> tuple[int, int] | None:
        """Native pixels; None without a frame."""
        if self.image is None:
            return None
        height, width = self.image.shape[:2]
        return int(width), int(height)
