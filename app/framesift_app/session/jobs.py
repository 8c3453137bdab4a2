"""The jobs: what runs in the background, held, gone on with and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, Signal

from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject
from framesift_app.workers.jobs import Job, JobView
from framesift_app.workers.relay import Relay
from framesift_app.workers.threads import Worker

_MOST = 1
"""Jobs that are over and stay in sight."""


class Jobs(QObject):
    """All jobs, whoever started them. They go on when nobody looks."""

    changed = Signal()
    held = Signal()
    """A job was paused; what it needs no longer may be freed."""
    finished = Signal(str, object)
    """(kind, result): a job came to its end, e.g. ("plan", Plan), ("export", Exported)."""

    def __init__(self, relay: Relay, messages: Messages) -> None:
        super().__init__()
        self._relay, self._messages = relay, messages
        self._jobs: dict[int, tuple[Job, Worker]] = {}
        self.views: tuple[JobView, ...] = ()

    def start(
        self,
        kind: str,
        title: str,
        make: Callable[[], Iterator[Any]],
        worker: Worker,
        *,
        project: OpenProject | None = None,
        on_records: Callable[[list[Any]], None] | None = None,
        on_end: Callable[[Any], None] | None = None,
        on_error: Callable[[BaseException], None] | None = None,
        stop: Callable[[], bool] | None = None,
        pausable: bool = True,
    ) -> None:
        """Drains what `make` makes on a worker. The functions run on the GUI thread, see Job;
        those of a job of a project are not called once it is closed."""
        fail = on_error or self._messages.failing(kind)
        self._messages.mend(kind)
        if project is not None:
            on_records, on_end = project.while_open(on_records), project.while_open(on_end)
            fail = project.while_open(fail)

        def ended(result: Any) -> None:
            if on_end is not None:
                on_end(result)
            self.finished.emit(kind, result)

        def failed(error: BaseException) -> None:
            fail(error)
            self.finished.emit(kind, None)

        job = Job(
            kind,
            title,
            make,
            self._relay,
            on_records=on_records,
            on_end=ended,
            on_error=failed,
            on_change=self._moved,
            stop=stop,
            pausable=pausable,
        )
        self._jobs[job.id] = (job, worker)
        self._moved()
        worker.start(job)

    def active(self, kind: str) -> JobView | None:
        """The job of a kind that is waiting, running or paused."""
        return next((job for job in self.views if job.kind == kind and job.active), None)

    def pause(self, number: int) -> None:
        """Holds a job; its device memory is given back."""
        self._on(number, Job.pause)
        self.held.emit()

    def resume(self, number: int) -> None:
        """Goes on with a job that is held."""
        self._on(number, Job.resume)

    def cancel(self, number: int) -> None:
        """Ends a job; what it has done stays done."""
        self._on(number, Job.cancel)

    def cancel_all(self) -> None:
        """Ends all of them, and does not wait."""
        for job, _ in self._jobs.values():
            job.cancel()

    def end_all(self, then: Callable[[], None]) -> None:
        """Ends all jobs, and calls a function when they have ended; at once where none runs."""
        active = [job.id for job in self.views if job.active]
        if not active:
            self._jobs.clear()
            self._moved()
            then()
            return

        def look() -> None:
            if not any(job.active for job in self.views):
                self.changed.disconnect(look)
                # The last one's own `on_end` is still to come, and may start another.
                self._relay.post(lambda: self.end_all(then))

        self._messages.tell(self.tr("Ending what runs…"))
        self.changed.connect(look)
        for number in active:
            self.cancel(number)

    def _on(self, number: int, what: Callable[[Job], None]) -> None:
        if number in self._jobs:
            job, worker = self._jobs[number]
            what(job)
            worker.wake()
            self._moved()

    def _moved(self) -> None:
        views = tuple(job.view() for job, _ in self._jobs.values())
        over = [view.id for view in views if not view.active][:-_MOST]
        for number in over:
            del self._jobs[number]
        self.views = tuple(view for view in views if view.id not in over)
        self.changed.emit()
