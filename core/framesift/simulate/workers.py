"""Runs side by side: each in a process of its own, one per device, or as many as the
processor has cores for."""

from __future__ import annotations

import multiprocessing
import queue
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
Said = Working | Notice | Row | TaskDone


def in_turn(perform: Perform, experiment: Experiment, folder: Path, device: str,
            tasks: Sequence[Task]) -> Iterator[Said]:
    """The tasks one after the other, in this process."""
    for task in tasks:
        for record in perform(experiment, folder, device, task):
            yield Working(task, record) if isinstance(record, Progress) else record
        yield TaskDone(task)


def side_by_side(perform: Perform, experiment: Experiment, folder: Path,
                 devices: Sequence[str], tasks: Sequence[Task]) -> Iterator[Said]:
    """The tasks in processes, one on each of `devices` (the same name may occur twice). They
    end with the iterator, and when their parent is killed. Raises what a task raised."""
    context = multiprocessing.get_context("spawn")
    heard: Any = context.Queue(64)
    waiting = deque(tasks)
    busy: dict[str, tuple[Any, Task]] = {}
    free = {str(slot): device for slot, device in enumerate(devices)}
    names = dict(free)
    try:
        while waiting or busy:
            while waiting and free:
                slot, device = free.popitem()
                task = waiting.popleft()
                child = context.Process(target=_child, daemon=True, args=(
                    heard, perform, experiment.to_json(), folder, device, slot, task))
                child.start()
                busy[slot] = (child, task)
            try:
                slot, record = heard.get(timeout=_PATIENCE_S)
            except queue.Empty:
                _check(busy)
                continue
            task = busy[slot][1]
            if isinstance(record, Exception):
                raise record
            yield Working(task, record) if isinstance(record, Progress) else record
            if isinstance(record, TaskDone):
                busy.pop(slot)[0].join()
                free[slot] = names[slot]
    finally:
        for child, _ in busy.values():
            child.terminate()
        for child, _ in busy.values():
            child.join()
        heard.close()
        heard.cancel_join_thread()


def _check(busy: dict[str, tuple[Any, Task]]) -> None:
    for child, task in busy.values():
        if not child.is_alive() and child.exitcode:
            raise EnvironmentProblem(
                f"The process of {task.title} died (exit {child.exitcode}; out of memory?); "
                "start the same command again to go on, with fewer workers perhaps.")


def _child(heard: Any, perform: Perform, experiment: dict[str, Any], folder: Path, device: str,
           slot: str, task: Task) -> None:
    parent = multiprocessing.parent_process()

    def tell(record: object) -> bool:
        """Whether somebody still listens; a killed parent cannot say stop."""
        while parent is None or parent.is_alive():
            try:
                heard.put((slot, record), timeout=_PATIENCE_S)
                return True
            except queue.Full:
                continue
        heard.cancel_join_thread()
        return False

    try:
        for record in perform(Experiment.from_json(experiment), folder, device, task):
            if not tell(record):
                return
        tell(TaskDone(task))
    except FramesiftError as error:
        tell(type(error)(*error.args))
    except Exception as error:
        # The traceback does not travel; its text does.
        import traceback

        tell(RuntimeError(f"{error!r} in {task.title}\n{traceback.format_exc()}"))
