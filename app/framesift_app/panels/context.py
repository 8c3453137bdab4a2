"""Menus at the pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QMenu, QWidget

Entry = tuple[str, Callable[[], object]] | None
"""Words and what they do; None: a line between."""


def show_menu(widget: QWidget, at: QPoint, entries: Sequence[Entry]) -> QMenu:
    """Shows a menu at a point of a widget; it goes when something is chosen."""
    menu = QMenu(widget)
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        else:
            menu.addAction(entry[0]).triggered.connect(partial(_do, entry[1]))
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(widget.mapToGlobal(at))
    return menu


def with_menu(widget: QWidget, entries: Callable[[QPoint], Sequence[Entry]]) -> None:
    """Has a widget show the entries for a point of it when it is asked for its menu. A list, a
    tree or a table is given itself: of its viewport Qt asks for no menu."""
    ground = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget

    def show(at: QPoint) -> None:
        if isinstance(widget, QAbstractItemView):
            # Asked by its key, a view counts from its own corner, not from its viewport's.
            current = widget.visualRect(widget.currentIndex()).center()
            at = current if at == ground.mapTo(widget, current) else at
        if offered := entries(at):
            show_menu(ground, at, offered)

    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    widget.customContextMenuRequested.connect(show)


def _do(action: Callable[[], object], _checked: bool = False) -> None:
    action()
