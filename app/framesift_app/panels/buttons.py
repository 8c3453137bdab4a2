# ruff: noqa: N802 (names that Qt gave)
"""How the panels' controls behave and look: keys that a focused one needs for itself although
the window has a use for them too; buttons that show that they are on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QWidget

Key = Qt.Key
_SLIDER = {
    Key.Key_Left,
    Key.Key_Right,
    Key.Key_Up,
    Key.Key_Down,
    Key.Key_Home,
    Key.Key_End,
    Key.Key_PageUp,
    Key.Key_PageDown,
}
_SPIN = {Key.Key_Return, Key.Key_Enter, Key.Key_Up, Key.Key_Down}
_BUTTON = {Key.Key_Space, Key.Key_Return, Key.Key_Enter}


class _Keeper(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            kept = (
                _SLIDER
                if isinstance(watched, QAbstractSlider)
                else _SPIN
                if isinstance(watched, QAbstractSpinBox)
                else _BUTTON
                if isinstance(watched, QAbstractButton)
                else set()
            )
            if event.key() in kept and not (
                event.modifiers() & Qt.KeyboardModifier.ControlModifier
            ):
                event.accept()
                return True
        return super().eventFilter(watched, event)


def keep_keys(parent: QWidget) -> None:
    """Lets the sliders, number fields and buttons inside `parent` have their keys."""
    keeper = _Keeper(parent)
    for kind in (QAbstractSlider, QAbstractSpinBox, QAbstractButton):
        for widget in parent.findChildren(kind):
            widget.installEventFilter(keeper)


TOOLS = """
QToolButton { border: 1px solid palette(mid); border-radius: 4px; padding: 3px 4px; }
QToolButton:focus { border-color: palette(highlight); }
QToolButton:checked, QPushButton:checked { background: palette(highlight);
  color: palette(highlighted-text); border-color: palette(highlight); }
"""
FLAT = TOOLS.replace("1px solid palette(mid)", "1px solid transparent", 1)
"""For buttons in a bar, without edges until they are on."""
