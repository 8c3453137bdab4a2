# ruff: noqa: N802 (names that Qt gave)
"""Keys that belong to a widget with the focus before they belong to the window."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QWidget,
)

Key = Qt.Key


@dataclass(frozen=True, slots=True)
class Kept:
    """The keys that a kind of widget keeps for itself; `shifted`: with Shift or Alt, too."""

    keys: frozenset[Qt.Key]
    shifted: bool = False

    def has(self, event: QKeyEvent) -> bool:
        """Whether the widget keeps this key."""
        modifiers = event.modifiers()
        free = (
            not modifiers & Qt.KeyboardModifier.ControlModifier
            if self.shifted
            else not modifiers
        )
        return free and event.key() in self.keys


_ENTER = {Key.Key_Return, Key.Key_Enter}
_VERTICAL = {Key.Key_Up, Key.Key_Down}
_ENDS = {Key.Key_Home, Key.Key_End}
_ACROSS = {Key.Key_Left, Key.Key_Right}
_ZOOM = {Key.Key_Plus, Key.Key_Equal, Key.Key_Minus}
_PAGES = {Key.Key_PageUp, Key.Key_PageDown}
KEPT: dict[type[QWidget], Kept] = {
    QAbstractButton: Kept(frozenset({Key.Key_Space, *_ENTER}), shifted=True),
    QAbstractSlider: Kept(frozenset({*_ACROSS, *_VERTICAL, *_ENDS, *_PAGES}), shifted=True),
    QAbstractSpinBox: Kept(frozenset({*_ENTER, *_VERTICAL}), shifted=True),
    QComboBox: Kept(frozenset({Key.Key_Space, *_VERTICAL, *_ENDS})),
    QAbstractItemView: Kept(frozenset({*_ENTER, *_ENDS, *_ACROSS})),
    # A chart is moved and zoomed.
    QGraphicsView: Kept(frozenset({*_ACROSS, *_VERTICAL, *_ZOOM, Key.Key_Home}), shifted=True),
}
"""By kind of widget what it keeps."""


class FocusKeys(QObject):
    """Follows the focus, and lets the widget that has it keep its keys."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watched: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None:
            # It may be gone with its dialog.
            with contextlib.suppress(RuntimeError):
                self._watched.removeEventFilter(self)
        # The list of an open drop-down is left alone: Qt must hear of its Return first.
        drop_down = (
            isinstance(now, QAbstractItemView)
            and now.window().windowType() == Qt.WindowType.Popup
        )
        self._watched = now if isinstance(now, tuple(KEPT)) and not drop_down else None
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            for kind, kept in KEPT.items():
                if isinstance(watched, kind) and kept.has(event):
                    event.accept()
                    return True
        return super().eventFilter(watched, event)
