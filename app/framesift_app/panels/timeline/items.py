# ruff: noqa: N802 (names that Qt and pyqtgraph gave)
"""The timeline's own graphics: a row per drive, the playhead, names and axis.

In the view's coordinates a frame is one wide and a row one high. They are painted in pixels
all the same: marks, lines and words are as large at every zoom.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
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


class RowItem(pg.GraphicsObject):
    """A drive's row: bands, curves, marks and picks. What it painted is kept until `renew`,
    so that the playhead moves over it without painting it again."""

    def __init__(self, painter: Painter, drive: StoredDrive, row: int) -> None:
        super().__init__()
        self._painter, self._drive, self._row = painter, drive, row
        self._kept: QPixmap | None = None

    def boundingRect(self) -> QRectF:
        return QRectF(0, self._row, max(1, len(self._drive)), 1)

    def renew(self) -> None:
        """There is something else to paint, at the view's next redraw."""
        self._kept = None

    def paint(self, painter: QPainter, option: Option, widget: QWidget | None = None) -> None:
        with pixels(painter, self):
            if widget is None:
                # To be saved: lines stay lines.
                self._painter.paint_row(painter, self._drive, self._row)
                return
            area = self._painter.area(self._row)
            corner = QPointF(math.floor(area.left()), math.floor(area.top()))
            painter.drawPixmap(corner, self._layer(area, corner, widget))

    def _layer(self, area: QRectF, corner: QPointF, widget: QWidget) -> QPixmap:
        ratio = widget.devicePixelRatioF()
        if self._kept is None or self._kept.devicePixelRatio() != ratio:
            size = area.size() * ratio
            self._kept = QPixmap(math.ceil(size.width()) + 1, math.ceil(size.height()) + 1)
            self._kept.setDevicePixelRatio(ratio)
            self._kept.fill("transparent")
            painter = QPainter(self._kept)
            painter.setFont(widget.font())
            painter.translate(-corner)
            self._painter.paint_row(painter, self._drive, self._row)
            painter.end()
        return self._kept


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
        self._painter = painter

    def paint(self, painter: QPainter, option: Option, widget: QWidget | None = None) -> None:
        with pixels(painter, self):
            self._painter.paint_names(painter)


class Ruler(pg.AxisItem):
    """The axis below: frames, and times where all drives have one rate."""

    def __init__(self, painter: Painter) -> None:
        super().__init__("bottom")
        self._painter = painter

    def boundingRect(self) -> QRectF:
        # What its numbers are stands to the left of it, below the names.
        place = self.geometry()
        return QRectF(-place.left(), 0, place.left() + place.width() + MARGIN, place.height())

    def paint(self, painter: QPainter, option: Option, widget: QWidget | None = None) -> None:
        with pixels(painter, self):
            self._painter.paint_axis(painter)
