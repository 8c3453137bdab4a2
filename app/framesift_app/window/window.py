# ruff: noqa: N802 (names that Qt gave)
"""The main window: its parts, brought together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QStatusBar, QVBoxLayout, QWidget

from framesift_app import settings, theme
from framesift_app.dialogs.details import NoticeBar
from framesift_app.panels.jobs_strip import JobsStrip
from framesift_app.panels.tour import Tour
from framesift_app.panels.welcome import WelcomePage
from framesift_app.session import Session
from framesift_app.strings import trf
from framesift_app.window.command_table import CommandTable
from framesift_app.window.dialog_commands import DialogCommands
from framesift_app.window.dock_layout import DockLayout
from framesift_app.window.focus_keys import FocusKeys
from framesift_app.window.menus import Menus
from framesift_app.window.projects import Projects
from framesift_app.window.session_commands import session_commands

WARM_UP_MS = 300
REFRESH_MS = 30
"""Changes that come together are shown together."""


TOUR_DONE = "tour/done"
FIRST = QSize(1440, 900)
FRAME = QSize(16, 48)
"""What a window's frame takes, about."""


def _fitting(window: QWidget) -> QSize:
    """The size of the first window: inside the screen, its frame too."""
    return FIRST.boundedTo(window.screen().availableGeometry().size() - FRAME)


class MainWindow(QMainWindow):
    """Has a session, a table of commands, docks, menus and a theme. `project`: a folder to
    open at once."""

    def __init__(self, project: str | Path | None = None) -> None:
        super().__init__()
        self.theme = theme.current()
        self.theme.apply()
        self.setObjectName("main")
        self.setWindowTitle("Framesift")
        self.setWindowIcon(theme.icon("framesift"))
        self.resize(_fitting(self))
        self.setDockNestingEnabled(True)
        self.setAcceptDrops(True)
        self.session = Session()
        self.docks = DockLayout(self, self.session, self.trigger)
        self.projects = Projects(self, self.session)
        self.commands = CommandTable(self, self.session, self._handlers())
        self.menus = Menus(self, self.commands, self.theme, self.projects.open)
        self._focus_keys = FocusKeys(self)
        self._make_centre()
        self._connect()
        self._refresh()
        if project is not None:
            self.session.open_project(project)
        # Once the window has been painted: importing torch takes the interpreter for itself.
        # The panels of the first project wait for pyqtgraph.
        QTimer.singleShot(WARM_UP_MS, self.session, lambda: self.session.warm_up("pyqtgraph"))

    def toggle_full_screen(self) -> None:
        """The whole screen for the window, or not."""
        full = not self.isFullScreen()
        self.setWindowState(
            self.windowState() | Qt.WindowState.WindowFullScreen
            if full
            else self.windowState() & ~Qt.WindowState.WindowFullScreen
        )
        self.commands["full_screen"].setChecked(full)

    def trigger(self, name: str) -> None:
        """Carries an action of the table out, where it makes sense now."""
        self.commands.trigger(name)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        dialogs = DialogCommands(self, self.session, lambda: self.commands.apply_keys())

        def train() -> None:
            dialogs.train()
            self.docks.raise_panel("training")

        def check() -> None:
            self.session.checking.start()
            self._show_panel("check")

        return {
            **session_commands(self.session),
            **self.projects.commands(),
            **dialogs.commands(),
            "demo": self._open_demo,
            "tour": lambda: self.tour.begin(),
            "train": train,
            "check": check,
            "fit_timeline": lambda: self.docks.panels.timeline.fit(),
            "reset_layout": self.docks.reset,
            "full_screen": self.toggle_full_screen,
            "quit": self.close,
        }

    def _open_demo(self) -> None:
        """Opens the demo; to whoever never saw it, with the tour."""
        self.projects.open_demo()
        if settings.get(TOUR_DONE) is None:
            self.projects.after_open(self.tour.begin)

    def _show_panel(self, name: str) -> None:
        self.docks[name].show()
        self.docks.raise_panel(name)

    def _make_centre(self) -> None:
        self.notice = NoticeBar()
        self.tour = Tour(self._show_panel)
        self.tour.ended.connect(lambda: settings.put(TOUR_DONE, True))
        self.welcome = WelcomePage(self.trigger)
        self.welcome.opened.connect(self.projects.open)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.tour)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(centre)
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.addPermanentWidget(JobsStrip(self.session), 1)
        self.setStatusBar(bar)

    def _connect(self) -> None:
        session = self.session
        session.messages.noticed.connect(self.notice.say)
        session.messages.mended.connect(self.notice.mend)
        session.projectChanged.connect(self._project_changed)
        for signal in (session.frames.alikeFound, session.frames.chosenFound):
            signal.connect(lambda: self._show_panel("frames"))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REFRESH_MS)
        self._soon.timeout.connect(self._refresh)
        for signal in (
            session.footage.changed,
            session.picks.changed,
            session.playhead.moved,
            session.cycles.changed,
            session.journal.changed,
            session.jobs.changed,
            session.picks.currentChanged,
            session.checking.changed,
        ):
            signal.connect(self._refresh_soon)

    # What is shown

    def _project_changed(self) -> None:
        self.notice.clear()
        self.tour.hide()
        if self.session.folder is None:
            self.docks.hide()
            self._stack.setCurrentWidget(self.welcome)
            self.welcome.refresh()
        else:
            viewer = self.docks.panels.viewer
            if self._stack.indexOf(viewer) < 0:
                self._stack.addWidget(viewer)
                self.menus.set_panels(self.docks.toggles())
            self._stack.setCurrentWidget(viewer)
            self.docks.show()
            self.projects.opened()
        self._refresh()

    def _refresh_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _refresh(self) -> None:
        name = self.session.project_name
        self.commands.refresh()
        self.menus.set_place(self._place())
        self.setWindowTitle(f"{name} – Framesift" if name else "Framesift")

    def _place(self) -> str:
        name, cycles = self.session.project_name, self.session.cycles.all
        if name is None or not cycles:
            return name or ""
        return trf("{0} · cycle {1}", name, cycles[-1].number)

    def event(self, event: QEvent) -> bool:
        # A key that is quicker than the refresh finds its action as it is now. It comes here
        # before it becomes a shortcut.
        if event.type() == QEvent.Type.ShortcutOverride and self._soon.isActive():
            self._soon.stop()
            self._refresh()
        return super().event(event)

    # Footage is dropped anywhere

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.projects.drop(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.docks.save()
        self.session.close()
        super().closeEvent(event)
