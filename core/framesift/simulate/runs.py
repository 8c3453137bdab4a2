"""One run: cycles of one variant with one seed, an oracle in the place of the person."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from framesift.selection.choosing import choose
from framesift.selection.strategies import STRATEGIES
from framesift.simulate.initial import learning
from framesift.simulate.pool import Place, PoolSource
from framesift.simulate.settings import Variant
from framesift.simulate.stage import Said, Series, Stage, row_of
from framesift.simulate.store import Row
from framesift.training import train

SEED_STEP = 1_000
"""Distance between the seeds of two repeats, so that their cycles share none."""


def run(stage: Stage, variant: Variant, seed: int) -> Iterator[Said | Row]:
    """The cycles of a run that are missing. Yields Progress and, after each cycle, its Row,
    which is then on disk."""
    rows = stage.store.rows_of(variant, seed)
    taken = [place for row in rows for place in row.picked]
    for cycle in range(max(1, len(rows)), stage.experiment.cycles_of(variant) + 1):
        row = yield from _cycle(stage, variant, seed, cycle, taken)
        taken += row.picked
        yield row


def _cycle(
    stage: Stage,
    variant: Variant,
    seed: int,
    cycle: int,
    taken: list[Place],
) -> Generator[Said, None, Row]:
    experiment, store = stage.experiment, stage.store
    seconds: dict[str, float] = {}
    picks: Sequence[Place]
    if variant.everything:
        picks, selectable = stage.pool.places, len(stage.pool.places)
    else:
        picks, selectable = yield from _picks(stage, variant, seed, cycle, taken, seconds)
    labelled = [*taken, *picks]
    start = 0 if experiment.start == "initial" else cycle - 1
    detector = stage.detector(variant, seed, start)
    source = PoolSource(stage.pool, labelled, experiment.classes)
    folder = store.run(variant, seed) / f"training-{cycle:02d}"
    settings = experiment.training_of(variant, SEED_STEP * (seed + 1) + cycle)
    began = time.monotonic()
    try:
        yield from learning(
            train(detector, source, settings, folder, resume=True),
            f"training {variant.name}, seed {seed}, cycle {cycle}",
        )
    finally:
        source.close()
    seconds["training"] = time.monotonic() - began
    from framesift.detectors.files.checkpoint import save_checkpoint

    save_checkpoint(store.checkpoint(variant, seed, cycle), detector)
    began = time.monotonic()
    evaluation = yield from stage.measured(detector, stage.evaluation)
    seconds["measuring"] = time.monotonic() - began
    boxes = [stage.pool.boxes(place) for place in labelled]
    new = boxes[len(taken) :]
    row = row_of(
        evaluation,
        variant=variant.name,
        seed=seed,
        cycle=cycle,
        frames=len(labelled),
        people=sum(not b.ignore for one in boxes for b in one),
        boxes=sum(len(one) for one in boxes),
        new_people=sum(not b.ignore for one in new for b in one),
        empty=sum(all(b.ignore for b in one) for one in new),
        selectable=selectable,
        picked=() if variant.everything else tuple(picks),
        scored=len(stage.pool.places) if "scoring" in seconds else 0,
        trained=settings.epochs * len(labelled),
        seconds=seconds,
    )
    store.write_row(row, variant)
    shutil.rmtree(folder, ignore_errors=True)
    return row


def _picks(
    stage: Stage,
    variant: Variant,
    seed: int,
    cycle: int,
    taken: list[Place],
    seconds: dict[str, float],
) -> Generator[Said, None, tuple[list[Place], int]]:
    """The frames that a cycle takes, best first, and how many all rules let through."""
    rules = stage.experiment.rules_of(variant, seed)
    raw: Series = {
        key: np.where(open_to, 0.0, np.nan) for key, open_to in stage.pool.candidates.items()
    }
    if STRATEGIES[variant.strategy].score is not None:
        detector = stage.detector(variant, seed, cycle - 1)
        raw, seconds["scoring"] = yield from stage.scored(detector, stage.scorer(variant))
    looks: Mapping[str, NDArray[np.uint8]] | None = None
    if rules.look_alike != "off":
        looks = yield from stage.thumbnails()
    began = time.monotonic()
    by_drive: dict[str, list[int]] = {}
    for key, number in taken:
        by_drive.setdefault(key, []).append(number)
    drives = stage.pool.unordered if variant.stills else stage.pool.timelines
    selection = choose(drives, raw, rules, taken=by_drive, thumbnails=looks).selection
    seconds["selecting"] = time.monotonic() - began
    return [(pick.video, pick.frame) for pick in selection], selection.selectable
