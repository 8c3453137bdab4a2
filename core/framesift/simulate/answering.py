"""The labels that a cycle's picks get, kept beside its row: what an oracle says of proposals
depends on the detector of that cycle."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.files import write_text
from framesift.labels import Point, Weak
from framesift.records import RateMeter, closing
from framesift.simulate import oracle
from framesift.simulate.kinds import WEAK
from framesift.simulate.oracle import Answer
from framesift.simulate.pool import Place, frames
from framesift.simulate.pool_scores import Record
from framesift.simulate.stage import Stage
from framesift.simulate.variants import Variant

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

Answers = Mapping[Place, Answer]


def answered(
    stage: Stage,
    variant: Variant,
    seed: int,
    cycle: int,
    picks: Sequence[Place],
    misses: Sequence[float],
) -> Generator[Record, None, Answers]:
    """What the oracle says of a cycle's picks; `misses`: the miss rate after each cycle so far,
    the start's first. Kept on disk, and read from there."""
    path = stage.store.run(variant, seed) / f"labels-{cycle:02d}.json"
    if path.exists():
        kept = _read(path)
        if set(picks) <= set(kept):
            return kept
    given = yield from _asked(stage, variant, seed, cycle, picks, misses)
    if variant.labels in WEAK:
        rows = [[*place, asdict(answer)] for place, answer in given.items()]
        write_text(path, json.dumps(rows) + "\n")
    return given


def _asked(
    stage: Stage,
    variant: Variant,
    seed: int,
    cycle: int,
    picks: Sequence[Place],
    misses: Sequence[float],
) -> Generator[Record, None, Answers]:
    kind = variant.labels
    if kind == "hard":
        kind = "boxes" if oracle.helps_little(misses) else "points"
    boxes = {place: stage.pool.boxes(place) for place in picks}
    if kind in ("boxes", "extremes"):
        return {place: oracle.full(some, kind) for place, some in boxes.items()}
    if kind == "points":
        return {place: oracle.points(some, place) for place, some in boxes.items()}
    classes = stage.experiment.classes
    if kind == "tags":
        return {place: oracle.tags(some, classes) for place, some in boxes.items()}
    detector = stage.detector(variant, seed, cycle - 1)
    proposals = yield from _proposed(stage, detector, picks)
    if kind == "soft":
        return {
            place: oracle.full(some)
            if oracle.unsure(proposals[place])
            else oracle.points(some, place)
            for place, some in boxes.items()
        }
    least = 0.5 if detector.regresses_boxes else 0.3
    return {
        place: oracle.answers(some, proposals[place], detector.classes, least)
        for place, some in boxes.items()
    }


def _proposed(
    stage: Stage, detector: Detector, picks: Sequence[Place]
) -> Generator[Record, None, dict[Place, Prediction]]:
    meter = RateMeter(len(picks), "frames", "asking about proposals")
    proposals = {}
    with closing(frames(stage.pool, picks)) as read:
        for place, image in read:
            [proposals[place]] = detector.predict(np.asarray(image)[None], oracle.ASKED)
            yield meter.advance()
    return proposals


def _read(path: Path) -> dict[Place, Answer]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {(str(drive), int(number)): _answer(data) for drive, number, data in rows}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"The labels {path} are damaged ({error}); delete the run's folder, and it is "
            "computed again."
        ) from error


def _answer(data: dict[str, Any]) -> Answer:
    weak = data["weak"]
    return Answer(
        tuple(Box(**box) for box in data["boxes"]),
        None
        if weak is None
        else Weak(
            tuple(Point(**point) for point in weak["points"]),
            bool(weak["every"]),
            tuple(replace(Box(**box), denied=True) for box in weak["denied"]),
            tuple((str(name), bool(shown)) for name, shown in weak["tags"]),
        ),
        {str(kind): int(count) for kind, count in data["work"].items()},
    )
