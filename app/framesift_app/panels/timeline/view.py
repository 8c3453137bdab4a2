# ruff: noqa: N802 (names that Qt gave)
"""The timeline itself: rows under a pointer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from framesift.labels import FrameKey
from framesift.project import StoredDrive
from framesift_app import theme
from framesift_app.panels.colours import scheme
from framesift_app.panels.context import Entry, with_menu
from framesift_app.panels.timeline import paint
from framesift_app.panels.timeline.canvas import Canvas
from framesift_app.panels.timeline.menu import Menu
from framesift_app.panels.timeline.painter import Painter
from framesift_app.panels.timeline.rows import Rows
from framesift_app.panels.timeline.viewport import Viewport
from framesift_app.panels.timeline.words import describe, inline
from framesift_app.session import Session
from framesift_app.workbench import Workbench, keys

CLICK = 4
"""Pixels that the pointer may move in a click."""
GRAB = 4
"""How near, in pixels, a press must be to the playhead to take it."""
NEAR = 6
"""How near, in pixels, a click must be to a pick's mark."""


@dataclass(slots=True)
class _Press:
    """Where the pointer went down, and what was shown then; `scrubbed`: the drive whose
    playhead it moves."""

    at: QPointF
    start: float
    stop: float
    offset: int
    dragged: bool = False
    scrubbed: str | None = None


