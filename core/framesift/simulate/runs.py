"""One run: cycles of one variant with one seed, an oracle in the place of the person."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from framesift.records import Notice
from framesift.scores.embedding import OF_DETECTORS
from framesift.scores.strategies import reads, strategy_named
from framesift.selection import Pool, PoolDrive, choose
from framesift.selection.descriptors import of_pictures
from framesift.simulate.answering import answered
from framesift.simulate.initial import learning
from framesift.simulate.oracle import Answer, work_of
from framesift.simulate.pool import Place, PoolSource
from framesift.simulate.pool_scores import Record, Series
from framesift.simulate.stage import Stage, row_of
from framesift.simulate.store import Row
from framesift.simulate.variants import Variant
from framesift.training import Labels, train

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

SEED_STEP = 1_000
"""Distance between the seeds of two repeats, so that their cycles share none."""


def run(stage: Stage, variant: Variant, seed: int) -> Iterator[Record | Row]:
    """The cycles of a run that are missing. Yields Progress and, after each cycle, its Row,
    which is then on disk."""
    rows = stage.store.rows_of(variant, seed)
    taken = [place for row in rows for place in row.picked]
    misses = [row.miss for row in rows]
    given: dict[Place, Answer] = {}
    for row in rows[1:]:
        given |= yield from answered(stage, variant, seed, row.cycle, row.picked, misses)
    for cycle in range(max(1, len(rows)), stage.experiment.cycles_of(variant) + 1):
        row = yield from _cycle(stage, variant, seed, cycle, taken, given, misses)
        taken += row.picked
        misses.append(row.miss)
        yield row


def _cycle(
    stage: Stage,
    variant: Variant,
    seed: int,
    cycle: int,
    taken: list[Place],
    given: dict[Place, Answer],
    misses: Sequence[float],
) -> Generator[Record, None, Row]:
    experiment, store = stage.experiment, stage.store
    seconds: dict[str, float] = {}
    picks: Sequence[Place]
    if variant.everything:
        picks, selectable = stage.pool.places, len(stage.pool.places)
    else:
        picks, selectable = yield from _picks(stage, variant, seed, cycle, taken, seconds)
    labelled = [*taken, *picks]
    given |= yield from answered(stage, variant, seed, cycle, picks, misses)
    source = PoolSource(stage.pool, labelled, experiment.classes, given)
    folder = store.training(variant, seed, cycle)
    labels = Labels.of(source, known=experiment.start_of(variant) != "random")
    settings = experiment.training_of(variant, SEED_STEP * (seed + 1) + cycle, labels)
    began = time.monotonic()
    if labels.objects:
        detector = _start(stage, variant, seed, cycle)
        previous = None
        if settings.needs_previous and cycle > 1:
            previous = stage.scoring_detector(variant, seed, cycle - 1)
        try:
            yield from learning(
                train(detector, source, settings, folder, resume=True, previous=previous),
                f"training {variant.name}, seed {seed}, cycle {cycle}",
            )
        finally:
            source.close()
    else:
        detector = stage.scoring_detector(variant, seed, cycle - 1)
        yield Notice(
            f"{variant.name}, seed {seed}, cycle {cycle}: no labelled frame shows anything; "
            "the detector stays as it is."
        )
    seconds["training"] = time.monotonic() - began
    from framesift.detectors.files.checkpoint import save_checkpoint

    save_checkpoint(store.checkpoint(variant, seed, cycle), detector)
    began = time.monotonic()
    evaluation = yield from stage.measured(detector, stage.evaluation)
    positive_iou = yield from stage.positive_iou(detector)
    seconds["measuring"] = time.monotonic() - began
    boxes = [stage.pool.boxes(place) for place in labelled]
    work = {} if variant.labels == "boxes" else work_of([given[place] for place in labelled])
    new = boxes[len(taken) :]
    row = row_of(
        evaluation,
        stage.evaluation.rates,
        variant=variant.name,
        seed=seed,
        cycle=cycle,
        positive_iou=positive_iou,
        frames=len(labelled),
        people=sum(not b.ignore for labels in boxes for b in labels),
        boxes=sum(len(labels) for labels in boxes),
        new_people=sum(not b.ignore for labels in new for b in labels),
        empty=sum(all(b.ignore for b in labels) for labels in new),
        selectable=selectable,
        picked=() if variant.everything else tuple(picks),
        scored=len(stage.pool.places) if "scoring" in seconds else 0,
        trained=settings.epochs * len(labelled),
        seconds=seconds,
        work=work,
    )
    store.write_row(row, variant)
    shutil.rmtree(folder, ignore_errors=True)
    return row


def _start(stage: Stage, variant: Variant, seed: int, cycle: int) -> Detector:
    """What a cycle trains from."""
    from framesift.training.fitting import with_random_weights

    start = stage.experiment.start_of(variant)
    detector = stage.detector(variant, seed, cycle - 1 if start == "current" else 0)
    return with_random_weights(detector, SEED_STEP * seed) if start == "random" else detector


def _picks(
    stage: Stage,
    variant: Variant,
    seed: int,
    cycle: int,
    taken: list[Place],
    seconds: dict[str, float],
) -> Generator[Record, None, tuple[list[Place], int]]:
    """The frames that a cycle takes, best first, and how many all rules let through."""
    rules = stage.experiment.rules_of(variant, seed)
    signals: Mapping[str, Series] = {}
    detector = None
    if strategy_named(variant.strategy).signals:
        detector = stage.scoring_detector(variant, seed, cycle - 1)
        signals, seconds["scoring"] = yield from stage.scored_by(variant, detector)
    descriptors: dict[str, Mapping[str, NDArray[Any]]] = {}
    for name in of_pictures(reads(rules)):
        descriptors[name] = yield from stage.described(name)
    if detector is not None:
        for name in [name for name in OF_DETECTORS if name in reads(rules)]:
            embedded = stage.embedded(detector, name)
            descriptors |= {} if embedded is None else {name: embedded}
    began = time.monotonic()
    pool = _pool(stage, variant, signals, descriptors, taken, cycle)
    selection = choose(pool, rules).selection
    seconds["selecting"] = time.monotonic() - began
    return [(pick.video, pick.frame) for pick in selection], selection.selectable


def _pool(
    stage: Stage,
    variant: Variant,
    signals: Mapping[str, Series],
    descriptors: Mapping[str, Mapping[str, NDArray[Any]]],
    taken: Sequence[Place],
    cycle: int,
) -> Pool:
    """What a cycle chooses from. Values are float32, as projects keep them."""
    by_drive: dict[str, list[int]] = {}
    for key, number in taken:
        by_drive.setdefault(key, []).append(number)
    return Pool(
        tuple(
            PoolDrive.of(
                drive,
                signals={name: of[drive.key].astype("f4") for name, of in signals.items()},
                descriptors={name: of[drive.key] for name, of in descriptors.items()},
                candidates=stage.pool.candidates[drive.key],
                taken=by_drive.get(drive.key, ()),
                labelled=by_drive.get(drive.key, ()),
            )
            for drive in (stage.pool.unordered if variant.stills else stage.pool.timelines)
        ),
        cycle,
    )
