"""Who carries out which action: the session, the workbench, or a dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from framesift_app.session import Session
from framesift_app.strings import tr
from framesift_app.window import actions
from framesift_app.window.layout import Layout


class Commands(Layout):
    """Carries out the actions of the table."""

    actions_by_id: dict[str, QAction]
    _after_open: list[Callable[[], None]]

    def trigger(self, name: str) -> None:
        """Carries an action of the table out."""
        if not actions.WHEN[actions.ENTRIES[name].when](self.session):
            return
        handler = getattr(self, f"_do_{name}", None)
        if handler is not None:
            handler()
        elif name in SESSION:
            SESSION[name](self.session)
        elif name == "fit_timeline":
            self.panels["timeline"].fit()
        elif self.panels:
            from framesift_app.workbench import GESTURES, Workbench

            GESTURES[name](Workbench.of(self.session))

    def action(self, name: str) -> QAction:
        """An action of the table."""
        return self.actions_by_id[name]

    def after_open(self, function: Callable[[], None]) -> None:
        """Calls a function once the project that is being opened is open."""
        self._after_open.append(function)

    def _do_new(self) -> None:
        self._new_with([])

    def _new_with(self, footage: Sequence[Path]) -> None:
        from framesift_app.dialogs.new_project import NewProjectDialog

        dialog = NewProjectDialog(self.session, self, footage)
        dialog.chosen.connect(self._new)
        dialog.show()

    def _new(self, wanted: Any) -> None:
        session = self.session

        def sample(kind: str, _: Any) -> None:
            if kind == "add":
                session.jobs.finished.disconnect(sample)
                if wanted.sample:
                    session.footage.sample_evaluation(wanted.sample)

        def opened() -> None:
            if wanted.footage:
                session.jobs.finished.connect(sample)
                session.footage.add(wanted.footage)

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
            self.session.footage.add(names)

    def _do_add_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Add a folder"))
        if name:
            self.session.footage.add([name])

    def _do_add_evaluation(self) -> None:
        names = QFileDialog.getOpenFileNames(self, tr("Add footage to measure by"))[0]
        if names:
            self.session.footage.add(names, evaluation=True)

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

    def _do_documentation(self) -> None:
        from framesift_app.dialogs.documentation import open_documentation

        open_documentation(self)

    def _do_system(self) -> None:
        from framesift_app.dialogs.system import SystemDialog

        SystemDialog(self.session, self).show()

    def _do_licences(self) -> None:
        from framesift_app.dialogs.licences import LicencesDialog

        LicencesDialog(self.session, self).show()

    def _do_about(self) -> None:
        from framesift_app.dialogs.about import AboutDialog

        about = AboutDialog(self)
        about.licences.connect(self._do_licences)
        about.show()

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

    def _do_detector(self) -> None:
        from framesift_app.dialogs.detector import DetectorDialog

        DetectorDialog(self.session, self).show()

    def _do_plan(self) -> None:
        from framesift_app.dialogs.plan import PlanDialog

        PlanDialog(self.session, self).show()

    def _do_sample(self) -> None:
        from framesift_app.dialogs.sample import SampleDialog

        SampleDialog(self.session, self).show()

    def _do_choose(self) -> None:
        self.session.selection.choose_next(not self.session.selection.choosing)

    def _do_measuring(self) -> None:
        self.session.picks.measure(not self.session.picks.measuring)

    def _do_report(self) -> None:
        from framesift_app.desktop import open_with_desktop

        path = self.session.reports.latest()
        if path is None:
            self.session.messages.told.emit(
                tr("There is no report yet; measure the detector first.")
            )
        else:
            open_with_desktop(path)


SESSION: dict[str, Callable[[Session], None]] = {
    "close": lambda session: session.close_project(),
    "undo": lambda session: session.journal.undo(),
    "redo": lambda session: session.journal.redo(),
    "take": lambda session: session.picks.take(),
    "next": lambda session: session.picks.next(),
    "previous": lambda session: session.picks.previous(),
    "measure": lambda session: session.detector.evaluate(),
    "write_report": lambda session: session.reports.write(),
}
"""What the session does by itself."""


def demo_folder() -> Path:
    """Where the demo project lies."""
    from platformdirs import user_data_path

    return user_data_path("framesift", appauthor=False) / "demo"
