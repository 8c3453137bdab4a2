# ruff: noqa: N802 (names that Qt gave)
"""The canvas: one frame, and all that lies over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from framesift.boxes import Prediction
from framesift.labels import FrameKey
from framesift_app.panels.viewer.overlays import Overlays
from framesift_app.panels.viewer.picture import Picture
from framesift_app.panels.viewer.placement import Placement
from framesift_app.panels.viewer.pointer import Pointer
from framesift_app.workbench import Workbench, keys

GROUND = QColor(34, 35, 38)
WORDS = QColor(215, 215, 215)


class Canvas(QWidget):
    """Has a picture, a placement, overlays and a pointer, and brings them together."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self.picture = Picture()
        self.placement = Placement(self.size)
        self._overlays = Overlays(workbench, self.picture, self.placement)
        self._pointer = Pointer(self, workbench, self.picture, self.placement)
        self._ground: QPixmap | None = None
        self._ground_of: tuple[object, ...] = ()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("Frame"))
        workbench.changed.connect(self.refresh)

    def sizeHint(self) -> QSize:
        return QSize(720, 480)

    # What is shown

    def set_frame(self, key: FrameKey, image: NDArray[np.uint8]) -> None:
        """Shows a decoded frame, uint8 H×W×3."""
        self.picture.set_frame(key, image)
        self.placement.place(self.picture.size_wh)
        self.refresh()

    def set_heat(self, heat: NDArray[np.float32] | None, title: str = "") -> None:
        """Pixel scores to lie over the frame, float32 H×W at native size; None: none. title:
        what they are, in a few words."""
        self.picture.set_heat(heat)
        self.picture.heat_title = title
        self.refresh()

    def set_prediction(self, prediction: Prediction | None) -> None:
        """The detector's boxes; None: none."""
        self.picture.prediction = prediction
        self.refresh()

    def set_maxima(self, maxima: tuple[tuple[float, float, float], ...]) -> None:
        """The places that made the frame's score: (x, y, score) in native pixels."""
        self.picture.maxima = maxima
        self.refresh()

    def clear(self, message: str) -> None:
        """Shows words instead of a frame."""
        self.picture.clear(message)
        self.placement.place(None)
        self.refresh()

    def refresh(self) -> None:
        """Paints again what may have changed."""
        self._pointer.reset_cursor()
        self.update()

    def fit(self) -> None:
        """Shows the whole picture."""
        self.placement.fit()
        self.update()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zooms about a point of the screen (default: the middle)."""
        self.placement.zoom(factor, about)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.placement.follow()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, field = QPainter(self), QRectF(self.rect())
        painter.fillRect(self.rect(), GROUND)
        if self.picture.qimage is None:
            painter.setPen(WORDS)
            painter.drawText(
                self.rect().adjusted(24, 24, -24, -24),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.picture.message,
            )
            return
        painter.drawPixmap(0, 0, self._placed(self.picture.qimage))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._overlays.paint(painter, field)
        if (at := self._pointer.guided) is not None:
            self._overlays.paint_guides(painter, field, at)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _placed(self, image: QImage) -> QPixmap:
        """The frame at its place; kept until it or the place changes."""
        ratio, area = self.devicePixelRatioF(), self.placement.area()
        shown = (self.picture.changes, area, self.size(), ratio)
        if self._ground is None or self._ground_of != shown:
            self._ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(GROUND)
            painter = QPainter(self._ground)
            smooth = self.placement.scale * ratio < 4
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(area, image)
            painter.end()
            self._ground_of = shown
        return self._ground

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer.leave()
        self.update()

    # Keys

    def event(self, event: QEvent) -> bool:
        # With a box selected the arrows are for the box, not for the window.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and keys.is_for_box(self._bench, event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self._bench, event, boxes=True):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
