"""What lies over the picture: boxes, proposals, the detector's boxes, maxima, masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from framesift.boxes import Box
from framesift_app.panels.colours import IGNORE, RAMP
from framesift_app.panels.viewer.captions import Caption, Captions
from framesift_app.workbench.box_editing import HANDLES, handle_at
from framesift_app.workbench.mask_editing import Shape

SHADE = QColor(0, 0, 0, 150)
LIGHT = QColor(255, 255, 255, 235)
TAGGED = 56
"""Boxes at least this many screen pixels wide show their class; the others when selected."""
ToScreen = Callable[[float, float], QPointF]


def paint_box(
    painter: QPainter,
    area: QRectF,
    box: Box,
    colour: QColor,
    *,
    captions: Captions,
    selected: bool = False,
    ghost: bool = False,
    words: tuple[str, str] = ("", ""),
) -> None:
    """A label's box. `ghost`: it belongs to another frame. `words`: what stands for
    "occluded" and "truncated"."""
    if box.ignore:
        colour = IGNORE
        painter.fillRect(area, QBrush(QColor(208, 208, 208, 110), Qt.BrushStyle.BDiagPattern))
    style = (
        Qt.PenStyle.DashLine
        if ghost
        else Qt.PenStyle.DashDotLine
        if box.ignore
        else Qt.PenStyle.SolidLine
    )
    _outline(painter, area, colour, 2.6 if selected else 1.8, style)
    marks = [word for word, on in zip(words, (box.occluded, box.truncated), strict=True) if on]
    if selected or area.width() >= TAGGED or marks:
        name = "" if box.ignore and not selected else box.category
        if box.track is not None:
            name = f"{name} #{box.track}"
        whole = " · ".join(filter(None, [name, *marks]))
        captions.add(
            Caption(
                area,
                tuple(dict.fromkeys(filter(None, (whole, *marks, name)))),
                colour,
                weight=area.width() * area.height(),
                must=selected,
            )
        )


def paint_derived(
    painter: QPainter,
    area: QRectF,
    box: Box,
    colour: QColor,
    *,
    captions: Captions,
    chosen: bool,
    words: str,
) -> None:
    """A track's box that the program made: no label yet. `words`: how it came about."""
    _outline(painter, area, colour, 2.2 if chosen else 1.4, Qt.PenStyle.DashDotDotLine)
    texts = (f"#{box.track} {words}", f"#{box.track}")
    captions.add(Caption(area, texts, colour, below=True, weight=1, must=chosen))


def paint_handles(painter: QPainter, box: Box, to_screen: ToScreen, colour: QColor) -> None:
    """The eight handles of the selected box."""
    painter.setPen(QPen(QColor(20, 20, 20), 1))
    painter.setBrush(LIGHT if colour.lightness() < 150 else colour)
    for handle in HANDLES:
        at = to_screen(*handle_at(box, handle))
        painter.drawRect(QRectF(at.x() - 3.5, at.y() - 3.5, 7, 7))


def paint_proposal(
    painter: QPainter,
    area: QRectF,
    score: float,
    colour: QColor,
    *,
    captions: Captions,
    chosen: bool,
) -> None:
    """A proposal that waits: dashed, the chosen one strong and with the key that takes it."""
    _outline(painter, area, colour, 2.4 if chosen else 1.4, Qt.PenStyle.DashLine)
    captions.add(
        Caption(
            area,
            (f"⏎ {score:.2f}",) if chosen else (f"{score:.2f}",),
            colour,
            below=True,
            weight=score,
            must=chosen,
        )
    )


def paint_doubt(
    painter: QPainter, area: QRectF, score: float, colour: QColor, captions: Captions
) -> None:
    """The detector's box where it doubts the labels: dotted, with a question mark."""
    _outline(painter, area, colour, 2.4, Qt.PenStyle.DotLine)
    captions.add(Caption(area, (f"? {score:.2f}",), colour, below=True, weight=2, must=True))


def paint_prediction(painter: QPainter, area: QRectF, score: float, captions: Captions) -> None:
    """A box of the detector: dotted, with its score."""
    _outline(painter, area, LIGHT, 1.2, Qt.PenStyle.DotLine)
    captions.add(Caption(area, (f"{score:.2f}",), LIGHT, below=True, weight=score - 2))


