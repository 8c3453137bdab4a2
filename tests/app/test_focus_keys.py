"""Keys that a widget with the focus needs for itself, though the window has a use for them."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QGraphicsView,
    QListWidget,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from framesift_app.window.focus_keys import FocusKeys

Key, Modifier = Qt.Key, Qt.KeyboardModifier
NONE, SHIFT, CTRL = Modifier.NoModifier, Modifier.ShiftModifier, Modifier.ControlModifier


def _keeps(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier) -> bool:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


@pytest.mark.parametrize(
    ("kind", "kept", "left"),
    [
        (QPushButton, [(Key.Key_Space, NONE), (Key.Key_Return, SHIFT)], [(Key.Key_N, NONE)]),
        (QSlider, [(Key.Key_Left, SHIFT), (Key.Key_PageUp, NONE)], [(Key.Key_Left, CTRL)]),
        (QSpinBox, [(Key.Key_Up, NONE), (Key.Key_Return, NONE)], [(Key.Key_Return, CTRL)]),
        (QComboBox, [(Key.Key_Down, NONE)], [(Key.Key_Down, SHIFT), (Key.Key_Left, NONE)]),
        (QGraphicsView, [(Key.Key_Left, NONE), (Key.Key_Plus, SHIFT)], [(Key.Key_N, NONE)]),
        (QListWidget, [(Key.Key_Return, NONE)], [(Key.Key_Return, SHIFT)]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
@pytest.mark.parametrize("popup", [False, True])
def test_a_widget_with_the_focus_keeps_its_keys(
    kind: type[QWidget], kept: Any, left: Any, popup: bool, qtbot: Any
) -> None:
    window = QFrame(None, Qt.WindowType.Popup if popup else Qt.WindowType.Window)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    widget, other = kind(), QSlider()
    column.addWidget(widget)
    column.addWidget(other)
    keys = FocusKeys(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    other.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is other)
    before = [_keeps(widget, *key) for key in kept]
    widget.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is widget)
    # The list of an open drop-down must get its Return from Qt first.
    drop_down = popup and kind is QListWidget
    assert [_keeps(widget, *key) for key in kept] == [not drop_down] * len(kept)
    assert not any(_keeps(widget, *key) for key in left)
    other.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is other)
    assert [_keeps(widget, *key) for key in kept] == before
    assert keys.parent() is window
