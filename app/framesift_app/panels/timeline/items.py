# ruff: noqa: N802 (names that Qt and pyqtgraph gave)
"""The timeline's own graphics: a row per drive, the playhead, names and axis.

In the view's coordinates a frame is one wide and a row one high. They are painted in pixels
all the same: marks, lines and words are as large at every zoom.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from framesift.project import StoredDrive
from framesift_app.panels.timeline.painter import Painter
from framesift_app.panels.timeline.viewport import MARGIN

Option = QStyleOptionGraphicsItem


@contextlib.contextmanager
def pixels(painter: QPainter, item: QGraphicsItem) -> Iterator[None]:
    """The painter of an item in the view's pixels; what enlarges a saved picture stays."""
    painter.save()
    back, _ = item.sceneTransform().inverted()
    painter.setWorldTransform(back * painter.worldTransform())
    yield
    painter.restore()


class Layer:
    """What was painted of a part of the view, kept as a picture until `renew`: the playhead
    moves over it without painting it again."""

    def __init__(self, paint: Callable[[QPainter], None]) -> None:
        """`paint`: paints the part, in the view's pixels."""
        self._paint = paint
        self._kept: QPixmap | None = None

    def renew(self) -> None:
        """There is something else to paint, at the view's next redraw."""
        self._kept = None

    def draw(self, painter: QPainter, area: QRectF, widget: QWidget | None) -> None:
        """Puts the part at its place, `area`; where it is saved (`widget` None), lines stay
        lines."""
        if widget is None:
            self._paint(painter)
            return
        corner = QPointF(math.floor(area.left()), math.floor(area.top()))
        painter.drawPixmap(corner, self._picture(area.size(), corner, widget))

    def _picture(self, size: QSizeF, corner: QPointF, widget: QWidget) -> QPixmap:
        ratio = widget.devicePixelRatioF()
        if self._kept is None or self._kept.devicePixelRatio() != ratio:
            wide, high = size.width() * ratio, size.height() * ratio
            self._kept = QPixmap(math.ceil(wide) + 1, math.ceil(high) + 1)
            self._kept.setDevicePixelRatio(ratio)
            self._kept.fill("transparent")
            painter = QPainter(self._kept)
            painter.setFont(widget.font())
            painter.translate(-corner)
            self._paint(painter)
            painter.end()
        return self._kept


class RowItem(pg.GraphicsObject):
    """A drive's row: bands, curves, marks and picks."""

    def __init__(self, painter: Painter, drive: StoredDrive, row: int) -> None:
        super().__init__()
        self._painter, self._drive, self._row = painter, drive, row
        self.layer = Layer(lambda on: painter.paint_row(on, drive, row))

    def boundingRect(self) -> QRectF:
        return QRectF(0, self._row, max(1, len(self._drive)), 1)

    def paint(self, painter: QPainter, option: Option, widget: QWidget | None = None) -> None:
        with pixels(painter, self):
            self.layer.draw(painter, self._painter.area(self._row), widget)


class Playhead(pg.GraphicsObject):
    """The playhead, over all rows."""

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self._painter = painter
        self._extent = QRectF(0, 0, 1, 1)
        self.setZValue(1)

    def boundingRect(self) -> QRectF:
        return self._extent

    def extend(self, frames: int, rows: int) -> None:
        """As far as the rows reach."""
        self.prepareGeometryChange()
        self._extent = QRectF(0, 0, max(1, frames), max(1, rows))

    def paint(self, painter: QPainter, option: Option, widget: QWidget | None = None) -> None:
        with pixels(painter, self):
            self._painter.paint_playhead(painter)


class Names(pg.AxisItem):
    """The axis to the left: the drives' names."""

    def __init__(self, painter: Painter) -> None:
        super().__init__("left")
        self.layer = Layer(painter.paint_names)

    def paint(self, painter: QPainter, option: Option, widget: QWidget | None = None) -> None:
        area = self.mapRectToScene(self.boundingRect())
        with pixels(painter, self):
            self.layer.draw(painter, area, widget)


class Ruler(pg.AxisItem):
    """The axis below: frames, and times where all drives have one rate."""

    def __init__(self, painter: Painter) -> None:
        super().__init__("bottom")
        self.layer = Layer(painter.paint_axis)

    def boundingRect(self) -> QRectF:
        # What its numbers are stands to the left of it, below the names.
        place = self.geometry()
        return QRectF(-place.left(), 0, place.left() + place.width() + MARGIN, place.height())

    def paint(self, painter: QPainter, option: Option, widget: QWidget | None = None) -> None:
        area = self.mapRectToScene(self.boundingRect())
        with pixels(painter, self):
            self.layer.draw(painter, area, widget)
