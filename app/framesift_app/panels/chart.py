"""A small line chart: axes, a few curves, a legend. For curves of up to some thousand points;
the timeline has its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from framesift_app import theme

MOST = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: `colour` names a colour of the theme; `marks`: a dot at every point."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str = "accent"
    dashed: bool = False
    marks: bool = False


class Chart(QWidget):
    """Draws lines; NaNs are gaps. Empty, it says why."""

    def __init__(
        self,
        title: str,
        empty: str,
        *,
        percent: bool = False,
        from_zero: bool = True,
        whole_x: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._empty = title, empty
        self._percent, self._from_zero, self._whole_x = percent, from_zero, whole_x
        self._lines: tuple[Line, ...] = ()
        self.setMinimumSize(160, 84)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        theme.current().changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt)
        return QSize(240, 150)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draws these."""
        self._lines = tuple(line for line in lines if len(line.points))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        metrics = painter.fontMetrics()
        line = metrics.height()
        painter.setPen(QColor(colours.text))
        painter.drawText(
            QRectF(8, 4, self.width() - 16, line),
            Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, self.width() - 16),
        )
        if not self._lines:
            painter.setPen(QColor(colours.muted))
            painter.drawText(
                QRectF(16, line, self.width() - 32, self.height() - line),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._empty,
            )
            return
        legend = line + 4 if len(self._lines) > 1 else 0
        area = QRectF(
            0,
            line + legend + 10,
            self.width() - 14,
            max(20.0, self.height() - 2 * line - legend - 22),
        )
        self._paint(painter, area, line)
        if legend:
            self._legend(painter, line)

    def _paint(self, painter: QPainter, area: QRectF, line: int) -> None:
        colours = theme.colours()
        points = [p for line in self._lines for p in line.points if math.isfinite(p[1])]
        if not points:
            return
        low_x, high_x = min(p[0] for p in points), max(p[0] for p in points)
        low_y, high_y = min(p[1] for p in points), max(p[1] for p in points)
        if self._from_zero:
            low_y = min(0.0, low_y)
        if high_x <= low_x:
            low_x, high_x = low_x - 1, high_x + 1
        if high_y <= low_y:
            high_y = low_y + (abs(low_y) or 1.0)
        rows = max(2, int(area.height() // (2.2 * line)))
        high_y = roof(low_y, high_y, rows)
        scale = [(value, self._spell_y(value)) for value in ticks(low_y, high_y, rows)]
        metrics = painter.fontMetrics()
        widest = max((metrics.horizontalAdvance(text) for _, text in scale), default=0)
        area.setLeft(min(14.0 + widest, area.right() - 20))

        def at(x: float, y: float) -> QPointF:
            return QPointF(
                area.left() + (x - low_x) / (high_x - low_x) * area.width(),
                area.bottom() - (y - low_y) / (high_y - low_y) * area.height(),
            )

        grid = QPen(QColor(colours.grid), 1)
        for value, text in scale:
            place = at(low_x, value)
            painter.setPen(grid)
            painter.drawLine(place, QPointF(area.right(), place.y()))
            painter.setPen(QColor(colours.muted))
            painter.drawText(
                QRectF(0, place.y() - line / 2, area.left() - 6, line),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
        for value in ticks(low_x, high_x, max(2, int(area.width() // 70)), self._whole_x):
            place = at(value, low_y)
            painter.setPen(QColor(colours.muted))
            painter.drawText(
                QRectF(place.x() - 40, area.bottom() + 3, 80, line),
                Qt.AlignmentFlag.AlignCenter,
                f"{value:g}",
            )
        for curve in self._lines:
            self._draw(painter, curve, at)

    def _draw(
        self, painter: QPainter, line: Line, at: Callable[[float, float], QPointF]
    ) -> None:
        colour = QColor(getattr(theme.colours(), line.colour))
        style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 1.8, style))
        step = max(1, len(line.points) // MOST)
        run = QPolygonF()
        for x, y in line.points[::step]:
            if math.isfinite(y):
                run.append(at(x, y))
            else:
                painter.drawPolyline(run)
                run = QPolygonF()
        painter.drawPolyline(run)
        if line.marks:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for x, y in line.points:
                if math.isfinite(y):
                    painter.drawEllipse(at(x, y), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _legend(self, painter: QPainter, height: int) -> None:
        metrics, x = painter.fontMetrics(), 8.0
        y = height + 4 + height / 2
        for line in self._lines:
            width = metrics.horizontalAdvance(line.name)
            style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(getattr(theme.colours(), line.colour)), 2, style))
            painter.drawLine(QPointF(x, y), QPointF(x + 18, y))
            painter.setPen(QColor(theme.colours().muted))
            painter.drawText(
                QRectF(x + 22, y - height / 2, width + 4, height),
                Qt.AlignmentFlag.AlignVCenter,
                line.name,
            )
            x += 22 + width + 14

    def _spell_y(self, value: float) -> str:
        return f"{100 * value:.0f} %" if self._percent else f"{value:.3g}"


def roof(low: float, high: float, most: int) -> float:
    """The round number at or above `high` that closes the scale."""
    marks = ticks(low, high, most)
    step = marks[1] - marks[0] if len(marks) > 1 else high - low
    return marks[-1] if marks[-1] >= high else marks[-1] + step


def ticks(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """At most about `most` round numbers from `low` to `high`."""
    raw = (high - low) / max(1, most)
    size = 10.0 ** math.floor(math.log10(raw)) if raw > 0 else 1.0
    step = next((size * n for n in (1, 2, 5, 10) if size * n >= raw), size * 10)
    if whole:
        step = max(1.0, round(step))
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 12) for n in range(first, math.floor(high / step + 1e-9) + 1)]
