"""Painting the timeline's axis: frames above, time below."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from framesift_app.panels.colours import Scheme
from framesift_app.panels.timeline.scale import FrameScale, clock, nice_seconds, nice_step
from framesift_app.strings import number, tr


@dataclass(frozen=True, slots=True)
class Axis:
    """From `top` on down; `right`: the picture's edge; `words`: there is room for what the
    numbers are."""

    scale: FrameScale
    top: float
    right: float
    words: bool

    def paint(self, painter: QPainter, colours: Scheme, rate: float | None) -> None:
        """`rate`: frames per second; None: no times."""
        metrics, scale = QFontMetricsF(painter.font()), self.scale
        line, span = metrics.height(), scale.stop - scale.start
        most = max(2, int(scale.width / (metrics.horizontalAdvance("0 000 000") + 36)))
        painter.fillRect(QRectF(0, self.top, self.right, 1), colours.grid)
        painter.setPen(colours.faint)
        self._name(painter, line, tr("frame"))
        step = nice_step(span, most)
        for frame in range(math.ceil(scale.start / step) * step, math.ceil(scale.stop), step):
            self._tick(painter, scale.x(frame), line, number(frame))
            painter.fillRect(QRectF(scale.x(frame) - 0.5, self.top, 1, 4), colours.faint)
        if rate is not None:
            self._name(painter, 2 * line + 2, tr("min:s"))
            for x, words in self.times(rate, most):
                self._tick(painter, x, 2 * line + 2, words)

    def times(self, rate: float, most: int) -> list[tuple[float, str]]:
        """Where round times of a drive lie, with their words; `rate`: frames per second."""
        scale = self.scale
        seconds = nice_seconds((scale.stop - scale.start) / rate, most)
        first = math.ceil(scale.start / rate / seconds)
        return [
            (scale.x(n * seconds * rate), clock(n * seconds, fine=seconds < 1))
            for n in range(first, math.ceil(scale.stop / rate / seconds))
        ]

    def paint_times(
        self, painter: QPainter, colours: Scheme, bottom: float, rate: float
    ) -> None:
        """The times of one drive, along the bottom of its row."""
        metrics = QFontMetricsF(painter.font())
        most = max(2, int(self.scale.width / (3 * metrics.horizontalAdvance("00:00.00"))))
        for x, words in self.times(rate, most):
            painter.fillRect(QRectF(x - 0.5, bottom - 5, 1, 4), colours.faint)
            painter.setPen(colours.faint)
            painter.drawText(QPointF(x + 3, bottom - metrics.descent()), words)

    def _name(self, painter: QPainter, down: float, text: str) -> None:
        if self.words:
            painter.drawText(QPointF(8, self.top + down), text)

    def _tick(self, painter: QPainter, x: float, down: float, text: str) -> None:
        left, right = self.scale.left, self.scale.left + self.scale.width
        if left <= x <= right:
            width = QFontMetricsF(painter.font()).horizontalAdvance(text)
            begin = min(max(x - width / 2, left - 4), self.right - width - 2)
            painter.drawText(QPointF(begin, self.top + down), text)