class TimelineView(QWidget):
    """Has rows, a viewport and a canvas. Goes to a frame on a click, pans on a drag, zooms
    with the wheel, tells what is under the pointer."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._bench = session, Workbench.of(session)
        self.rows = Rows(session)
        self.viewport = Viewport(self.rows, self.size, self.font)
        painter = Painter(session, self.rows, self.viewport)
        self.canvas = Canvas(painter, self.rows, self.viewport, self)
        self._drawn: list[StoredDrive] = []
        self._press: _Press | None = None
        self._hover: tuple[str, int] | None = None
        self._hover_at = QPoint()
        self._at_pick = False
        session.pictures.hoverReady.connect(self._show_hover)
        self._menu = Menu(session, self._bench, self.rows, self.viewport, self.canvas)
        self._menu.drive_chosen.connect(self.show_only)
        with_menu(self, self.entries)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 84)
        self.setAccessibleName(self.tr("Timeline"))
        for part in (self.rows, self.viewport, self._menu):
            part.setParent(self)
        self.viewport.changed.connect(self._follow_viewport)
        for changed in (self.rows.changed, theme.current().changed):
            changed.connect(self.canvas.renew)
        self._follow_viewport()
        session.playhead.moved.connect(self._playhead_moved)

    def sizeHint(self) -> QSize:
        return QSize(900, 200)

    def show_only(self, drive: str | None) -> None:
        """Shows one drive, or all (None)."""
        self.rows.only, self.viewport.offset = drive, 0
        self.viewport.fit()

    def zoom(self, factor: float) -> None:
        """Shows `factor` times as many frames, about the playhead if it is in sight."""
        place = self._session.playhead.place
        here = None if place is None or not self.viewport.shows(place[1]) else place[1]
        self.viewport.zoom(factor, here)

    def describe(self, drive: str, frame: int) -> str:
        """What there is to say about a frame; rich text."""
        return describe(self._session, self.rows.blocked(drive), drive, frame)

    def _playhead_moved(self) -> None:
        place, view = self._session.playhead.place, self.viewport
        if place is not None and not view.fitted and not view.shows(place[1]):
            self._follow(*place)
        before, self._at_pick = self._at_pick, self._session.picks.current is not None
        if before or self._at_pick:
            # Another pick is the current one, or none.
            self.canvas.renew()
        if place is not None:
            self.setAccessibleDescription(f"{place[0]}, {self._session.footage.spell(*place)}")
        self.canvas.move_playhead()

    def _follow(self, drive: str, frame: int) -> None:
        """Shows the stretch about a frame, in the rows there are."""
        if drive in [shown.key for shown in self.rows.shown()]:
            span = self.viewport.stop - self.viewport.start
            self.viewport.show_range(frame - span / 4, frame + span * 3 / 4)

    def _follow_viewport(self) -> None:
        drives = self.rows.shown()
        if drives != self._drawn:
            self._drawn = drives
            self.canvas.rebuild()
        self.canvas.setVisible(bool(drives))
        self.canvas.follow()

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.canvas.setGeometry(self.rect())
        self.viewport.scroll_rows(self.viewport.offset)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), scheme().base)
        if not self.rows.every():
            painter.setPen(scheme().faint)
            centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), centred, self._empty())

    def _empty(self) -> str:
        if self._session.project_name is None:
            return self.tr("The timeline shows where the detector is unsure.")
        return self.tr("No footage yet: drop files here, or add some from the File menu.")

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            view, at = self.viewport, event.position()
            self._press = _Press(at, view.start, view.stop, view.offset)
            left = event.button() == Qt.MouseButton.LeftButton
            self._press.scrubbed = self._scrubbed(at) if left else None
            if self._press.scrubbed is not None:
                self._scrub(self._press.scrubbed, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        press = self._press
        if press is None:
            self._show_tip(event)
            return
        if press.scrubbed is not None:
            self._scrub(press.scrubbed, event.position())
            return
        moved = event.position() - press.at
        if press.dragged or moved.manhattanLength() > CLICK:
            press.dragged = True
            QToolTip.hideText()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            frames = moved.x() * (press.stop - press.start) / self.viewport.scale().width
            self.viewport.show_range(press.start - frames, press.stop - frames)
            self.viewport.scroll_rows(press.offset - round(moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        press, self._press = self._press, None
        self.unsetCursor()
        if press is None or press.dragged or press.scrubbed is not None:
            return
        place = self._place_meant(event.position())
        if place is not None:
            self._bench.playback.stop()
            self._session.playhead.go_to(*place)

    def _scrubbed(self, at: QPointF) -> str | None:
        """The drive whose playhead a press there takes in hand: on the axis, or on the
        playhead itself."""
        place, view = self._session.playhead.place, self.viewport
        if place is None or place[0] not in [drive.key for drive in self.rows.shown()]:
            return None
        inside = 0 <= at.y() - view.row_top(place[0]) - paint.LANE < view.row_height()
        held = inside and abs(view.scale().x(place[1]) - at.x()) <= GRAB
        return place[0] if held or view.on_ruler(at) else None

    def _scrub(self, drive: str, at: QPointF) -> None:
        QToolTip.hideText()
        self._bench.playback.stop()
        self._session.playhead.go_to(drive, self.viewport.scale().frame(at.x()))

    def _place_meant(self, at: QPointF) -> tuple[str, int] | None:
        """The drive and frame under a point; at a pick's mark the pick, not a frame beside
        it."""
        place = self.viewport.place_at(at)
        if place is None or at.y() - self.viewport.row_top(place[0]) > paint.LANE + 2:
            return place
        scale = self.viewport.scale()
        away = {
            pick.drive_frame: abs(scale.x(pick.drive_frame) - at.x())
            for pick in self.rows.picks(place[0])
        }
        nearest = min(away, key=lambda frame: away[frame], default=None)
        return place if nearest is None or away[nearest] > NEAR else (place[0], nearest)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() < self.viewport.gutter:
            self.viewport.fit()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        across, up = event.angleDelta().x(), event.angleDelta().y()
        modifiers, view = event.modifiers(), self.viewport
        span = view.stop - view.start
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            view.scroll_rows(view.offset - up // 2)
        elif across or modifiers & Qt.KeyboardModifier.ShiftModifier:
            by = span * 0.15 * -(across or up) / 120
            view.show_range(view.start + by, view.stop + by)
        else:
            scale = view.scale()
            share = min(max((event.position().x() - scale.left) / scale.width, 0.0), 1.0)
            view.zoom(0.8 ** (up / 120), view.start + share * span)
        event.accept()

    def _show_tip(self, event: QMouseEvent) -> None:
        place = self._place_meant(event.position())
        if place == self._hover:
            return
        self._hover = place
        if place is None:
            QToolTip.hideText()
            return
        self._hover_at = event.globalPosition().toPoint()
        QToolTip.showText(self._hover_at, self.describe(*place), self)
        key = self._session.footage.key_at(*place)
        if key is not None:
            self._session.pictures.request_hover(key)

    def _show_hover(self, key: FrameKey, image: NDArray[np.uint8]) -> None:
        """The picture comes into the words that are shown."""
        place = self._hover
        if place is not None and self._session.footage.key_at(*place) == key:
            words = f"{inline(image)}<br>{self.describe(*place)}"
            QToolTip.showText(self._hover_at, words, self)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None

    def entries(self, at: QPoint) -> Sequence[Entry]:
        """What can be done at a point: the playhead goes there first."""
        return self._menu.entries(self._place_meant(QPointF(at)))

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go_to_row(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1.25 if key == Qt.Key.Key_Minus else 0.8)
        elif not keys.handle(self._bench, event):
            super().keyPressEvent(event)

    def _go_to_row(self, step: int) -> None:
        """The same frame in the drive above or below."""
        names = [drive.key for drive in self.rows.shown()]
        place = self._session.playhead.place
        row = names.index(place[0]) + step if place and place[0] in names else 0
        if 0 <= row < len(names):
            self._session.playhead.go_to(names[row], place[1] if place else 0)
