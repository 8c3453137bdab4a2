"""Threads that work for the window: tasks and long jobs, results back on the GUI thread.

They are Python threads; what they have to say reaches the GUI thread through a `Relay`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift_app.workers.priority import give_way
from framesift_app.workers.relay import Relay

if TYPE_CHECKING:
    from framesift_app.workers.jobs import Job

Done = Callable[[Any], None]
Failed = Callable[[BaseException], None]


@dataclass(slots=True)
class Task:
    """A function to run on a worker; `key`: a newer task with the same key replaces it."""

    run: Callable[[], Any]
    done: Done | None = None
    failed: Failed | None = None
    key: object = None


class Worker:
    """One thread: tasks first, in order; between them steps of the jobs, one job at a time.

    So a short task never waits for more than one step (one batch) of a long job.
    """

    def __init__(self, name: str, relay: Relay, behind: int = 0) -> None:
        """`behind`: by how many levels of niceness it stands behind the window's thread."""
        self._behind = behind
        self._relay = relay
        self._tasks: list[Task] = []
        self._jobs: list[Job] = []
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(
            target=self._loop, name=f"framesift-{name}", daemon=True
        )
        self._thread.start()

    def submit(
        self,
        run: Callable[[], Any],
        done: Done | None = None,
        failed: Failed | None = None,
        *,
        key: object = None,
    ) -> bool:
        """Runs a function on the thread; `done(result)` or `failed(error)` on the GUI
        thread. False when the worker is closing and takes nothing in."""
        with self._wake:
            if self._closing:
                return False
            if key is not None:
                self._tasks = [task for task in self._tasks if task.key != key]
            self._tasks.append(Task(run, done, failed, key))
            self._wake.notify_all()
        return True

    def start(self, job: Job) -> None:
        """Queues a job."""
        with self._wake:
            self._jobs.append(job)
            self._wake.notify_all()

    def wake(self) -> None:
        """Has a job looked at again that was paused, resumed or cancelled."""
        with self._wake:
            self._wake.notify_all()

    def awaits(self, key: object) -> bool:
        """Whether a task with this key waits for its turn."""
        with self._wake:
            return any(task.key == key for task in self._tasks)

    def post(self, function: Callable[[], None]) -> None:
        """Runs a function on the GUI thread; a task's way to tell something before its end."""
        self._relay.post(function)

    def forget(self) -> None:
        """Drops the tasks that wait."""
        with self._wake:
            self._tasks.clear()

    def close(self) -> None:
        """Finishes the tasks, ends the jobs, and waits for the thread."""
        with self._wake:
            self._closing = True
            for job in self._jobs:
                job.cancel()
            self._wake.notify_all()
        self._thread.join()

    @property
    def is_current(self) -> bool:
        """Whether the caller is on this thread."""
        return threading.current_thread() is self._thread

    def begin(self) -> None:
        """Runs on the thread before anything else."""

    def end(self) -> None:
        """Runs on the thread at its end."""

    def _loop(self) -> None:
        give_way(self._behind)
        self.begin()
        try:
            while (task := self._next()) is not None:
                if isinstance(task, Task):
                    self._run(task)
                elif not task.step():
                    with self._wake:
                        self._jobs.remove(task)
        finally:
            self.end()

    def _next(self) -> Task | Job | None:
        with self._wake:
            while True:
                if self._tasks:
                    return self._tasks.pop(0)
                for job in self._jobs:
                    if job.cancelled or not job.paused:
                        return job
                if self._closing:
                    return None
                self._wake.wait()

    def _run(self, task: Task) -> None:
        try:
            result = task.run()
        except BaseException as error:
            failed = task.failed
            if failed is not None:
                self._relay.post(lambda error=error: failed(error))  # type: ignore[misc]
        else:
            done = task.done
            if done is not None:
                self._relay.post(lambda: done(result))
