# ruff: noqa: N802 (names that Qt gave)
"""The pointer's and the keys' work on the timeline."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip

from framesift_app.panels.timeline import paint
from framesift_app.panels.timeline.painter import TimelineRows
from framesift_app.panels.timeline.words import describe
from framesift_app.window import keys

CLICK = 4
"""Pixels that the pointer may move in a click."""


class TimelineView(TimelineRows):
    """Goes to a frame on a click, pans on a drag, zooms with the wheel, tells what is under
    the pointer."""

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press = event.position(), self.start, self.stop, self.offset
            self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            self._show_tip(event)
            return
        before, start, stop, offset = self._press
        moved = event.position() - before
        if self._dragged or moved.manhattanLength() > CLICK:
            self._dragged = True
            QToolTip.hideText()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            frames = moved.x() * (stop - start) / self.axis().width
            self.show_range(start - frames, stop - frames)
            self.scroll_rows(offset - round(moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._press = self._press, None
        self.unsetCursor()
        if pressed is None or self._dragged:
            return
        place = self.place_at(event.position())
        if place is not None:
            self._bench.playback.stop()
            self._session.playhead.go_to(*self._near_pick(event.position(), *place))

    def _near_pick(self, at: QPointF, drive: str, frame: int) -> tuple[str, int]:
        """A click on a pick's mark means the pick, not a frame beside it."""
        row = [one.key for one in self.rows()].index(drive)
        top = row * self.row_height() - self.offset
        if at.y() - top > paint.LANE + 2:
            return drive, frame
        window = self.axis()
        near = min(
            self._picks.get(drive, ()),
            default=None,
            key=lambda pick: abs(window.x(pick.drive_frame) - at.x()),
        )
        if near is not None and abs(window.x(near.drive_frame) - at.x()) <= 6:
            return drive, near.drive_frame
        return drive, frame

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() < self.gutter:
            self.fit()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        across, up = event.angleDelta().x(), event.angleDelta().y()
        modifiers = event.modifiers()
        span = self.stop - self.start
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.scroll_rows(self.offset - up // 2)
        elif across or modifiers & Qt.KeyboardModifier.ShiftModifier:
            by = span * 0.15 * -(across or up) / 120
            self.show_range(self.start + by, self.stop + by)
        else:
            at = event.position().x()
            window = self.axis()
            share = min(max((at - window.left) / window.width, 0.0), 1.0)
            self.zoom(0.8 ** (up / 120), self.start + share * span)
        event.accept()

    def _show_tip(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None:
            place = self._near_pick(event.position(), *place)
        if place == self._hover:
            return
        self._hover = place
        if place is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.describe(*place), self)

    def describe(self, drive: str, frame: int) -> str:
        """What there is to say about a frame; rich text."""
        return describe(self._session, self.blocked(drive), drive, frame)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._other_drive(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1.25 if key == Qt.Key.Key_Minus else 0.8)
        elif not keys.handle(self._bench, event):
            super().keyPressEvent(event)

    def _other_drive(self, step: int) -> None:
        rows, place = self.rows(), self._session.playhead.place
        if not rows:
            return
        names = [drive.key for drive in rows]
        at = names.index(place[0]) + step if place and place[0] in names else 0
        if 0 <= at < len(rows):
            self._session.playhead.go_to(names[at], place[1] if place else 0)
