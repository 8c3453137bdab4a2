"""Menus at the pointer, as somebody uses them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget


def chooses(
    widget: QWidget,
    at: QPoint,
    words: str,
    until: Any,
    why: QContextMenuEvent.Reason = QContextMenuEvent.Reason.Mouse,
) -> None:
    """Clicks an entry of the menu that comes where a widget is clicked with the right button:
    the window system then asks the widget at that point for it."""
    asked = QContextMenuEvent(why, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, asked)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(a for a in menu.actions() if a.text().startswith(words))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    until(lambda: QApplication.activePopupWidget() is None)
