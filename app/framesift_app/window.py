"""The main window: menus, docks, and who answers for which action."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDockWidget,
    QFileDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QStatusBar,
    QVBoxLayout,
    QWidget,
)

from framesift_app import actions, settings, theme
from framesift_app.dialogs.details import NoticeBar
from framesift_app.panels.jobs_strip import JobsStrip
from framesift_app.panels.welcome import WelcomePage
from framesift_app.session import Session
from framesift_app.strings import tr

LAYOUT_VERSION = 2
FOCUS_KEEPS = {
    QAbstractButton: {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter},
    QAbstractSlider: {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End},
    QComboBox: {Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home,
                Qt.Key.Key_End},
    QAbstractItemView: {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Home, Qt.Key.Key_End,
                        Qt.Key.Key_Left, Qt.Key.Key_Right},
}
"""Keys that belong to a widget with the focus before they belong to the window."""


class MainWindow(QMainWindow):
    """The window. `project`: a folder to open at once."""

    def __init__(self, project: str | Path | None = None) -> None:
        super().__init__()
        theme.apply()
        self.setObjectName("main")
        self.setWindowTitle("Framesift")
        self.setWindowIcon(theme.icon("framesift"))
        self.resize(1440, 900)
        self.setDockNestingEnabled(True)
        self.setAcceptDrops(False)
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
        QTimer.singleShot(0, self.session, self.session.warm_up)

    # Making

    def _make_centre(self) -> None:
        self.notice = NoticeBar()
        self.welcome = WelcomePage(self.trigger)
        self.welcome.opened.connect(self.session.open_project)
        self.welcome.dropped.connect(self._new_with)
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

    def build_panels(self) -> None:
        """Makes the docks; once, when a project is opened for the first time."""
        if self.docks:
            return
        from framesift_app.panels.cycles import CyclesPanel
        from framesift_app.panels.footage import FootagePanel
        from framesift_app.panels.gallery import GalleryPanel
        from framesift_app.panels.labels import LabelsPanel
        from framesift_app.panels.timeline import TimelinePanel
        from framesift_app.panels.training import TrainingPanel
        from framesift_app.panels.viewer import ViewerPanel

        session = self.session
        viewer = ViewerPanel(session)
        self.panels["viewer"] = viewer
        self._stack.addWidget(viewer)
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        right = Qt.DockWidgetArea.RightDockWidgetArea
        for name, title, panel, area in (
                ("footage", tr("Footage"), FootagePanel(session, self.trigger), left),
                ("cycles", tr("Cycles"), CyclesPanel(session, self.trigger), left),
                ("training", tr("Training"), TrainingPanel(session, self.trigger), left),
                ("gallery", tr("Picks"), GalleryPanel(session), right),
                ("labels", tr("Labels"), LabelsPanel(session), right),
                ("timeline", tr("Timeline"), TimelinePanel(session),
                 Qt.DockWidgetArea.BottomDockWidgetArea)):
            dock = QDockWidget(title, self)
            dock.setObjectName(name)
            dock.setWidget(panel)
            self.docks[name], self.panels[name] = dock, panel
            self.addDockWidget(area, dock)
            dock.hide()
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            self.setCorner(corner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self._fill_view_menu()

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
        for text, name in ((tr("As the &system"), "system"), (tr("&Light"), "light"),
                           (tr("&Dark"), "dark")):
            menu.addAction(text, lambda which=name: self._choose_theme(which))

    def _choose_theme(self, name: str) -> None:
        settings.put("theme", name)
        theme.apply()

    def _fill_view_menu(self) -> None:
        for dock in self.docks.values():
            self._docks_menu.addAction(dock.toggleViewAction())

    def _fill_recent(self) -> None:
        self._recent.clear()
        for folder in settings.recent_projects():
            self._recent.addAction(str(folder),
                                   lambda where=folder: self.session.open_project(where))
        self._recent.setDisabled(self._recent.isEmpty())

    def _connect(self) -> None:
        session = self.session
        session.failed.connect(self.notice.say)
        session.projectChanged.connect(self._project_changed)
        for signal in (session.footageChanged, session.selectionChanged,
                       session.playheadChanged, session.cyclesChanged,
                       session.historyChanged, session.jobsChanged,
                       session.currentPickChanged):
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
            self.build_panels()
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
        for name, text, word in (("undo", session.undo_text, tr("&Undo")),
                                 ("redo", session.redo_text, tr("&Redo"))):
            self.actions_by_id[name].setText(f"{word}: {text}" if text else word)
        self.actions_by_id["choose"].setChecked(session.choosing)
        self.actions_by_id["measuring"].setChecked(session.measuring)
        done = sum(pick.state != "todo" for pick in session.picks)
        if "gallery" in self.docks:
            self.docks["gallery"].setWindowTitle(
                tr("Picks {0}/{1}", done, len(session.picks)) if session.picks else tr("Picks"))
        self._where.setText(self._place())
        self.setWindowTitle(f"{session.project_name} – Framesift" if session.project_name
                            else "Framesift")

    def _place(self) -> str:
        session = self.session
        if session.project_name is None:
            return ""
        if not session.cycles:
            return session.project_name
        return tr("{0} · cycle {1}", session.project_name, session.cycles[-1].number)

    # The layout

    def reset_layout(self) -> None:
        """Every panel where it belongs, at its size."""
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        right = Qt.DockWidgetArea.RightDockWidgetArea
        for name, dock in self.docks.items():
            dock.setFloating(False)
            area = {"gallery": right, "labels": right,
                    "timeline": Qt.DockWidgetArea.BottomDockWidgetArea}.get(name, left)
            self.addDockWidget(area, dock)
            dock.show()
        if not self.docks:
            return
        d = self.docks
        self.splitDockWidget(d["footage"], d["cycles"], Qt.Orientation.Vertical)
        self.tabifyDockWidget(d["cycles"], d["training"])
        self.splitDockWidget(d["gallery"], d["labels"], Qt.Orientation.Vertical)
        d["cycles"].raise_()
        width, height = self.width(), self.height()
        self.resizeDocks([d["footage"], d["gallery"]], [max(240, width // 6)] * 2,
                         Qt.Orientation.Horizontal)
        self.resizeDocks([d["timeline"]], [max(220, height // 4)], Qt.Orientation.Vertical)
        self.resizeDocks([d["footage"], d["cycles"]], [height // 5, height // 2],
                         Qt.Orientation.Vertical)
        self.resizeDocks([d["gallery"], d["labels"]], [height // 2, height // 4],
                         Qt.Orientation.Vertical)

    def _save_layout(self) -> None:
        if self._laid_out:
            settings.put("window/geometry", self.saveGeometry())
            settings.put("window/state", self.saveState(LAYOUT_VERSION))

    def _restore_layout(self) -> bool:
        state = settings.get("window/state")
        if not isinstance(state, QByteArray) or not self.restoreState(state, LAYOUT_VERSION):
            return False
        return any(dock.isVisibleTo(self) for dock in self.docks.values())

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
                if isinstance(watched, kind) and event.key() in keys \
                        and not event.modifiers():
                    event.accept()
                    return True
        return super().eventFilter(watched, event)

    # Doing

    def trigger(self, name: str) -> None:
        """Carries an action of the table out."""
        action = self.actions_by_id[name]
        if not action.isEnabled():
            return
        handler = getattr(self, f"_do_{name}", None)
        if handler is not None:
            handler()
        elif name in SESSION:
            SESSION[name](self.session)
        elif name == "fit_timeline":
            self.panels["timeline"].fit()
        elif self.panels:
            from framesift_app.workbench import Workbench

            bench = Workbench.of(self.session)
            if name.startswith("class_"):
                bench.digit(int(name.removeprefix("class_")))
            elif name in STEPS:
                bench.step(STEPS[name])
            else:
                getattr(bench, WORKBENCH[name])()

    def action(self, name: str) -> QAction:
        """An action of the table."""
        return self.actions_by_id[name]

    def _then(self, function: Callable[[], None]) -> None:
        self._after_open.append(function)

    def _do_new(self) -> None:
        self._new_with([])

    def _new_with(self, footage: Sequence[Path]) -> None:
        from framesift_app.dialogs.new_project import NewProjectDialog

        dialog = NewProjectDialog(self, footage)
        dialog.chosen.connect(self._new)
        dialog.show()

    def _new(self, wanted: Any) -> None:
        session = self.session

        def sample(kind: str, _: Any) -> None:
            if kind == "add":
                session.finished.disconnect(sample)
                if wanted.sample:
                    session.sample_evaluation(wanted.sample)

        def opened() -> None:
            if wanted.footage:
                session.finished.connect(sample)
                session.add_footage(wanted.footage)

        self._after_open = [opened]
        session.new_project(wanted.folder, wanted.classes, wanted.detector)

    def _do_open(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Open a project"))
        if folder:
            self._after_open = []
            self.session.open_project(folder)

    def _do_demo(self) -> None:
        from framesift_app.dialogs.new_project import default_detector

        self._after_open = []
        self.session.open_demo(demo_folder(), default_detector())

    def _do_add(self) -> None:
        names = QFileDialog.getOpenFileNames(self, tr("Add footage"))[0]
        if names:
            self.session.add_footage(names)

    def _do_add_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Add a folder"))
        if name:
            self.session.add_footage([name])

    def _do_add_evaluation(self) -> None:
        names = QFileDialog.getOpenFileNames(self, tr("Add footage to measure by"))[0]
        if names:
            self.session.add_footage(names, evaluation=True)

    def _do_import(self) -> None:
        from framesift_app.dialogs.exchange import ImportDialog

        ImportDialog(self.session, self).show()

    def _do_export(self) -> None:
        from framesift_app.dialogs.exchange import ExportDialog

        ExportDialog(self.session, self).show()

    def _do_settings(self) -> None:
        from framesift_app.dialogs.preferences import SettingsDialog

        SettingsDialog(lambda: actions.apply_keys(self.actions_by_id), self).show()

    def _do_keys(self) -> None:
        from framesift_app.dialogs.preferences import KeysDialog

        KeysDialog(self).show()

    def _do_about(self) -> None:
        from framesift_app.dialogs.about import AboutDialog

        AboutDialog(self).show()

    def _do_quit(self) -> None:
        self.close()

    def _do_reset_layout(self) -> None:
        self.reset_layout()

    def _do_score(self) -> None:
        from framesift_app.dialogs.scoring import ScoreDialog

        ScoreDialog(self.session, self).show()

    def _do_train(self) -> None:
        from framesift_app.dialogs.train import TrainDialog

        TrainDialog(self.session, self).show()
        if "training" in self.docks:
            self.docks["training"].raise_()

    def _do_plan(self) -> None:
        from framesift_app.dialogs.plan import PlanDialog

        PlanDialog(self.session, self).show()

    def _do_sample(self) -> None:
        from framesift_app.dialogs.sample import SampleDialog

        SampleDialog(self.session, self).show()

    def _do_choose(self) -> None:
        self.session.choose_next(not self.session.choosing)

    def _do_measuring(self) -> None:
        self.session.measure(not self.session.measuring)

    def _do_report(self) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        path = self.session.latest_report()
        if path is None:
            self.session.told.emit(tr("There is no report yet; measure the detector first."))
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt)
        self._save_layout()
        self.session.close()
        super().closeEvent(event)


SESSION: dict[str, Callable[[Session], Any]] = {
    "close": Session.close_project,
    "undo": Session.undo,
    "redo": Session.redo,
    "take": Session.take_picks,
    "next": Session.next_pick,
    "previous": Session.previous_pick,
    "measure": Session.evaluate,
}
"""What the session does by itself."""

STEPS = {"back": -1, "forward": 1, "back_10": -10, "forward_10": 10}

WORKBENCH = {
    "draw": "toggle_draw", "centre": "toggle_centre", "delete": "delete",
    "ignore": "toggle_ignore", "occluded": "toggle_occluded", "truncated": "toggle_truncated",
    "next_box": "next_box", "previous_box": "previous_box", "accept": "accept",
    "accept_all": "accept_all", "reject": "reject", "reject_all": "reject_all",
    "nothing": "nothing", "skip": "skip", "copy_last": "copy_last", "play": "toggle_play",
    "play_around": "play_around", "first": "home", "last": "end", "go_to": "go_to_frame",
    "heat": "toggle_heat", "boxes": "toggle_boxes", "maxima": "toggle_maxima", "fit": "fit",
    "zoom_in": "zoom_in", "zoom_out": "zoom_out", "add_pick": "add_pick", "drop": "drop_pick",
    "mask": "begin_mask",
}
"""What the workbench does, by the name of its method."""


def demo_folder() -> Path:
    """Where the demo project lies."""
    from platformdirs import user_data_path

    return user_data_path("framesift", appauthor=False) / "demo"
