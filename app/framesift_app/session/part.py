"""The open project as the parts of the Session hold it, and what every part answers for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject

from framesift.errors import InputError
from framesift_app.workers.project_thread import ProjectThread, Scored

if TYPE_CHECKING:
    from framesift.project import Project

T = TypeVar("T")


class OpenProject:
    """One opening of a project, until it is closed; who asked hears nothing after that."""

    def __init__(
        self, thread: ProjectThread, folder: Path, fail: Callable[[BaseException], None]
    ) -> None:
        self.folder = folder
        self._thread, self._fail = thread, fail
        self._open = True

    def end(self) -> None:
        """Nothing is asked any more, and no answer is heard."""
        self._open = False

    def ask(
        self,
        function: Callable[[Project], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Runs a function of the project, on its thread; its error becomes a sentence."""

        def run(project: Project) -> T:
            # Between the opening of the next project and the news of it.
            if project.folder != self.folder:
                raise InputError("Another project has been opened; nothing was changed.")
            return function(project)

        if self._open:
            self._thread.ask(run, self.while_open(done), self.while_open(failed or self._fail))

    def while_open(self, answer: Callable[[T], None] | None) -> Callable[[T], None]:
        """The answer, dropped once the project is closed."""

        def now(result: T) -> None:
            if answer is not None and self._open:
                answer(result)

        return now

    def borrowed(self, on_scored: Scored | None = None) -> AbstractContextManager[Project]:
        """The project for another thread; see ProjectThread."""
        return self._thread.borrowed(on_scored)


class Part(QObject):
    """A part of the Session: it has a project from `opened` until `closed`, and keeps nothing
    of it afterwards.

    The Session takes all parts through each step together (`read` on the project's thread,
    `opened`, `announce`), so that who hears of one part finds the others up to date. State is
    read on the GUI thread and always replaced whole, never changed in place.
    """

    def __init__(self) -> None:
        super().__init__()
        self._project: OpenProject | None = None
        self._clear()

    def read(self, project: Project) -> Any:
        """What `opened` needs; on the project's thread."""

    def opened(self, project: OpenProject, stored: Any) -> None:
        """Takes a project over, with what was read of it. Tells nobody yet."""
        self._project = project

    def closed(self) -> None:
        """Drops the project and all that came of it. Tells nobody yet."""
        self._project = None
        self._clear()

    def announce(self) -> None:
        """Tells its state, after all parts were opened or closed, and begins its work."""

    def _clear(self) -> None:
        """The state without a project."""
