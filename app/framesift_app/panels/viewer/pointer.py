"""The pointer's work on the picture: boxes, proposals, masks, panning."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QWidget

from framesift_app.panels.viewer.picture import Picture
from framesift_app.panels.viewer.placement import Placement
from framesift_app.workbench import Workbench
from framesift_app.workbench.box_editing import Handle

GRAB = 7
"""How near, in screen pixels, the pointer must be to a handle."""
CLICK = 3
"""A pointer that moves less than this many screen pixels clicks."""
Cursor = Qt.CursorShape
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


class Pointer:
    """Draws, moves and resizes boxes, chooses proposals, draws masks, pans; the cursor of
    `canvas` says what a press would do."""

    def __init__(
        self, canvas: QWidget, workbench: Workbench, picture: Picture, placement: Placement
    ) -> None:
        self._canvas, self._bench = canvas, workbench
        self._picture, self._placement = picture, placement
        self._at: QPointF | None = None
        self._pan: QPointF | None = None

    def press(self, event: QMouseEvent) -> None:
        bench, point = self._bench, self._placement.to_picture(event.position())
        if self._picture.image is None:
            return
        if event.button() != Qt.MouseButton.LeftButton:
            self._begin_pan(event.position())
            return
        if bench.mask.editor is not None:
            bench.mask.editor.press(point)
        elif not bench.editable or self._picture.key != bench.key:
            self._begin_pan(event.position())
        elif bench.weak.clicking:
            bench.weak.click(point, GRAB / self._placement.scale)
        elif (proposal := self._proposal_under(event.position())) is not None:
            bench.proposals.choose(proposal)
        elif not self._begin_box(event, point):
            self._begin_pan(event.position())
        bench.changed.emit()

    def _begin_box(self, event: QMouseEvent, point: tuple[float, float]) -> bool:
        bench, reach = self._bench, GRAB / self._placement.scale
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift or not bench.boxes.editor.drawing:
            bench.tracks.lift(point, reach)
        begun = bench.boxes.editor.press(
            point,
            reach,
            centre=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier),
            adjust=shift,
            click=CLICK / self._placement.scale,
        )
        if not begun:
            bench.show_stored()
        return begun

    def move(self, event: QMouseEvent) -> None:
        at, bench = event.position(), self._bench
        self._at = at
        if self._pan is not None:
            self._placement.move(at - self._pan)
            self._pan = at
        elif bench.mask.editor is not None:
            bench.mask.editor.move(self._placement.to_picture(at))
        elif bench.boxes.editor.busy:
            bench.boxes.editor.move(self._placement.to_picture(at))
        else:
            self._show_cursor(at)

    def release(self, event: QMouseEvent) -> None:
        bench, point = self._bench, self._placement.to_picture(event.position())
        if self._pan is not None:
            self._pan = None
            self.reset_cursor()
        elif bench.mask.editor is not None:
            bench.mask.editor.release(point)
            bench.changed.emit()
        elif bench.boxes.editor.busy:
            change = bench.boxes.editor.release(point)
            bench.boxes.commit(change)
            if change is None:
                bench.show_stored()

    def double_click(self, event: QMouseEvent) -> None:
        """Accepts a proposal, or closes the mask's polygon."""
        bench = self._bench
        if bench.mask.drawn:
            bench.mask.close()
        elif bench.editable and (
            (proposal := self._proposal_under(event.position())) is not None
        ):
            bench.proposals.choose(proposal)
            bench.accept()
        else:
            self.press(event)

    def leave(self) -> None:
        self._at = None

    @property
    def guided(self) -> QPointF | None:
        """The point of the screen that lines run through, to draw along; None for no lines."""
        bench = self._bench
        if self._pan is not None or bench.boxes.editor.busy:
            return None
        return self._at if bench.editable and bench.boxes.editor.drawing else None

    def reset_cursor(self) -> None:
        """The cursor of the tool in hand."""
        bench = self._bench
        if bench.mask.drawn or (bench.boxes.editor.drawing and bench.editable):
            self._canvas.setCursor(Cursor.CrossCursor)
        elif self._canvas.testAttribute(Qt.WidgetAttribute.WA_SetCursor):
            self._canvas.unsetCursor()

    def _begin_pan(self, at: QPointF) -> None:
        self._pan = at
        self._canvas.setCursor(Cursor.ClosedHandCursor)

    def _proposal_under(self, at: QPointF) -> int | None:
        """The smallest proposal there, unless a box lies over it or a tool is in hand."""
        bench = self._bench
        point = self._placement.to_picture(at)
        if bench.boxes.editor.drawing or bench.boxes.editor.hit(point) is not None:
            return None
        under = [
            proposal
            for proposal in bench.proposals.all()
            if self._placement.rectangle(proposal.box).contains(at)
        ]
        smallest = min(under, key=lambda p: p.box.width * p.box.height, default=None)
        return None if smallest is None else smallest.id

    def _show_cursor(self, at: QPointF) -> None:
        bench, editor = self._bench, self._bench.boxes.editor
        if not bench.editable or self._picture.image is None:
            return
        point = self._placement.to_picture(at)
        shift = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        takes = not editor.drawing or bool(shift)
        handle = editor.handle(point, GRAB / self._placement.scale) if takes else None
        if handle is not None:
            self._canvas.setCursor(_CURSORS[handle])
        elif editor.drawing:
            self._canvas.setCursor(Cursor.CrossCursor)
        elif editor.hit(point) is not None:
            self._canvas.setCursor(Cursor.SizeAllCursor)
        else:
            self._canvas.unsetCursor()
