# ruff: noqa: N802 (names that Qt and pyqtgraph gave)
"""Points in a plane, of several kinds: a click takes one, a drag all in a rectangle; keys move
a cursor from point to point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPen

from framesift_app import theme
from framesift_app.panels.context import Entry
from framesift_app.panels.plotting.axes import Axis
from framesift_app.panels.plotting.cursor import Cursor
from framesift_app.panels.plotting.field import Field, View

NEAR = 8.0
"""Pixels around a click in which a point is meant."""
REACH = 6
"""How much larger than its point the ring around one that is chosen is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How points of one kind look: a symbol of pyqtgraph's, pixels across, a colour."""

    symbol: str
    size: float
    colour: QColor


class ChoosingView(View):
    """Dragging with the left button draws a rectangle; the middle one moves."""

    rectangle = Signal(QRectF)
    point = Signal(QPointF)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        if ev.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()
        begin = ev.buttonDownPos(ev.button())
        if not ev.isFinish():
            self.updateScaleBox(begin, ev.pos())
            return
        self.rbScaleBox.hide()
        corners = (self.mapToView(QPointF(point)) for point in (begin, ev.pos()))
        self.rectangle.emit(QRectF(*corners).normalized())

    def mouseClickEvent(self, ev: Any) -> None:
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.point.emit(self.mapToView(QPointF(ev.pos())))
        else:
            super().mouseClickEvent(ev)


class Points(pg.ScatterPlotItem):
    """The library's, which leaves clicks to the view: rings lie above points."""

    def mouseClickEvent(self, ev: Any) -> None:
        ev.ignore()


class Scatter(QObject):
    """Has a field and draws points in it."""

    clicked = Signal(int)
    """A point was clicked, or Enter pressed at it: its number."""
    chosenChanged = Signal()  # noqa: N815 (Qt's way of naming)
    """`chosen` is another."""

    def __init__(self, entries: Callable[[], Sequence[Entry]]) -> None:
        super().__init__()
        self.chosen: NDArray[np.int64] = np.zeros(0, np.int64)
        self._points = np.zeros((0, 2))
        self._view = ChoosingView(enableMenu=False)
        self.field = Field(
            Axis("left"), Axis("bottom"), entries, self.fit, self._view, self._press
        )
        self.cursor = Cursor(self._point_out, self.clicked.emit, self._mark)
        for axis in self.field.axes:
            axis.hide()
        self._ring, self._here = Points(pxMode=True), Points(pxMode=True, symbol="s")
        self._items: list[Points] = []
        for item in (self._ring, self._here):
            item.setZValue(100)
            self._view.addItem(item, ignoreBounds=True)
        self._view.rectangle.connect(self.choose_within)
        self._view.point.connect(self._click)
        theme.current().changed.connect(self._dress)
        self._dress()

    def draw(self, points: NDArray[np.float64], kinds: Sequence[tuple[Kind, Any]]) -> None:
        """Draws points n×2; each kind with the numbers of its points, the last kind on top."""
        fit = len(points) != len(self._points)
        self.cursor.place(points, None if fit else self.cursor.at)
        for item in self._items:
            self._view.removeItem(item)
        self._points, self._items = points, []
        for layer, (kind, numbers) in enumerate(kinds):
            item = Points(
                points[numbers, 0],
                points[numbers, 1],
                symbol=kind.symbol,
                size=kind.size,
                brush=kind.colour,
                pen=None,
                pxMode=True,
            )
            item.setZValue(layer)
            self._items.append(item)
            self._view.addItem(item)
        if fit:
            self.choose(np.zeros(0, np.int64))
            self.fit()

    def fit(self) -> None:
        """Shows every point."""
        self._view.autoRange()

    def choose_within(self, rectangle: QRectF) -> None:
        """Chooses the points in a rectangle of the plane."""
        x, y = self._points.T
        inside = (x >= rectangle.left()) & (x <= rectangle.right())
        inside &= (y >= rectangle.top()) & (y <= rectangle.bottom())
        self.choose(np.flatnonzero(inside))

    def choose(self, numbers: NDArray[np.int64]) -> None:
        """Chooses these points in place of others."""
        self.chosen = np.asarray(numbers, np.int64)
        self._ring.setData(self._points[self.chosen, 0], self._points[self.chosen, 1])
        self.chosenChanged.emit()

    def _press(self, event: QKeyEvent) -> bool:
        return self.cursor.press(event, self._pixels())

    def _mark(self, point: int) -> None:
        """Chooses a point beside others, or no longer."""
        self.choose(np.setxor1d(self.chosen, [point]))

    def _point_out(self) -> None:
        """Draws the cursor, and brings it into sight."""
        at = self.cursor.at
        if at is None:
            self._here.setData([], [])
            return
        x, y = self._points[at]
        self._here.setData([x], [y])
        if not self._view.viewRect().contains(QPointF(x, y)):
            middle = self._view.viewRect().center()
            self._view.translateBy(x=x - middle.x(), y=y - middle.y())

    def _pixels(self) -> tuple[float, float]:
        """Pixels for one of the plane's units, across and up."""
        shown, field = self._view.viewRect(), self._view.boundingRect()
        return field.width() / shown.width(), field.height() / shown.height()

    def _click(self, at: QPointF) -> None:
        """Takes the point nearest to a place, if it is near."""
        if not len(self._points):
            return
        far = np.hypot(*((self._points - (at.x(), at.y())) * self._pixels()).T)
        nearest = int(far.argmin())
        if far[nearest] <= NEAR:
            self.cursor.place(self._points, nearest)
            self.choose(np.array([nearest]))
            self.clicked.emit(nearest)
        else:
            self.choose(np.zeros(0, np.int64))

    def _dress(self) -> None:
        colours = theme.colours()
        self.field.setBackground(QColor(colours.background))
        for item, size, colour in (
            (self._ring, 10 + REACH, colours.text),
            (self._here, 14 + REACH, colours.accent),
        ):
            pen = QPen(QColor(colour), 1.5)
            pen.setCosmetic(True)
            item.setBrush(None)
            item.setSize(size)
            item.setPen(pen)
