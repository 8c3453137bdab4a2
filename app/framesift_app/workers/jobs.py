"""Long work of the engine, drained step by step by a worker's thread."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from framesift.records import Notice, Progress
from framesift_app.workers.relay import Relay

State = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
EVERY_S = 0.1
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as the window shows it. `progress` is None until known; `pausable` and
    `cancel_keeps` say what its buttons may do and say."""

    id: int
    kind: str
    title: str
    state: State
    progress: Progress | None = None
    notice: str = ""
    pausable: bool = True
    cancel_keeps: bool = True

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running", "paused")


class Job:
    """One generator of records. Its functions run on the GUI thread: `on_records` with what
    was yielded (Progress apart), `on_end` with the last record or None, `on_error`, and
    `on_change` whenever its view is another."""

    def __init__(
        self,
        kind: str,
        title: str,
        make: Callable[[], Iterator[Any]],
        relay: Relay,
        *,
        on_records: Callable[[list[Any]], None] | None = None,
        on_end: Callable[[Any], None] | None = None,
        on_error: Callable[[BaseException], None] | None = None,
        on_change: Callable[[], None] | None = None,
        pausable: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.id = next(_numbers)
        self.kind, self.title = kind, title
        self.state: State = "waiting"
        self._make, self._relay = make, relay
        self._on_records, self._on_end = on_records, on_end
        self._on_error, self._on_change = on_error, on_change
        self._stop, self._pausable = stop, pausable
        self._ends_itself = False
        self._records: Iterator[Any] | None = None
        self._waiting: list[Any] = []
        self._last: Any = None
        self._progress: Progress | None = None
        self._notice = ""
        self._told = 0.0
        self._cancelled = threading.Event()
        self._paused = threading.Event()
        self.progress: Progress | None = None

    # From the GUI thread

    def view(self) -> JobView:
        state = self.state
        if state in ("waiting", "running") and self.paused and not self.cancelled:
            state = "paused"
        return JobView(
            self.id, self.kind, self.title, state, self.progress, self._notice, self._pausable
        )

    def pause(self) -> None:
        self._paused.set()

    def resume(self) -> None:
        self._paused.clear()

    def cancel(self) -> None:
        """Ends the job; where `stop()` says yes, what it drains comes to an end by itself."""
        if not self.cancelled and self._stop is not None:
            self._ends_itself = self._stop()
        self._cancelled.set()

    # From any thread

    @property
    def paused(self) -> bool:
        return self._paused.is_set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    # From the worker's thread

    def step(self) -> bool:
        """Draws one record; whether there may be more."""
        try:
            if self.cancelled and not self._ends_itself:
                self._close()
                self._finish("cancelled")
                return False
            if self._records is None:
                self._records = self._make()
                self._tell(force=True, state="running")
            record = next(self._records)
        except StopIteration:
            self._finish("done")
            return False
        except BaseException as error:
            self._finish("failed", error)
            return False
        self._take(record)
        self._tell()
        return True

    def _take(self, record: Any) -> None:
        if isinstance(record, Progress):
            self._progress = record
        else:
            if isinstance(record, Notice):
                self._notice = record.text
            self._last = record
            self._waiting.append(record)

    def _tell(
        self,
        *,
        force: bool = False,
        state: State | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        now = time.monotonic()
        if not force and now - self._told < EVERY_S:
            return
        self._told = now
        records, self._waiting = self._waiting, []
        progress = self._progress

        def on_gui() -> None:
            self.progress = progress
            if state is not None:
                self.state = state
            if records and self._on_records is not None:
                self._on_records(records)
            if self._on_change is not None:
                self._on_change()
            if then is not None:
                then()

        self._relay.post(on_gui)

    def _finish(self, state: State, error: BaseException | None = None) -> None:
        last = self._last

        def then() -> None:
            if error is not None:
                if self._on_error is not None:
                    self._on_error(error)
            elif self._on_end is not None:
                self._on_end(last if state == "done" else None)

        self._tell(force=True, state=state, then=then)

    def _close(self) -> None:
        close = getattr(self._records, "close", None)
        if close is not None:
            close()
