"""Scoring drives without a project: the detector over every clip, for a pool."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.project.video_records import drive_keys
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores import pipeline
from framesift.scores.embedding import EMBEDDING, FEATURES, Gathering
from framesift.scores.which import Which
from framesift.selection import DESCRIPTORS, Pool, PoolDrive
from framesift.selection.descriptors import described, of_pictures
from framesift.video import FileVideo
from framesift.video.decode import stream
from framesift.video.hardware import UNUSED

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer
    from framesift.video import Drive, Frame, Video

Rows = NDArray[Any]


@dataclass(slots=True)
class Scores:
    """What scoring gives of drives, one timeline each: values by signal and drive, region
    maxima of the first signal, descriptors by name and drive, and the frames that are to be had
    where there is no signal; the damaged frames of each drive, and the recipe by signal of its
    first clip."""

    signals: dict[str, dict[str, NDArray[np.float32]]] = field(default_factory=dict)
    maxima: dict[str, dict[int, Any]] = field(default_factory=dict)
    descriptors: dict[str, dict[str, Rows]] = field(default_factory=dict)
    candidates: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    damaged: dict[str, set[int]] = field(default_factory=dict)
    recipes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def pool(
        self,
        drives: Sequence[Drive],
        *,
        damaged: bool = False,
        taken: Mapping[str, Sequence[int]] | None = None,
    ) -> Pool:
        """What there is to choose from; damaged frames only with `damaged`. taken: frames of
        earlier cycles by drive. Random numbers are those that a project with the same footage
        draws."""
        names = drive_keys([drive.clips[0].path for drive in drives])
        return Pool(
            tuple(
                PoolDrive.of(
                    drive,
                    drawn_by=name,
                    signals={name: of[drive.key] for name, of in self.signals.items()},
                    descriptors={name: of[drive.key] for name, of in self.descriptors.items()},
                    candidates=self.candidates.get(drive.key),
                    taken=tuple((taken or {}).get(drive.key, ())),
                    excluded=() if damaged else sorted(self.damaged.get(drive.key, ())),
                )
                for drive, name in zip(drives, names, strict=True)
            )
        )


def score_drives(
    drives: Sequence[Drive],
    detector: Detector | None,
    scorers: Mapping[str, FrameScorer],
    descriptors: Iterable[str],
    which: Which,
) -> Iterator[Progress | Notice | Scores]:
    """Scores every clip by each signal's scorer; yields Progress and Notices, the Scores last.
    Without any scorer no detector is needed, and every frame in range is a candidate, with the
    descriptors named."""
    scores, names = Scores(), tuple(descriptors)
    if which.hardware is not None and not scorers:
        yield Notice(UNUSED)
    embeddings = Gathering() if EMBEDDING in names else None
    for drive in drives:
        scores.maxima[drive.key] = {}
        scores.damaged[drive.key] = _known_damage(drive)
        if scorers:
            assert detector is not None
            yield from _score_drive(scores, drive, detector, scorers, which, embeddings)
        else:
            yield from _describe_drive(scores, drive, of_pictures(names), which)
    if embeddings is not None and (made := embeddings.made()):
        scores.descriptors[EMBEDDING] = {d.key: _no_rows(EMBEDDING, d) for d in drives}
        for (key, frame), row in made.items():
            scores.descriptors[EMBEDDING][key][frame] = row
    yield scores


def _known_damage(drive: Drive) -> set[int]:
    return {
        offset + number
        for clip, offset in zip(drive.clips, drive.offsets, strict=True)
        if isinstance(clip, FileVideo)
        for number in clip.table.damaged
    }


def _score_drive(
    scores: Scores,
    drive: Drive,
    detector: Detector,
    scorers: Mapping[str, FrameScorer],
    which: Which,
    embeddings: Gathering | None,
) -> Iterator[Progress | Notice]:
    values = {name: np.full(len(drive), np.nan, np.float32) for name in scorers}
    first = next(iter(scorers))
    for clip, offset in zip(drive.clips, drive.offsets, strict=True):
        made = _records(clip, detector, [*scorers.values()], which, embeddings is not None)
        with closing(made) as records:
            for record in records:
                if isinstance(record, Progress):
                    yield _of_clip(record, clip)
                elif isinstance(record, Notice):
                    yield record
                elif isinstance(record, pipeline.Recipe):
                    name = str(record.settings["score"]["method"])
                    _keep_settings(scores, drive, name, record.settings)
                else:
                    frame = offset + record.frame
                    values[record.signal][frame] = record.score
                    _keep_frame(scores, drive, frame, record, record.signal == first)
                    if embeddings is not None and FEATURES in record.descriptors:
                        embeddings.add((drive.key, frame), record.descriptors[FEATURES])
    for name, series in values.items():
        scores.signals.setdefault(name, {})[drive.key] = series


def _of_clip(record: Progress, clip: Video) -> Progress:
    return replace(record, stage=f"{record.stage} {clip.name}")


def _keep_settings(
    scores: Scores, drive: Drive, signal: str, recipe: Mapping[str, Any]
) -> None:
    """The recipe of one signal as it is; of several the scores by signal."""
    scores.recipes.setdefault(signal, {}).setdefault(drive.key, dict(recipe))
    known = scores.settings
    if not known or known["score"].get("method") == signal:
        scores.settings = dict(recipe)
    else:
        several = known["score"]
        if "method" in several:
            several = {several["method"]: several}
        scores.settings = {**known, "score": {**several, signal: recipe["score"]}}


def _keep_frame(
    scores: Scores, drive: Drive, frame: int, record: pipeline.ScoredFrame, first: bool
) -> None:
    if record.damaged:
        scores.damaged[drive.key].add(frame)
    if first:
        scores.maxima[drive.key][frame] = record.maxima
    rows = {name: row for name, row in record.descriptors.items() if name != FEATURES}
    _keep_rows(scores, drive, frame, rows)


def _keep_rows(scores: Scores, drive: Drive, frame: int, rows: Mapping[str, Rows]) -> None:
    for name, row in rows.items():
        kept = scores.descriptors.setdefault(name, {})
        if drive.key not in kept:
            kept[drive.key] = _no_rows(name, drive)
        kept[drive.key][frame] = row


def _no_rows(name: str, drive: Drive) -> Rows:
    descriptor = DESCRIPTORS[name]
    return np.zeros((len(drive), descriptor.size), descriptor.dtype)


def _describe_drive(
    scores: Scores, drive: Drive, names: tuple[str, ...], which: Which
) -> Iterator[Progress]:
    masks = []
    for name in names:
        scores.descriptors.setdefault(name, {})[drive.key] = _no_rows(name, drive)
    for clip, offset in zip(drive.clips, drive.offsets, strict=True):
        masks.append(which.grid(clip))
        numbers = np.flatnonzero(masks[-1]).tolist() if names else []
        meter = RateMeter(len(numbers), "frames", "comparing frames")
        with closing(stream(clip, numbers)) as frames:
            for frame in frames:
                rows = described(frame.image, names)
                _keep_rows(scores, drive, offset + frame.number, rows)
                yield _of_clip(meter.advance(), clip)
    scores.candidates[drive.key] = np.concatenate(masks)


def score_each(
    drive: Drive, function: Callable[[NDArray[np.uint8]], float], name: str, which: Which
) -> Iterator[Progress | Scores]:
    """Scores a drive by a function of the picture, called `name`, without any detector; yields
    Progress, the Scores last. Raises InputError where it gives no number."""
    scores, values = Scores(), np.full(len(drive), np.nan, np.float32)
    scores.maxima[drive.key], scores.damaged[drive.key] = {}, _known_damage(drive)
    for clip, offset in zip(drive.clips, drive.offsets, strict=True):
        numbers = np.flatnonzero(which.grid(clip)).tolist()
        meter = RateMeter(len(numbers), "frames", "scoring")
        with closing(stream(clip, numbers)) as frames:
            for frame in frames:
                values[offset + frame.number] = _number(function(frame.image), frame, name)
                _keep_rows(scores, drive, offset + frame.number, described(frame.image))
                yield _of_clip(meter.advance(), clip)
    scores.signals[name] = {drive.key: values}
    _keep_settings(scores, drive, name, {"score": {"method": name}})
    yield scores


def _number(value: Any, frame: Frame, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.inf
    if math.isinf(number):
        raise InputError(
            f"{name} gave {value!r:.60} for frame {frame.number}; it must give one finite "
            "number, or NaN for none."
        )
    return number


def _records(
    clip: Video,
    detector: Detector,
    scorers: Sequence[FrameScorer],
    which: Which,
    features: bool,
) -> Iterator[pipeline.Record]:
    start, stop = which.bounds(clip)
    return pipeline.score(
        clip,
        detector,
        scorer=scorers,
        start=start,
        stop=stop,
        every=which.every,
        progressive=which.progressive,
        batch=which.batch,
        features=features,
        unchanged=which.unchanged,
        hardware=which.hardware,
    )
