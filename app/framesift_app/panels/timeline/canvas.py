"""The timeline's picture: one view, in which all rows share the axis of frames."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsView, QWidget

from framesift_app.panels.colours import scheme
from framesift_app.panels.timeline.items import Names, Playhead, RowItem, Ruler
from framesift_app.panels.timeline.painter import Painter
from framesift_app.panels.timeline.rows import Rows
from framesift_app.panels.timeline.viewport import MARGIN, Viewport

WIDE = 2
"""Pixels around the playhead that its line takes."""


class Canvas(pg.GraphicsView):
    """Shows what the viewport says; the pointer and the keys are its parent's."""

    def __init__(
        self, painter: Painter, rows: Rows, viewport: Viewport, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._painter, self._rows, self._shown = painter, rows, viewport
        self._items: list[RowItem] = []
        self._line: QLineF | None = None
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False, invertY=True)
        self._names, self._ruler = Names(painter), Ruler(painter)
        self.plot = pg.PlotItem(
            viewBox=self.box,
            axisItems={"left": self._names, "bottom": self._ruler},
            enableMenu=False,
        )
        self.plot.hideButtons()
        self.plot.layout.setContentsMargins(0, 0, MARGIN, 0)
        self.setCentralItem(self.plot)
        self._playhead = Playhead(painter)
        self.box.addItem(self._playhead, ignoreBounds=True)
        # Rows are kept as pictures: putting all of them together costs less than finding out
        # which of them are touched.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def rebuild(self) -> None:
        """Makes an item for each drive that is shown."""
        for item in self._items:
            self.box.removeItem(item)
        self._items = [
            RowItem(self._painter, drive, row) for row, drive in enumerate(self._rows.shown())
        ]
        for item in self._items:
            self.box.addItem(item, ignoreBounds=True)
        self._playhead.extend(self._rows.longest(), len(self._items))

    def follow(self) -> None:
        """Shows the stretch and the rows that the viewport says."""
        view = self._shown
        self._names.setWidth(view.gutter)
        self._ruler.setHeight(view.axis_height())
        high, row = view.rows_height(), view.row_height()
        self.box.setRange(
            xRange=(view.start, view.stop),
            yRange=(view.offset / row, (view.offset + high) / row),
            padding=0,
        )
        self.renew()

    def renew(self) -> None:
        """Paints all rows again."""
        self._painter.refresh()
        self.setBackground(scheme().base)
        parts = (self._names.layer, self._ruler.layer, *(item.layer for item in self._items))
        for layer in parts:
            layer.renew()
        self._line = self._painter.playhead()
        self.viewport().update()

    def move_playhead(self) -> None:
        """Paints where the playhead was and where it is; in another row the names, too."""
        before, self._line = self._line, self._painter.playhead()
        if before is None or self._line is None or before.y1() != self._line.y1():
            self._names.layer.renew()
            self.viewport().update()
            return
        for line in (before, self._line):
            area = QRectF(line.p1(), line.p2()).adjusted(-WIDE, 0, WIDE, 0)
            self.viewport().update(area.toAlignedRect())
