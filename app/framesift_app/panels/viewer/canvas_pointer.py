# ruff: noqa: N802 (names that Qt gave)
"""The pointer's and the keys' work on the picture."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)

from framesift_app.panels.viewer.canvas import CanvasView, Cursor
from framesift_app.window import keys
from framesift_app.workbench.box_editing import Handle

GRAB = 7
"""How near, in screen pixels, the pointer must be to a handle."""
_CURSORS: dict[Handle, Qt.CursorShape] = {
    "nw": Cursor.SizeFDiagCursor,
    "se": Cursor.SizeFDiagCursor,
    "ne": Cursor.SizeBDiagCursor,
    "sw": Cursor.SizeBDiagCursor,
    "n": Cursor.SizeVerCursor,
    "s": Cursor.SizeVerCursor,
    "e": Cursor.SizeHorCursor,
    "w": Cursor.SizeHorCursor,
}


class Canvas(CanvasView):
    """Draws, moves and resizes boxes, picks proposals, draws masks, zooms and pans."""

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, bench = event.position(), self.workbench
        if self.image is None:
            return
        if event.button() != Qt.MouseButton.LeftButton:
            self._begin_pan(at)
            return
        if bench.mask.editor is not None:
            bench.mask.editor.press(self.to_picture(at))
            self.refresh()
            return
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        point = self.to_picture(at)
        if not bench.editable or self.key != bench.key:
            self._begin_pan(at)
        elif (
            bench.boxes.tool == "select"
            and self._proposal_at(at) is not None
            and bench.boxes.editor.hit(point) is None
        ):
            bench.proposals.choose(self._proposal_at(at))
        elif not bench.boxes.editor.press(point, GRAB / self.scale, centre=ctrl):
            self._begin_pan(at)
        bench.changed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, bench = event.position(), self.workbench
        self._pointer = at
        if self._pan is not None:
            self.origin = self.origin + (at - self._pan)
            self._pan, self.fitted, self._cache = at, False, None
        elif bench.mask.editor is not None:
            bench.mask.editor.move(self.to_picture(at))
        elif bench.boxes.editor.busy:
            bench.boxes.editor.move(self.to_picture(at))
        else:
            self._show_cursor(at)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at, bench = event.position(), self.workbench
        if self._pan is not None:
            self._pan = None
            self.refresh()
        elif bench.mask.editor is not None:
            bench.mask.editor.release(self.to_picture(at))
            bench.changed.emit()
        elif bench.boxes.editor.busy:
            bench.boxes.commit(bench.boxes.editor.release(self.to_picture(at)))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        bench = self.workbench
        if bench.mask.editor is not None:
            bench.mask.editor.close()
            bench.changed.emit()
            return
        proposal = self._proposal_at(event.position())
        if (
            bench.editable
            and proposal is not None
            and bench.boxes.tool == "select"
            and bench.boxes.editor.hit(self.to_picture(event.position())) is None
        ):
            bench.proposals.choose(proposal)
            bench.accept()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def leaveEvent(self, event: Any) -> None:
        self._pointer = None
        self.update()

    def _begin_pan(self, at: QPointF) -> None:
        self._pan = at
        self.setCursor(Cursor.ClosedHandCursor)

    def _proposal_at(self, at: QPointF) -> int | None:
        found = [
            (self._on_screen(p.box), p.id)
            for p in self.workbench.proposals.all()
            if self._on_screen(p.box).contains(at)
        ]
        smallest = min(found, key=lambda one: one[0].width() * one[0].height(), default=None)
        return None if smallest is None else smallest[1]

    def _show_cursor(self, at: QPointF) -> None:
        bench = self.workbench
        if not bench.editable or self.image is None:
            return
        point = self.to_picture(at)
        handle = bench.boxes.editor.handle(point, GRAB / self.scale)
        if handle is not None:
            self.setCursor(_CURSORS[handle])
        elif bench.boxes.tool != "select":
            self.setCursor(Cursor.CrossCursor)
        elif bench.boxes.editor.hit(point) is not None:
            self.setCursor(Cursor.SizeAllCursor)
        else:
            self.unsetCursor()

    # Keys

    def event(self, event: QEvent) -> bool:
        # With a box selected the arrows are for the box, not for the window.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            bench = self.workbench
            if (
                event.key() in keys.ARROWS
                and bench.editable
                and bench.boxes.editor.box() is not None
            ):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self.workbench, event, boxes=True):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
