"""Small pictures, drawn: transport buttons, and the states of a frame by shape."""

from __future__ import annotations

import functools

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QIcon,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPixmap,
    QPolygonF,
)

_SHAPES: dict[str, tuple[tuple[str, tuple[float, ...]], ...]] = {
    # Bars (x, y, width, height) and triangles (three corners) on a field of 16.
    "play": (("tri", (4, 2.5, 13.5, 8, 4, 13.5)),),
    "pause": (("bar", (4, 3, 3, 10)), ("bar", (9, 3, 3, 10))),
    "forward": (("bar", (3.5, 3.5, 2, 9)), ("tri", (7, 3.5, 13, 8, 7, 12.5))),
    "back": (("bar", (10.5, 3.5, 2, 9)), ("tri", (9, 3.5, 3, 8, 9, 12.5))),
    "first": (("bar", (2.5, 3, 2, 10)), ("tri", (13, 3, 5.5, 8, 13, 13))),
    "last": (("bar", (11.5, 3, 2, 10)), ("tri", (3, 3, 10.5, 8, 3, 13))),
    "loop": (("arc", (3, 3, 10, 10, 40, 280)), ("tri", (9.5, 1, 14, 4, 9.3, 6.6))),
}


KEPT = 256
"""Pictures that are kept, so that a panel that shows another frame paints none anew."""


def icon(name: str, palette: QPalette) -> QIcon:
    """A transport button's icon in a palette's colours, paler while the button is off."""
    group, text = QPalette.ColorGroup, QPalette.ColorRole.ButtonText
    on, off = palette.color(group.Active, text), palette.color(group.Disabled, text)
    return _icon(name, on.rgba(), off.rgba())


@functools.lru_cache(KEPT)
def _icon(name: str, on: int, off: int) -> QIcon:
    icon = QIcon()
    for mode, rgba in ((QIcon.Mode.Normal, on), (QIcon.Mode.Disabled, off)):
        for scale in (1, 2):
            icon.addPixmap(_shape(name, QColor.fromRgba(rgba), scale), mode)
    return icon


def _shape(name: str, colour: QColor, scale: int) -> QPixmap:
    pixmap = QPixmap(16 * scale, 16 * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for kind, numbers in _SHAPES[name]:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if kind == "bar":
            painter.drawRect(QRectF(*numbers))
        elif kind == "tri":
            painter.drawPolygon(QPolygonF([QPointF(*numbers[i : i + 2]) for i in (0, 2, 4)]))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.8))
            painter.drawArc(QRectF(*numbers[:4]), int(numbers[4] * 16), int(numbers[5] * 16))
    painter.end()
    return pixmap


def paint_state(
    painter: QPainter, area: QRectF, state: str, colour: QColor, ground: QColor
) -> None:
    """A frame's state: ring = to do, disc with a tick = labelled, struck ring = nothing
    there, arrow over = skipped."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(area.width(), area.height())
    painter.translate(area.center())
    painter.scale(side / 16, side / 16)
    pen = QPen(colour, 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state == "labelled":
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(0, 0), 6.3, 6.3)
        pen.setColor(ground)
        pen.setWidthF(2)
        painter.setPen(pen)
        painter.drawPolyline(
            QPolygonF([QPointF(-3, 0.2), QPointF(-0.8, 2.6), QPointF(3.2, -2.4)])
        )
    elif state == "started":
        painter.drawEllipse(QPointF(0, 0), 6, 6)
        painter.setBrush(colour)
        painter.drawPie(QRectF(-6, -6, 12, 12), 90 * 16, 180 * 16)
    elif state == "nothing":
        painter.drawEllipse(QPointF(0, 0), 6, 6)
        painter.drawLine(QPointF(-5, 5.6), QPointF(5, -5.6))
    elif state == "weak":
        painter.drawPolygon(
            QPolygonF([QPointF(0, -6), QPointF(6, 0), QPointF(0, 6), QPointF(-6, 0)])
        )
    elif state == "skipped":
        path = QPainterPath(QPointF(-6, 3))
        path.cubicTo(-5, -6, 3, -6, 4.6, 1.5)
        painter.drawPath(path)
        painter.drawPolyline(QPolygonF([QPointF(1, 0.4), QPointF(5, 3), QPointF(6.6, -1.4)]))
    else:
        painter.drawEllipse(QPointF(0, 0), 6, 6)
    painter.restore()


def state_icon(state: str, colour: QColor, ground: QColor) -> QIcon:
    """The same as an icon."""
    return _state_icon(state, colour.rgba(), ground.rgba())


@functools.lru_cache(KEPT)
def _state_icon(state: str, rgba: int, ground: int) -> QIcon:
    icon = QIcon()
    for scale in (1, 2):
        pixmap = QPixmap(16 * scale, 16 * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        field = QRectF(0, 0, 16, 16)
        paint_state(painter, field, state, QColor.fromRgba(rgba), QColor.fromRgba(ground))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def swatch(paint: QColor, pattern: Qt.BrushStyle = Qt.BrushStyle.SolidPattern) -> QPixmap:
    """A small field of a pattern, for legends."""
    pixmap = QPixmap(36, 24)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.fillRect(QRectF(0, 0, 18, 12), QColor(128, 128, 128, 40))
    painter.fillRect(QRectF(0, 0, 18, 12), QBrush(paint, pattern))
    # Two edges: one of them stands out on every ground, a selected row's too.
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255), 1))
    painter.drawRect(QRectF(1.5, 1.5, 15, 9))
    painter.setPen(QPen(QColor(30, 30, 30), 1))
    painter.drawRect(QRectF(0.5, 0.5, 17, 11))
    painter.end()
    return pixmap


def swatch_icon(paint: QColor, pattern: Qt.BrushStyle = Qt.BrushStyle.SolidPattern) -> QIcon:
    """The same as an icon, which keeps its colours where it is selected."""
    return _swatch_icon(paint.rgba(), pattern)


@functools.lru_cache(KEPT)
def _swatch_icon(rgba: int, pattern: Qt.BrushStyle) -> QIcon:
    picture = swatch(QColor.fromRgba(rgba), pattern)
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon
