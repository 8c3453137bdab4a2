"""The whole experiment: prepared, run, and gone on with."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from framesift.cluster import Where
from framesift.files import make_folder
from framesift.project.lock import WriterLock
from framesift.records import Notice, Progress, RateMeter
from framesift.scores.strategies import strategy_named
from framesift.simulate.clustered import spread, unfinished
from framesift.simulate.correlation import correlate
from framesift.simulate.initial import prepare
from framesift.simulate.runs import run
from framesift.simulate.settings import Experiment
from framesift.simulate.stage import Stage, forget_detector, opened
from framesift.simulate.store import Row, Store
from framesift.simulate.variants import Variant
from framesift.simulate.workers import (
    Task,
    TaskDone,
    Working,
    in_turn,
    side_by_side,
)

Record = Progress | Notice | Row | Working


def simulate(
    experiment: Experiment,
    folder: Path | str,
    *,
    devices: Sequence[str] = (),
    where: Where | None = None,
) -> Iterator[Record]:
    """Runs what is missing of an experiment and leaves it in a folder (see store).

    Closing stops; a later call goes on, and finished cycles are never computed again. The rows
    do not depend on how often it was stopped, nor, on a CPU, on the number of processes.

    Args:
        experiment: what to compare.
        folder: where the results go.
        devices: where runs go side by side, one process each ("cpu" may be named more than
            once); () is the fastest device, or as many processes as processor cores allow with
            the experiment's `threads` each.
        where: workers that see the folder do the runs, each on the first of `devices`; None:
            this machine alone. With Slurm a Notice says how to start them, and a later call
            goes on with what they did.

    Yields:
        Progress over all cycles, Working for each task, and a Row for every cycle that is done
        (and on disk).

    Raises:
        InputError: the footage or a setting makes no sense, or the folder holds another
            experiment's results.
        EnvironmentProblem: another process writes there.

    Example:
        >>> records = simulate(experiment, "results", devices=["cpu"])
        >>> list(framesift.drain(records))
        []
    """
    folder = make_folder(Path(folder))
    lock = WriterLock(folder, "results folder", "wait until it is done, or name another folder")
    try:
        yield from _simulated(experiment, folder, Store(folder, experiment), devices, where)
    finally:
        forget_detector()
        lock.release()


def _simulated(
    experiment: Experiment,
    folder: Path,
    store: Store,
    devices: Sequence[str],
    where: Where | None,
) -> Iterator[Record]:
    places = tuple(devices) or default_devices(experiment.threads)
    yield from _prepared(experiment, store, places[0])
    total = sum(
        experiment.cycles_of(v) * len(experiment.seeds_of(v)) for v in experiment.variants
    )
    tasks = _tasks(experiment, store)
    meter = RateMeter(total, "cycles", experiment.name, window_s=600.0)
    missing = sum(
        experiment.cycles_of(v) - max(0, len(store.rows_of(v, s)) - 1)
        for v in experiment.variants
        for s in experiment.seeds_of(v)
    )
    meter.done = total - missing
    yield meter.progress()
    for phase in ("score", "run"):
        ready = [task for task in tasks if task.kind == phase]
        for record in _performed(experiment, folder, places, where, ready):
            if isinstance(record, Row):
                yield record
                yield meter.advance()
            elif isinstance(record, Progress):
                yield meter.progress()
            elif not isinstance(record, TaskDone):
                yield record
        if where is not None and ready and unfinished(folder, phase):
            return
    if experiment.correlate_every:
        yield from _correlated(experiment, store, places[0])


def _performed(
    experiment: Experiment,
    folder: Path,
    places: Sequence[str],
    where: Where | None,
    tasks: Sequence[Task],
) -> Iterator[Any]:
    if where is not None:
        return spread(perform, experiment, folder, where, places[0], tasks)
    if len(places) == 1:
        return in_turn(perform, experiment, folder, places[0], tasks)
    return side_by_side(perform, experiment, folder, places, tasks)


def default_devices(threads: int) -> tuple[str, ...]:
    """All graphics cards; without one, the CPU once for every `threads` of its cores."""
    import torch

    if torch.cuda.is_available():
        return tuple(f"cuda:{n}" for n in range(torch.cuda.device_count()))
    if torch.backends.mps.is_available():
        return ("mps",)
    return ("cpu",) * max(1, (os.cpu_count() or 1) // threads)


def _prepared(experiment: Experiment, store: Store, device: str) -> Iterator[Progress | Notice]:
    for record in _staged(experiment, store, device):
        if isinstance(record, Stage):
            try:
                yield from prepare(record)
            finally:
                record.close()
        else:
            yield record


def _staged(
    experiment: Experiment, store: Store, device: str
) -> Iterator[Progress | Notice | Stage]:
    from framesift.training.device import threads

    with threads(experiment.threads):
        yield from opened(experiment, store, device)


def _tasks(experiment: Experiment, store: Store) -> list[Task]:
    """Seed by seed, the ablations last, so that a part of the experiment is a smaller one."""
    score: dict[str, Task] = {}
    for variant in experiment.variants:
        signals = strategy_named(variant.strategy).signals
        if (
            signals
            and not variant.everything
            and any(
                len(store.rows_of(variant, seed)) < 2 for seed in experiment.seeds_of(variant)
            )
        ):
            settings = repr((signals, sorted({**experiment.score, **variant.score}.items())))
            score.setdefault(settings, Task("score", variant.name))
    runs = [
        Task("run", variant.name, seed)
        for ablation in (False, True)
        for seed in range(experiment.seeds)
        for variant in experiment.variants
        if variant.ablation is ablation
        and seed in experiment.seeds_of(variant)
        and len(store.rows_of(variant, seed)) <= experiment.cycles_of(variant)
    ]
    return [*score.values(), *runs]


def perform(
    experiment: Experiment,
    folder: Path,
    device: str,
    task: Task,
    owner: str = "",
) -> Iterator[Progress | Notice | Row]:
    """One task, in whichever process; `owner`: see Store."""
    from framesift.training.device import threads

    store = Store(folder, experiment, owner)
    variant = next(entry for entry in experiment.variants if entry.name == task.variant)
    with threads(experiment.threads):
        for record in opened(experiment, store, device):
            if not isinstance(record, Stage):
                yield record
                continue
            try:
                if task.kind == "score":
                    detector = record.scoring_detector(variant, 0, 0)
                    yield from record.scored_by(variant, detector)
                else:
                    yield from run(record, variant, task.seed)
            finally:
                record.close()


def _correlated(
    experiment: Experiment, store: Store, device: str
) -> Iterator[Progress | Notice]:
    named = {outcome.name: outcome for outcome in experiment.variants}
    baseline = named.get(experiment.baseline, experiment.variants[0])
    detectors: dict[str, tuple[Variant, int, int]] = {"initial": (baseline, 0, 0)}
    last = experiment.cycles_of(baseline)
    detectors[f"{baseline.name}, cycle {last}"] = (baseline, 0, last)
    asked = [experiment.correlate_every, experiment.correlate_on, *experiment.correlate_by]
    there = store.read_correlation()
    if there is not None and there.get("of", asked) == asked:
        return
    results = []
    for record in _staged(experiment, store, device):
        if not isinstance(record, Stage):
            yield record
            continue
        try:
            for outcome in correlate(record, detectors):
                if isinstance(outcome, Progress | Notice):
                    yield outcome
                else:
                    results.append(_plain(asdict(outcome)))
        finally:
            record.close()
    store.write_correlation({"of": asked, "rows": results})


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """What is undefined (of a constant score, say) as None: JSON knows no NaN."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }
