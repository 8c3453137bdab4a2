# ruff: noqa: N802 (names that Qt gave)
"""Keys that belong to a widget with the focus before they belong to the window."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QWidget,
)

Key = Qt.Key
KEPT: dict[type[QWidget], frozenset[Qt.Key]] = {
    QAbstractButton: frozenset({Key.Key_Space, Key.Key_Return, Key.Key_Enter}),
    QAbstractSlider: frozenset({Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_End}),
    QComboBox: frozenset({Key.Key_Space, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End}),
    QAbstractItemView: frozenset(
        {
            Key.Key_Return,
            Key.Key_Enter,
            Key.Key_Home,
            Key.Key_End,
            Key.Key_Left,
            Key.Key_Right,
        }
    ),
}
"""By kind of widget, the keys that it keeps for itself."""


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
        lists = now is not None and now.window().windowType() == Qt.WindowType.Popup
        self._watched = now if isinstance(now, tuple(KEPT)) and not lists else None
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            for kind, keys in KEPT.items():
                if isinstance(watched, kind) and event.key() in keys and not event.modifiers():
                    event.accept()
                    return True
        return super().eventFilter(watched, event)
