"""Runs of a simulation as units of work, by workers that see the same results folder.

A worker writes rows, checkpoints and scores into the results folder, each whole, and trains in
a folder of its own; so two that are at the same run (one was given up and came back) write the
same files and disturb nothing. One that is killed leaves whole cycles, after which the next one
goes on.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framesift.cluster import Board, Landed, Made, Unit, Where, run_units
from framesift.errors import EnvironmentProblem
from framesift.product.processes import command_for
from framesift.records import Notice, Progress, closing
from framesift.simulate.settings import Experiment
from framesift.simulate.store import Row, Store
from framesift.simulate.workers import Record, Task, TaskDone

KIND = "simulate"
FOLDER = "cluster"
"""Where in the results folder runs of workers lie until they are done."""

Perform = Callable[[Experiment, Path, str, Task, str], Iterator[Progress | Notice | Row]]
"""Does a task of an experiment: its folder, the device, and a name of what is the worker's."""


def spread(
    perform: Perform,
    experiment: Experiment,
    folder: Path,
    where: Where,
    device: str,
    tasks: Sequence[Task],
) -> Iterator[Record | Progress]:
    """Has tasks of one kind worked at, each a unit.

    With Slurm a Notice says how to submit the workers, and tasks are left at the end: see
    `unfinished`.

    Raises EnvironmentProblem where workers cannot be had, or tasks failed.
    """
    if not tasks:
        return
    shared = {
        "experiment": experiment.to_json(),
        "folder": str(folder.absolute()),
        "device": device,
    }
    units = [_unit(task, shared) for task in tasks]
    task_of = {unit.key: task for unit, task in zip(units, tasks, strict=True)}
    board = Board.create(folder / FOLDER / tasks[0].kind, KIND, shared, units)
    if tasks[0].kind == "run":
        # It lacks rows, whatever an earlier run of workers noted.
        for key in task_of:
            board.drop(key)
    store = Store(folder, experiment)
    told = {_name(row) for row in store.rows()}
    records = run_units(board, where, command_for("worker"), {KIND: SimulationUnits(perform)})
    with closing(records):
        for record in records:
            if isinstance(record, Landed):
                yield from _new(store, told)
                yield TaskDone(task_of[record.key])
            else:
                yield record
    failures = board.failures()
    if failures:
        first = next(iter(failures.values()))
        raise EnvironmentProblem(f"{len(failures)} of {len(tasks)} runs failed; one: {first}")
    if tasks[0].kind == "run" and not board.left():
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        store.clear_training()


def unfinished(folder: Path, kind: str) -> bool:
    """Whether workers (of Slurm, say) are still to do tasks of this kind."""
    place = folder / FOLDER / kind
    return (place / "run.json").exists() and bool(Board.open(place).left())


class SimulationUnits:
    """The handler of simulations: does a task, whose rows go into the results folder. perform:
    what does one."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform

    def __call__(
        self, shared: Mapping[str, Any], task: Mapping[str, Any]
    ) -> Iterator[Made | Progress | Notice]:
        """Raises InputError for an experiment or footage that this machine cannot read."""
        experiment = Experiment.from_json(shared["experiment"])
        what = Task(str(task["kind"]), str(task["variant"]), int(task["seed"]))
        owner = f"{socket.gethostname()}-{os.getpid()}"
        folder = Path(shared["folder"])
        records = self._perform(experiment, folder, shared["device"], what, owner)
        with closing(records):
            for record in records:
                if isinstance(record, Progress | Notice):
                    yield record
        yield Made(b"done")


def _unit(task: Task, shared: Mapping[str, Any]) -> Unit:
    return Unit.of({"kind": task.kind, "variant": task.variant, "seed": task.seed}, shared)


def _name(row: Row) -> tuple[str, int, int]:
    return row.variant, row.seed, row.cycle


def _new(store: Store, told: set[tuple[str, int, int]]) -> Iterator[Row]:
    for row in store.rows():
        if row.cycle and _name(row) not in told:
            told.add(_name(row))
            yield row
