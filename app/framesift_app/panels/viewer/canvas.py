# ruff: noqa: N802 (names that Qt gave)
"""The picture with all that lies over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from framesift.boxes import Box, Prediction
from framesift.labels import FrameKey
from framesift_app.panels.colours import class_colour, heat_picture
from framesift_app.panels.viewer import paint
from framesift_app.panels.viewer.captions import Captions
from framesift_app.workbench import Workbench

GROUND = QColor(34, 35, 38)
MOST = 40.0
Cursor = Qt.CursorShape


class CanvasView(QWidget):
    """Shows one frame; where it lies is `scale` (screen per native pixel) and `origin` (the
    picture's corner on the screen)."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.image: NDArray[np.uint8] | None = None
        self.key: FrameKey | None = None
        self.prediction: Prediction | None = None
        self.maxima: tuple[tuple[float, float, float], ...] = ()
        self.message = ""
        self.scale, self.origin = 1.0, QPointF(0, 0)
        self.fitted = True
        self._qimage: QImage | None = None
        self._heat: NDArray[np.uint8] | None = None
        self._heat_image: QImage | None = None
        self.heat_top = 0.0
        self._cache: QPixmap | None = None
        self._pan: QPointF | None = None
        self._pointer: QPointF | None = None
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
        image = np.ascontiguousarray(image)
        height, width = image.shape[:2]
        other = self.image is None or self.image.shape != image.shape
        self.image, self.key = image, key
        self._qimage = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        if other:
            self.fitted = True
        self._place()
        self.refresh()

    def clear(self, message: str) -> None:
        """Shows words instead of a frame."""
        self.image = self._qimage = self.key = None
        self.message = message
        self.set_heat(None)
        self.prediction, self.maxima = None, ()
        self._cache = None
        self.update()

    def set_heat(self, heat: NDArray[np.float32] | None) -> None:
        """Pixel scores to lie over the frame, float32 H×W at native size; None: none."""
        if heat is None:
            self._heat = self._heat_image = None
        else:
            self.heat_top = max(float(np.nanmax(heat, initial=0.0)), 1e-6)
            self._heat = heat_picture(heat, self.heat_top)
            height, width = self._heat.shape[:2]
            self._heat_image = QImage(
                self._heat.data,
                width,
                height,
                4 * width,
                QImage.Format.Format_ARGB32_Premultiplied,
            )
        self.refresh()

    @property
    def has_heat(self) -> bool:
        return self._heat_image is not None

    def refresh(self) -> None:
        """Paints again what may have changed."""
        tool = self.workbench.boxes.tool
        if self.workbench.mask.drawn or (tool != "select" and self.workbench.editable):
            self.setCursor(Cursor.CrossCursor)
        else:
            self.unsetCursor()
        self.update()

    # Where it lies

    def fit(self) -> None:
        """Shows the whole picture."""
        self.fitted = True
        self._place()
        self.update()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zooms about a point of the screen (default: the middle)."""
        if self.image is None:
            return
        about = about or QPointF(self.width() / 2, self.height() / 2)
        least = self._fitting() * 0.5
        scale = min(max(self.scale * factor, least), MOST)
        self.origin = about + (self.origin - about) * (scale / self.scale)
        self.scale, self.fitted = scale, False
        self._cache = None
        self.update()

    def _fitting(self) -> float:
        if self.image is None:
            return 1.0
        height, width = self.image.shape[:2]
        return max(float(min(self.width() / width, self.height() / height)), 1e-3)

    def _place(self) -> None:
        self._cache = None
        if self.image is None or not self.fitted:
            return
        height, width = self.image.shape[:2]
        self.scale = self._fitting()
        self.origin = QPointF(
            (self.width() - width * self.scale) / 2, (self.height() - height * self.scale) / 2
        )

    def to_screen(self, x: float, y: float) -> QPointF:
        return QPointF(self.origin.x() + x * self.scale, self.origin.y() + y * self.scale)

    def to_picture(self, at: QPointF) -> tuple[float, float]:
        return (
            (at.x() - self.origin.x()) / self.scale,
            (at.y() - self.origin.y()) / self.scale,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), GROUND)
        if self._qimage is None or self.image is None:
            painter.setPen(QColor(215, 215, 215))
            painter.drawText(
                self.rect().adjusted(24, 24, -24, -24),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.message,
            )
            return
        painter.drawPixmap(0, 0, self._picture(self._qimage))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bench = self.workbench
        if not bench.mask.drawn:
            self._paint_heat(painter)
        self._paint_mask(painter)
        if not bench.mask.drawn and (self.key == bench.key or bench.playback.playing):
            captions = Captions()
            if bench.view.boxes and self.prediction is not None:
                self._paint_found(painter, self.prediction, captions)
            self._paint_proposals(painter, captions)
            self._paint_labels(painter, captions)
            if bench.view.maxima:
                paint.paint_maxima(painter, self.maxima, self.to_screen, captions)
            captions.paint(painter)
        self._paint_guides(painter)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _picture(self, image: QImage) -> QPixmap:
        """The frame at its place; kept until it or the place changes."""
        ratio = self.devicePixelRatioF()
        if self._cache is None or self._cache.devicePixelRatio() != ratio:
            self._cache = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._cache.setDevicePixelRatio(ratio)
            self._cache.fill(GROUND)
            painter = QPainter(self._cache)
            painter.setRenderHint(
                QPainter.RenderHint.SmoothPixmapTransform, self.scale * ratio < 4
            )
            painter.drawImage(self._area(), image)
            painter.end()
        return self._cache

    def _area(self) -> QRectF:
        assert self.image is not None
        height, width = self.image.shape[:2]
        return QRectF(self.origin.x(), self.origin.y(), width * self.scale, height * self.scale)

    def _paint_heat(self, painter: QPainter) -> None:
        if not self.workbench.view.heat or self._heat_image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(self.workbench.view.heat_opacity)
        painter.drawImage(self._area(), self._heat_image)
        painter.setOpacity(1)
        paint.paint_ramp(
            painter, QRectF(self.rect()), self.heat_top, self.tr("pixel divergence")
        )

    def _paint_mask(self, painter: QPainter) -> None:
        mask = self.workbench.mask.editor
        if mask is not None:
            paint.paint_shapes(
                painter, mask.shapes, mask.outline(), self.to_screen, filled=True
            )
        elif self.workbench.view.heat and (stored := self.workbench.mask.stored()) is not None:
            paint.paint_shapes(painter, stored.shapes, (), self.to_screen, filled=False)

    def _paint_found(self, painter: QPainter, found: Prediction, captions: Captions) -> None:
        for box, score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True):
            if score >= self.workbench.view.confidence:
                paint.paint_found(
                    painter,
                    QRectF(self.to_screen(box[0], box[1]), self.to_screen(box[2], box[3])),
                    score,
                    captions,
                )

    def _paint_proposals(self, painter: QPainter, captions: Captions) -> None:
        chosen = self.workbench.proposals.current()
        for proposal in self.workbench.proposals.all():
            paint.paint_proposal(
                painter,
                self._on_screen(proposal.box),
                proposal.score,
                self._colour(proposal.box),
                captions=captions,
                chosen=chosen is not None and proposal.id == chosen.id,
            )

    def _paint_labels(self, painter: QPainter, captions: Captions) -> None:
        bench, editor = self.workbench, self.workbench.boxes.editor
        words = self.tr("occluded"), self.tr("cut")
        if bench.playback.playing:
            pinned = bench.playback.pinned
            key = pinned or self.key
            labels = bench.session.labels.of(key) if key is not None else editor.labels
            for box in labels.boxes:
                paint.paint_box(
                    painter,
                    self._on_screen(box),
                    box,
                    self._colour(box),
                    captions=captions,
                    words=words,
                    ghost=pinned is not None and pinned != self.key,
                )
            return
        now = editor.preview()
        selected: Box | None = None
        for number, box in zip(editor.labels.ids, editor.labels.boxes, strict=True):
            if now is not None and now[0] == number:
                box = now[1]
            if number == editor.selected:
                selected = box
            else:
                paint.paint_box(
                    painter,
                    self._on_screen(box),
                    box,
                    self._colour(box),
                    captions=captions,
                    words=words,
                )
        if now is not None and now[0] is None:
            selected = now[1]
        if selected is not None:
            colour = self._colour(selected)
            paint.paint_box(
                painter,
                self._on_screen(selected),
                selected,
                colour,
                captions=captions,
                words=words,
                selected=True,
            )
            if bench.editable:
                paint.paint_handles(painter, selected, self.to_screen, colour)

    def _paint_guides(self, painter: QPainter) -> None:
        """Lines through the pointer, to draw along."""
        if self._pointer is None or self.workbench.boxes.editor.busy or self._pan is not None:
            return
        if self.workbench.boxes.tool == "select" or not self.workbench.editable:
            return
        painter.setPen(QPen(QColor(255, 255, 255, 110), 1, Qt.PenStyle.DotLine))
        painter.drawLine(
            QPointF(0, self._pointer.y()), QPointF(self.width(), self._pointer.y())
        )
        painter.drawLine(
            QPointF(self._pointer.x(), 0), QPointF(self._pointer.x(), self.height())
        )

    def _on_screen(self, box: Box) -> QRectF:
        return paint.rectangle(box, self.to_screen)

    def _colour(self, box: Box) -> QColor:
        classes = self.workbench.session.labels.classes
        return class_colour(classes.index(box.category) if box.category in classes else 7)
