"""The main window: menus, docks, and who answers for which action."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QMenu,
    QStackedWidget,
    QStatusBar,
    QVBoxLayout,
    QWidget,
)

from framesift_app import settings
from framesift_app.dialogs.details import NoticeBar
from framesift_app.panels.jobs_strip import JobsStrip
from framesift_app.panels.welcome import WelcomePage
from framesift_app.session import Session
from framesift_app.strings import tr, trf
from framesift_app.window import actions, theme
from framesift_app.window.commands import Commands

FOCUS_KEEPS = {
    QAbstractButton: {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter},
    QAbstractSlider: {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End},
    QComboBox: {
        Qt.Key.Key_Space,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    },
    QAbstractItemView: {
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
    },
}
"""Keys that belong to a widget with the focus before they belong to the window."""


class MainWindow(Commands):
    """The window. `project`: a folder to open at once."""

    def __init__(self, project: str | Path | None = None) -> None:
        super().__init__()
        theme.apply()
        self.setObjectName("main")
        self.setWindowTitle("Framesift")
        self.setWindowIcon(theme.icon("framesift"))
        self.resize(1440, 900)
        self.setDockNestingEnabled(True)
        self.setAcceptDrops(True)
        self.session = Session()
        self.actions_by_id = actions.make_actions(self, self.trigger)
        self.docks: dict[str, QDockWidget] = {}
        self.panels: dict[str, Any] = {}
        self._after_open: list[Callable[[], None]] = []
        self._laid_out = False
        self._watched: QWidget | None = None
        self._make_centre()
        self._make_menus()
        self._connect()
        self._refresh()
        if project is not None:
            self.session.open_project(project)
        # Once the window has been painted: importing torch takes the interpreter for itself.
        QTimer.singleShot(300, self.session, self.session.warm_up)

    # Making

    def _make_centre(self) -> None:
        self.notice = NoticeBar()
        self.welcome = WelcomePage(self.trigger)
        self.welcome.opened.connect(self.session.open_project)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(centre)
        self.strip = JobsStrip(self.session)
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.addPermanentWidget(self.strip, 1)
        self.setStatusBar(bar)

    def _make_menus(self) -> None:
        self._menus: dict[str, QMenu] = {}
        bar = self.menuBar()
        for title in actions.MENUS:
            menu = QMenu(actions.translated(title), self)
            menu.setToolTipsVisible(True)
            bar.addMenu(menu)
            self._menus[title] = menu
        for entry in actions.TABLE:
            if not entry.menu:
                continue
            menu = self._menus[entry.menu]
            if entry.line:
                menu.addSeparator()
            if entry.id == "reset_layout":
                self._docks_menu = menu.addMenu(tr("&Panels"))
                self._themes_menu(menu.addMenu(tr("&Appearance")))
            menu.addAction(self.actions_by_id[entry.id])
            if entry.id == "open":
                self._recent = menu.addMenu(tr("Open &recent"))
                self._recent.aboutToShow.connect(self._fill_recent)
        self._where = QLabel()
        self._where.setContentsMargins(0, 0, 12, 0)
        self._where.setProperty("role", "muted")
        bar.setCornerWidget(self._where)

    def _themes_menu(self, menu: QMenu) -> None:
        for text, name in (
            (tr("As the &system"), "system"),
            (tr("&Light"), "light"),
            (tr("&Dark"), "dark"),
        ):
            menu.addAction(text, partial(self._choose_theme, name))

    def _choose_theme(self, name: str) -> None:
        settings.put("theme", name)
        theme.apply()

    def _fill_view_menu(self) -> None:
        for dock in self.docks.values():
            self._docks_menu.addAction(dock.toggleViewAction())

    def _fill_recent(self) -> None:
        self._recent.clear()
        for folder in settings.recent_projects():
            self._recent.addAction(str(folder), partial(self.session.open_project, folder))
        self._recent.setDisabled(self._recent.isEmpty())

    def _connect(self) -> None:
        session = self.session
        session.messages.failed.connect(self.notice.say)
        session.projectChanged.connect(self._project_changed)
        for signal in (
            session.footage.changed,
            session.picks.changed,
            session.playhead.moved,
            session.cycles.changed,
            session.journal.changed,
            session.jobs.changed,
            session.picks.currentChanged,
        ):
            signal.connect(self._refresh_soon)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(30)
        self._soon.timeout.connect(self._refresh)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
            app.styleHints().colorSchemeChanged.connect(self._system_theme)

    def _system_theme(self) -> None:
        if theme.chosen() == "system":
            theme.apply()

    # What is shown

    def _project_changed(self) -> None:
        self.notice.hide()
        if self.session.folder is None:
            self._save_layout()
            for dock in self.docks.values():
                dock.hide()
            self._stack.setCurrentIndex(0)
            self.welcome.refresh()
            self._laid_out = False
        else:
            if not self.docks:
                self.build_panels()
                self._fill_view_menu()
            self._stack.setCurrentWidget(self.panels["viewer"])
            if not self._laid_out:
                self._laid_out = True
                if not self._restore_layout():
                    self.reset_layout()
            waiting, self._after_open = self._after_open, []
            for function in waiting:
                function()
        self._refresh()

    def _refresh_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _refresh(self) -> None:
        session = self.session
        actions.enable(self.actions_by_id, session)
        for name, text, word in (
            ("undo", session.journal.undo_text, tr("&Undo")),
            ("redo", session.journal.redo_text, tr("&Redo")),
        ):
            self.actions_by_id[name].setText(f"{word}: {text}" if text else word)
        self.actions_by_id["choose"].setChecked(session.selection.choosing)
        self.actions_by_id["measuring"].setChecked(session.picks.measuring)
        if self._where.text() != (place := self._place()):
            self._where.setText(place)
            # A menu bar does not notice that its corner wants more room.
            self.menuBar().setCornerWidget(self._where)
        self.setWindowTitle(
            f"{session.project_name} – Framesift" if session.project_name else "Framesift"
        )

    def _place(self) -> str:
        session = self.session
        if session.project_name is None:
            return ""
        if not session.cycles.all:
            return session.project_name
        return trf("{0} · cycle {1}", session.project_name, session.cycles.all[-1].number)

    # Keys

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None:
            with contextlib.suppress(RuntimeError):
                self._watched.removeEventFilter(self)
        self._watched = now if isinstance(now, tuple(FOCUS_KEEPS)) else None
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt)
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            for kind, keys in FOCUS_KEEPS.items():
                if isinstance(watched, kind) and event.key() in keys and not event.modifiers():
                    event.accept()
                    return True
        return super().eventFilter(watched, event)

    # Footage is dropped anywhere

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt)
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt)
        paths = [
            Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()
        ]
        if not paths:
            return
        event.acceptProposedAction()
        if len(paths) == 1 and settings.holds_project(paths[0]):
            self.session.open_project(paths[0])
        elif self.session.folder is None:
            self._new_with(paths)
        else:
            self.session.footage.add(paths)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt)
        self._save_layout()
        self.session.close()
        super().closeEvent(event)
