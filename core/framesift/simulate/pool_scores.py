"""The frame scores of a pool's candidates, kept on disk by detector and recipe."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores.embedding import EMBEDDING, FEATURES, OBJECT_EMBEDDING, Gathering
from framesift.scores.pipeline import ScoredFrame, make_recipe, score_numbers
from framesift.selection import DESCRIPTORS
from framesift.simulate.pool import Place, StagedDataset
from framesift.simulate.store import Store

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer

Series = Mapping[str, NDArray[np.float64]]
Record = Progress | Notice
BATCH = 2
"""Frames scored at once: scores must not depend on what else is in a batch, and larger ones
are no faster on a processor."""


def scores_of(
    pool: StagedDataset,
    store: Store,
    detector: Detector,
    scorers: Mapping[str, FrameScorer],
    *,
    embed: bool = False,
) -> Generator[Record, None, tuple[dict[str, Series], float]]:
    """By signal the score of every candidate (NaN elsewhere) by drive, and the seconds they
    took. What is not kept yet is made in one pass over the pool. `embed`: with the candidates'
    embeddings, kept by the detector."""
    keys = {signal: _key(pool, detector, scorer) for signal, scorer in scorers.items()}
    kept = {signal: store.read_scores(key) for signal, key in keys.items()}
    missing = {signal: scorers[signal] for signal, values in kept.items() if values is None}
    embed = embed and detector.trunk() is not None and embeddings(pool, store, detector) is None
    if embed and not missing:
        # Any score shows the pool to the detector.
        missing = dict(list(scorers.items())[:1])
    if missing:
        began = time.monotonic()
        made = yield from _made(pool, store, detector, missing, embed)
        # Signals of one pass share its seconds.
        share = (time.monotonic() - began) / len(missing)
        for signal, values in made.items():
            store.write_scores(keys[signal], values, share)
            kept[signal] = values
    names = [str(n) for n in range(len(pool.drives))]
    series: dict[str, Series] = {}
    seconds = 0.0
    for signal, there in kept.items():
        assert there is not None
        series[signal] = dict(zip(pool.drives, (there[n] for n in names), strict=True))
        seconds += float(there.get("seconds", store.scoring_seconds(keys[signal])))
    return series, seconds


def _made(
    pool: StagedDataset,
    store: Store,
    detector: Detector,
    scorers: Mapping[str, FrameScorer],
    embed: bool,
) -> Generator[Record, None, dict[str, dict[str, NDArray[Any]]]]:
    """One pass over the pool: what is kept of each signal."""
    raw = {
        signal: {key: np.full(len(drive), np.nan) for key, drive in pool.drives.items()}
        for signal in scorers
    }
    gathering = Gathering()
    objects: dict[Place, NDArray[np.uint8]] = {}
    for record in _scored(pool, detector, list(scorers.values()), embed):
        if isinstance(record, Progress | Notice):
            yield record
            continue
        (key, number), scored = record
        # As projects keep scores: near ties fall the same way everywhere.
        raw[scored.signal][key][number] = np.float32(scored.score)
        if FEATURES in scored.descriptors:
            gathering.add((key, number), scored.descriptors[FEATURES])
        if OBJECT_EMBEDDING in scored.descriptors:
            objects[key, number] = scored.descriptors[OBJECT_EMBEDDING]
    for name, rows in ((EMBEDDING, gathering.made()), (OBJECT_EMBEDDING, objects)):
        if rows:
            _keep(pool, store, detector, name, rows)
    return {
        signal: {str(n): values for n, values in enumerate(by_drive.values())}
        for signal, by_drive in raw.items()
    }


def _scored(
    pool: StagedDataset, detector: Detector, scorers: Sequence[FrameScorer], embed: bool
) -> Iterator[Record | tuple[Place, ScoredFrame]]:
    meter = RateMeter(len(pool.places), stage="scoring the pool")
    for key, drive in pool.drives.items():
        for offset, clip in zip(drive.offsets, drive.clips, strict=True):
            candidates = pool.candidates[key][offset : offset + len(clip)]
            with closing(
                score_numbers(
                    clip.video,
                    detector,
                    scorers,
                    np.flatnonzero(candidates).tolist(),
                    BATCH,
                    meter,
                    descriptors=False,
                    features=embed,
                )
            ) as records:
                for record in records:
                    if isinstance(record, ScoredFrame):
                        yield (key, offset + record.frame), record
                    elif isinstance(record, Progress | Notice):
                        yield record


def _keep(
    pool: StagedDataset,
    store: Store,
    detector: Detector,
    name: str,
    made: Mapping[Place, NDArray[Any]],
) -> None:
    """Keeps the embeddings of candidates, of frames or of their objects."""
    descriptor = DESCRIPTORS[name]
    rows = {
        key: np.zeros((len(drive), descriptor.size), descriptor.dtype)
        for key, drive in pool.drives.items()
    }
    for (key, number), row in made.items():
        rows[key][number] = row
    names = map(str, range(len(rows)))
    store.write_scores(
        _stored_as(pool, detector, name), dict(zip(names, rows.values(), strict=True))
    )


def embeddings(
    pool: StagedDataset, store: Store, detector: Detector, name: str = EMBEDDING
) -> Mapping[str, NDArray[Any]] | None:
    """The embeddings that a detector makes of the candidates, or of their objects, by drive, as
    scoring kept them; None where it hands out no features."""
    kept = store.read_scores(_stored_as(pool, detector, name))
    if kept is None:
        return None
    return {drive: kept[str(n)] for n, drive in enumerate(pool.drives)}


def _key(pool: StagedDataset, detector: Detector, scorer: FrameScorer) -> str:
    # All clips of a pool share the recipe, but for the working size that follows from theirs.
    video = next(iter(pool.footage.clips)).video
    recipe = make_recipe(video, detector, scorer, BATCH)
    text = json.dumps([pool.identity, recipe.settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _stored_as(pool: StagedDataset, detector: Detector, name: str) -> str:
    text = f"{pool.identity} {detector.identity()}"
    kind = "embedding" if name == EMBEDDING else name
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:40]}"
