"""The menus, made from the table of actions, and the place in the menu bar's corner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu

from framesift_app import settings, theme
from framesift_app.actions import MENUS, TABLE
from framesift_app.strings import tr
from framesift_app.window.command_table import CommandTable


class Menus:
    """The window's menu bar."""

    def __init__(
        self,
        window: QMainWindow,
        commands: CommandTable,
        look: theme.Theme,
        open_project: Callable[[Path], None],
    ) -> None:
        self._bar, self._theme, self._open_project = window.menuBar(), look, open_project
        menus = {title: self._menu(tr(title), window) for title in MENUS}
        for entry in TABLE:
            if not entry.menu:
                continue
            menu = menus[entry.menu]
            if entry.line:
                menu.addSeparator()
            if entry.id == "reset_layout":
                self._panels = menu.addMenu(tr("&Panels"))
                self._fill_themes(menu.addMenu(tr("&Appearance")))
            menu.addAction(commands[entry.id])
            if entry.id == "open":
                self._recent = menu.addMenu(tr("Open &recent"))
                self._recent.aboutToShow.connect(self._fill_recent)
        self._place = QLabel()
        self._place.setContentsMargins(0, 0, 12, 0)
        self._place.setProperty("role", "muted")
        self._bar.setCornerWidget(self._place)

    def _menu(self, title: str, window: QMainWindow) -> QMenu:
        menu = QMenu(title, window)
        menu.setToolTipsVisible(True)
        self._bar.addMenu(menu)
        return menu

    def _fill_themes(self, menu: QMenu) -> None:
        for text, name in (
            (tr("As the &system"), "system"),
            (tr("&Light"), "light"),
            (tr("&Dark"), "dark"),
        ):
            menu.addAction(text, partial(self._theme.choose, name))

    def _fill_recent(self) -> None:
        self._recent.clear()
        for folder in settings.recent_projects():
            self._recent.addAction(str(folder), partial(self._open_project, folder))
        self._recent.setDisabled(self._recent.isEmpty())

    def set_panels(self, toggles: Iterable[QAction]) -> None:
        """Lists the actions that show and hide the panels."""
        self._panels.clear()
        self._panels.addActions(list(toggles))

    def set_place(self, words: str) -> None:
        """Says in the corner what is open."""
        if self._place.text() != words:
            self._place.setText(words)
            # A menu bar does not notice that its corner wants more room.
            self._bar.setCornerWidget(self._place)
