"""The one thread that owns the open project; everybody else asks it.

`borrowed()` gives other threads a stand-in for the project: the engine's loop runs over it as
over the project itself, and each call of it is carried out on the project's thread, between
the user's edits.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from framesift_app.workers.relay import Relay
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.project import Project

Opening = Callable[[], "Project"]
Scored = Callable[[str, int, str, float, Any], None]

_SLOW = ("open", "locate")
"""What of Videos reads files: done by the asking thread, with a reader of its own."""


class ProjectThread(Worker):
    """Owns the writing Project from `open` until `close`."""

    def __init__(self, relay: Relay) -> None:
        self._project: Project | None = None
        super().__init__("project", relay)

    def open(
        self,
        opening: Opening,
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Opens a project on the thread, in place of the one that is open."""

        def run() -> Path:
            project = opening()
            if self._project is not None:
                self._project.close()
            self._project = project
            return project.folder

        self.submit(run, done, failed)

    def shut(self) -> None:
        """Closes the project after what was asked before."""
        self.submit(self.end)

    def end(self) -> None:
        if self._project is not None:
            self._project.close()
            self._project = None

    def ask(
        self,
        function: Callable[[Project], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Runs a function of the project; answers on the GUI thread."""
        self.submit(lambda: function(self.project), done, failed)

    @property
    def project(self) -> Project:
        """The project, for functions that run on this thread."""
        if self._project is None:
            raise RuntimeError("no project is open")
        return self._project

    def wait_for(self, function: Callable[[], Any]) -> Any:
        """Runs a function on the thread and waits for it; not for the GUI thread."""
        if self.is_current:
            return function()
        answer: Future[Any] = Future()

        def run() -> None:
            try:
                answer.set_result(function())
            except BaseException as error:
                answer.set_exception(error)

        if not self.submit(run):
            raise RuntimeError("the project is closing")
        return answer.result()

    @contextlib.contextmanager
    def borrowed(self, on_scored: Scored | None = None) -> Iterator[Project]:
        """The project for another thread; see above. `on_scored(video, frame, signal, score,
        rows)` hears, on that thread, of every score that is written through it."""
        from framesift.project import Project

        project = self.wait_for(lambda: self.project)
        with Project.open(project.folder, readonly=True) as reader:
            yield cast("Project", StandIn(project, Borrowing(self, reader, on_scored)))


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What all stand-ins of one borrowing share."""

    thread: ProjectThread
    reader: Project
    on_scored: Scored | None = None


def _is_part(value: object) -> bool:
    """Whether a value works on the project, and is no record of something in it."""
    kind = type(value)
    return (
        kind.__module__.startswith("framesift.project.")
        and not dataclasses.is_dataclass(kind)
        and not issubclass(kind, tuple | Exception)
    )


class StandIn:
    """Looks like one of the project's parts; works on the project's thread."""

    def __init__(self, target: Any, borrowing: Borrowing) -> None:
        self._target, self._borrowing = target, borrowing

    def _wrap(self, value: Any, given: tuple[Any, ...] = ()) -> Any:
        kind = type(value).__name__
        if kind == "SeriesWriter":
            return Writer(value, self._borrowing, *given)
        return StandIn(value, self._borrowing) if _is_part(value) else value

    def __getattr__(self, name: str) -> Any:
        if type(self._target).__name__ == "Videos" and name in _SLOW:
            return getattr(self._borrowing.reader.videos, name)
        wait_for = self._borrowing.thread.wait_for
        value = wait_for(lambda: getattr(self._target, name))
        if not callable(value) or _is_part(value):
            return self._wrap(value)

        def call(*given: Any, **named: Any) -> Any:
            return self._wrap(wait_for(lambda: value(*given, **named)), given)

        return call

    def __len__(self) -> int:
        return int(self._borrowing.thread.wait_for(lambda: len(self._target)))


class Writer(StandIn):
    """A series' writer that tells what it is given."""

    def __init__(
        self, target: Any, borrowing: Borrowing, video: str, recipe: Mapping[str, Any]
    ) -> None:
        super().__init__(target, borrowing)
        self._video, self._signal = video, str(recipe.get("score", {}).get("method", ""))
        self.scored = target.scored

    def add(self, frame: int, score: float, maxima: Any = (), descriptors: Any = None) -> bool:
        kept: bool = self._borrowing.thread.wait_for(
            lambda: self._target.add(frame, score, maxima, descriptors)
        )
        if self._borrowing.on_scored is not None:
            self._borrowing.on_scored(
                self._video, frame, self._signal, score, descriptors or {}
            )
        return kept