def paint_point(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """A point that stands for an object: a cross in a ring."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(SHADE, 4.5), QPen(colour, 2)):
        painter.setPen(pen)
        painter.drawEllipse(at, 6, 6)
        painter.drawLine(at - QPointF(10, 0), at + QPointF(10, 0))
        painter.drawLine(at - QPointF(0, 10), at + QPointF(0, 10))


def paint_click(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """One of the clicks that will be a box."""
    painter.setPen(QPen(QColor(20, 20, 20), 1.5))
    painter.setBrush(colour)
    painter.drawEllipse(at, 4.5, 4.5)


def paint_denied(painter: QPainter, area: QRectF, colour: QColor) -> None:
    """A box that no object has, as somebody said: crossed out."""
    _outline(painter, area, colour, 1.4, Qt.PenStyle.DotLine)
    painter.drawLine(area.topLeft(), area.bottomRight())
    painter.drawLine(area.topRight(), area.bottomLeft())


def paint_maxima(
    painter: QPainter,
    maxima: Iterable[tuple[float, float, float]],
    to_screen: ToScreen,
    captions: Captions,
) -> None:
    """The places whose scores made the frame's, numbered from the highest."""
    colour = QColor("#F0E442")
    for number, (x, y, value) in enumerate(maxima, start=1):
        at = to_screen(x, y)
        for pen in (QPen(SHADE, 4), QPen(colour, 2)):
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, 9, 9)
        captions.add(
            Caption(
                QRectF(at.x() - 9, at.y() - 9, 18, 18),
                (f"{number} · {value:.3f}", f"{number}"),
                colour,
                below=True,
                weight=-3 - number,
            )
        )


def paint_shapes(
    painter: QPainter,
    shapes: Iterable[Shape],
    outline: Shape,
    to_screen: ToScreen,
    *,
    filled: bool,
) -> None:
    """A mask's shapes, and the one that is being drawn."""
    for shape in shapes:
        polygon = QPolygonF([to_screen(*corner) for corner in shape])
        painter.setPen(QPen(LIGHT, 1, Qt.PenStyle.DotLine))
        painter.setBrush(QColor(0, 0, 0, 150) if filled else Qt.BrushStyle.NoBrush)
        painter.drawPolygon(polygon)
        if filled:
            painter.setBrush(QBrush(QColor(255, 255, 255, 90), Qt.BrushStyle.DiagCrossPattern))
            painter.drawPolygon(polygon)
    if outline:
        painter.setPen(QPen(LIGHT, 1.6))
        painter.setBrush(QColor(255, 255, 255, 40))
        painter.drawPolygon(QPolygonF([to_screen(*corner) for corner in outline]))
        for corner in outline:
            painter.drawRect(
                QRectF(to_screen(*corner) - QPointF(2, 2), to_screen(*corner) + QPointF(2, 2))
            )


def paint_ramp(painter: QPainter, area: QRectF, top: float, title: str) -> None:
    """The heat map's scale in the lower right corner of an area."""
    metrics = QFontMetricsF(painter.font())
    across = min(max(180.0, metrics.horizontalAdvance(title) + 18), area.width() - 16)
    field = QRectF(
        area.right() - across - 8,
        area.bottom() - metrics.height() * 2 - 22,
        across,
        metrics.height() * 2 + 14,
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 185))
    painter.drawRoundedRect(field, 4, 4)
    inner = field.adjusted(8, 3, -8, -3)
    painter.setPen(LIGHT)
    painter.drawText(
        inner,
        Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter,
        metrics.elidedText(title, Qt.TextElideMode.ElideRight, inner.width()),
    )
    painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, "0")
    painter.drawText(
        inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, f"{top:.2g}"
    )
    left = inner.left() + 16
    width = inner.width() - 16 - metrics.horizontalAdvance(f"{top:.2g}") - 8
    middle = inner.bottom() - metrics.height() / 2
    for i in range(64):
        painter.fillRect(
            QRectF(left + width * i / 64, middle - 4, width / 64 + 0.5, 8),
            QColor(*(int(v) for v in RAMP[i * 4])),
        )


def _outline(
    painter: QPainter, area: QRectF, colour: QColor, width: float, style: Qt.PenStyle
) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    under = QPen(SHADE, width + 2)
    under.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(under)
    painter.drawRect(area)
    pen = QPen(colour, width, style)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.drawRect(area)
