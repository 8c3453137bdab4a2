"""Painting what stands before a row of the timeline: its drive's name, and which values its
height stands for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QPainter

from framesift.series.value_scale import ValueScale
from framesift_app.panels.colours import Scheme
from framesift_app.panels.timeline.curve_paint import ground_of
from framesift_app.panels.timeline.paint import LANE

SMALL = 0.8
"""Size of the values beside that of the name."""


def least_height(font: QFont) -> float:
    """The least height of a row that has room for a name above its values."""
    line = QFontMetricsF(_small(font)).height()
    return max(LANE + 1.0, QFontMetricsF(font).height()) + 2 * line + 3


def paint_name(painter: QPainter, field: QRectF, name: str, colours: Scheme) -> None:
    """A drive's name, as much of it as fits."""
    metrics = QFontMetricsF(painter.font())
    painter.setPen(colours.text)
    shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, field.width())
    painter.drawText(field, Qt.AlignmentFlag.AlignVCenter, shown)


def paint_ends(painter: QPainter, field: QRectF, values: ValueScale, colours: Scheme) -> QRectF:
    """The lowest and the highest value of a row at the height of each: a row need not begin at
    zero, and says so. Returns what is left for the name: between them, or in a low row the
    height of the picks' marks, with the higher value below."""
    ground, height = ground_of(field)
    whole, font = painter.font(), _small(painter.font())
    line, name = QFontMetricsF(font).height(), QFontMetricsF(whole).height()
    high = QRectF(field.left(), ground - height - line / 2, field.width(), line)
    low = QRectF(field.left(), ground - line + 2, field.width(), line)
    left = QRectF(field.left(), high.bottom(), field.width(), low.top() - high.bottom())
    if left.height() < name:
        left = QRectF(field.left(), field.top() - 1, field.width(), max(LANE + 1.0, name))
        high.moveTop(max(high.top(), left.bottom()))
    painter.setFont(font)
    painter.setPen(colours.faint)
    for place, words in zip((low, high), values.words(), strict=True):
        painter.drawText(
            place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words
        )
    painter.setFont(whole)
    return left


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(round(SMALL * QFontInfo(font).pixelSize()))
    return small
