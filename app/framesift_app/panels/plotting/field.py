# ruff: noqa: N802 (names that Qt and pyqtgraph gave)
"""A plot under pointer and keys: drag to move, wheel to zoom, a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QWheelEvent

from framesift_app.panels.context import Entry, show_menu
from framesift_app.panels.plotting.axes import Axis

Key = Qt.Key
STEP = 0.1
"""How far a key moves, as a share of what is shown."""
ZOOM = 0.8
_MOVES = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, 1),
    Key.Key_Down: (0, -1),
}
_ZOOMS = {Key.Key_Plus: ZOOM, Key.Key_Equal: ZOOM, Key.Key_Minus: 1 / ZOOM}


class View(pg.ViewBox):
    """The library's, without zooming by the right button: that one asks for the menu."""

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        if ev.button() == Qt.MouseButton.RightButton:
            ev.ignore()
        else:
            super().mouseDragEvent(ev, axis)


class Field(pg.PlotWidget):
    """A plot with two axes. The wheel zooms once it has the focus, or with Ctrl: else it
    scrolls the panel around it. `entries`: what its menu offers; `fit`: shows everything;
    `view`: what is inside the axes; `keys`: acts on a key before the field does, and says
    whether it did."""

    exited = Signal()
    """The pointer has left."""

    def __init__(
        self,
        left: Axis,
        bottom: Axis,
        entries: Callable[[], Sequence[Entry]],
        fit: Callable[[], None],
        view: View | None = None,
        keys: Callable[[QKeyEvent], bool] = lambda _: False,
    ) -> None:
        self.view = view or View(enableMenu=False)
        self.axes = left, bottom
        plot = pg.PlotItem(
            viewBox=self.view, axisItems={"left": left, "bottom": bottom}, enableMenu=False
        )
        plot.hideButtons()
        for axis in self.axes:
            # The lines of the grid lie under the curves.
            axis.setZValue(-1000)
        super().__init__(plotItem=plot)
        self._entries, self._fit, self._keys = entries, fit, keys
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.exited.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        show_menu(self, QPoint(event.pos()), self._entries())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        if self._keys(event):
            event.accept()
        elif key in _MOVES:
            self._move(*_MOVES[key])
        elif key in _ZOOMS:
            self.view.scaleBy((_ZOOMS[key], _ZOOMS[key]))
            self.view.sigRangeChangedManually.emit([True, True])
        elif key == Key.Key_Home:
            self._fit()
        else:
            event.ignore()

    def _move(self, across: int, up: int) -> None:
        shown = self.view.viewRect()
        self.view.translateBy(x=across * STEP * shown.width(), y=up * STEP * shown.height())
        self.view.sigRangeChangedManually.emit([True, True])
