"""Runs side by side: each in a process of its own, one per device, or as many as the
processor has cores for."""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framesift.errors import EnvironmentProblem, FramesiftError
from framesift.records import Notice, Progress
from framesift.simulate.settings import Experiment
from framesift.simulate.store import Row

_PATIENCE_S = 0.2


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of an experiment: "run" (of a variant and a seed) or "score" (the pool by the
    initial detector, as a variant wants it)."""

    kind: str
    variant: str
    seed: int = 0

    @property
    def title(self) -> str:
        if self.kind == "score":
            return f"{self.variant}, first cycle's scores"
        return f"{self.variant}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A task has ended."""

    task: Task


@dataclass(frozen=True, slots=True)
class Working:
    """How far a task is."""

    task: Task
    progress: Progress


Perform = Callable[[Experiment, Path, str, Task], Iterator[Progress | Notice | Row]]
Record = Working | Notice | Row | TaskDone


def in_turn(
    perform: Perform, experiment: Experiment, folder: Path, device: str, tasks: Sequence[Task]
) -> Iterator[Record]:
    """The tasks one after the other, in this process."""
    for task in tasks:
        for record in perform(experiment, folder, device, task):
            yield Working(task, record) if isinstance(record, Progress) else record
        yield TaskDone(task)


def side_by_side(
    perform: Perform,
    experiment: Experiment,
    folder: Path,
    devices: Sequence[str],
    tasks: Sequence[Task],
) -> Iterator[Record]:
    """The tasks in processes, one for each of `devices` (the same name may occur twice). They
    end with the iterator, and when their parent is killed. Raises what a task raised."""
    context = multiprocessing.get_context("spawn")
    heard: Any = context.Queue(64)
    waiting = deque(tasks)
    workers = [
        _Worker(context, heard, slot, device, (perform, experiment.to_json(), folder))
        for slot, device in enumerate(devices[: len(tasks)])
    ]
    try:
        while waiting or any(worker.task for worker in workers):
            for worker in workers:
                if worker.task is None and waiting:
                    worker.give(waiting.popleft())
            try:
                slot, record = heard.get(timeout=_PATIENCE_S)
            except queue.Empty:
                for worker in workers:
                    worker.check()
                continue
            task = workers[slot].task
            assert task is not None
            if isinstance(record, Exception):
                raise record
            if isinstance(record, TaskDone):
                workers[slot].task = None
            yield Working(task, record) if isinstance(record, Progress) else record
    finally:
        for worker in workers:
            worker.end()
        heard.close()
        heard.cancel_join_thread()


class _Worker:
    """A process that takes one task after the other."""

    def __init__(self, context: Any, heard: Any, slot: int, device: str, what: Any) -> None:
        self.task: Task | None = None
        self._given = context.SimpleQueue()
        self._process = context.Process(
            target=_work, daemon=True, args=(heard, self._given, slot, device, *what)
        )
        self._process.start()

    def give(self, task: Task) -> None:
        self.task = task
        self._given.put(task)

    def check(self) -> None:
        if self.task is not None and not self._process.is_alive():
            raise EnvironmentProblem(
                f"The process of {self.task.title} died (exit {self._process.exitcode}; out of "
                "memory?); start the same command again to go on, with fewer devices perhaps."
            )

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self._given.close()


def _work(
    heard: Any,
    given: Any,
    slot: int,
    device: str,
    perform: Perform,
    experiment: dict[str, Any],
    folder: Path,
) -> None:
    parent = multiprocessing.parent_process()
    _end_with(parent)
    try:
        made = Experiment.from_json(experiment)
        while True:
            task = given.get()
            for record in perform(made, folder, device, task):
                heard.put((slot, record))
            heard.put((slot, TaskDone(task)))
    except FramesiftError as error:
        heard.put((slot, type(error)(*error.args)))
    except Exception as error:
        # The traceback does not travel; its text does.
        import traceback

        heard.put((slot, RuntimeError(f"{error!r}\n{traceback.format_exc()}")))


def _end_with(parent: Any) -> None:
    """A killed parent cannot say stop: its end is watched for."""
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="framesift-parent", daemon=True).start()
