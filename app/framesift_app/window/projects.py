"""Making and opening projects, and adding footage: what the window asks for files about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from framesift_app import settings
from framesift_app.session import Session
from framesift_app.strings import tr

if TYPE_CHECKING:
    from framesift.video import Choices
    from framesift_app.dialogs.new_project import NewProject


class Projects:
    """Asks for folders and files, and hands them to the session."""

    def __init__(self, window: QWidget, session: Session) -> None:
        self._window, self._session = window, session
        self._after_open: list[Callable[[], None]] = []

    def commands(self) -> dict[str, Callable[[], None]]:
        """What is done here, by the action's id."""
        return {
            "new": self.make,
            "open": self.ask_and_open,
            "demo": self.open_demo,
            "add": self.add_files,
            "add_folder": self.add_folder,
            "add_read": self.add_read,
            "add_evaluation": self.add_evaluation,
        }

    # Projects

    def after_open(self, function: Callable[[], None]) -> None:
        """Calls a function once the project that is being opened is open."""
        self._after_open.append(function)

    def opened(self) -> None:
        """Calls what waited for the project; the window says when it is ready."""
        waiting, self._after_open = self._after_open, []
        for function in waiting:
            function()

    def make(self, footage: Sequence[Path] = ()) -> None:
        """Asks what project to make, of some footage."""
        from framesift_app.dialogs.new_project import NewProjectDialog

        dialog = NewProjectDialog(self._session, self._window, footage)
        dialog.chosen.connect(self._make)
        dialog.show()

    def _make(self, asked: NewProject) -> None:
        session = self._session

        def added(kind: str, _: object) -> None:
            if kind == "add":
                session.jobs.finished.disconnect(added)
                if asked.sample:
                    session.footage.sample_evaluation(asked.sample)

        def opened() -> None:
            if asked.footage:
                session.jobs.finished.connect(added)
                session.footage.add(asked.footage, reading=asked.reading)

        self._after_open = [opened]
        session.new_project(asked.folder, asked.classes, asked.detector)

    def ask_and_open(self) -> None:
        """Asks for a project's folder and opens it."""
        folder = QFileDialog.getExistingDirectory(self._window, tr("Open a project"))
        if folder:
            self.open(Path(folder))

    def open(self, folder: Path) -> None:
        """Opens a project."""
        self._after_open = []
        self._session.open_project(folder)

    def open_demo(self) -> None:
        """Opens the demo; the first time, it is drawn and scored."""
        from framesift_app.dialogs.new_project import default_detector

        self._after_open = []
        self._session.open_demo(demo_folder(), default_detector())

    # Footage

    def add_files(self) -> None:
        """Asks for videos to add."""
        names = QFileDialog.getOpenFileNames(self._window, tr("Add footage"))[0]
        self._add([Path(name) for name in names])

    def add_folder(self) -> None:
        """Asks for a folder to add."""
        name = QFileDialog.getExistingDirectory(self._window, tr("Add a folder"))
        self._add([Path(name)] if name else [])

    def add_evaluation(self) -> None:
        """Asks for videos that are only ever measured on."""
        names = QFileDialog.getOpenFileNames(
            self._window, tr("Add footage to the measuring set")
        )[0]
        self._add([Path(name) for name in names], evaluation=True)

    def add_read(self) -> None:
        """Asks for footage, and how it is read."""
        self._ask((), False)

    def _add(self, paths: Sequence[Path], evaluation: bool = False) -> None:
        """Adds footage; where files leave something open, it is asked first."""

        def known(every: list[Choices]) -> None:
            if every:
                self._ask(paths, evaluation)
            else:
                self._session.footage.add(paths, evaluation)

        if paths:
            self._session.footage.ask_about(paths, known)

    def _ask(self, paths: Sequence[Path], evaluation: bool) -> None:
        from framesift_app.dialogs.add_footage import AddFootageDialog

        AddFootageDialog(self._session, self._window, paths, evaluation).show()

    def drop(self, paths: Sequence[Path]) -> None:
        """Takes what was dropped on the window: a project to open, or footage."""
        if len(paths) == 1 and settings.holds_project(paths[0]):
            self.open(paths[0])
        elif self._session.folder is None:
            self.make(paths)
        else:
            self._add(paths)


def demo_folder() -> Path:
    """Where the demo project lies."""
    from platformdirs import user_data_path

    return user_data_path("framesift", appauthor=False) / "demo"
