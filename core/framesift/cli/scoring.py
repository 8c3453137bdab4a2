"""Scoring for commands: the detector over every clip of every drive, with progress."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.cli import console, footage
from framesift.project.video_records import drive_keys
from framesift.records import RateMeter, closing
from framesift.selection import DESCRIPTORS, Pool, PoolDrive
from framesift.selection.descriptors import described
from framesift.selection.timeline import Grid
from framesift.video.decode import stream

if TYPE_CHECKING:
    from framesift.scores import FrameScorer
    from framesift.video import Drive, Video

Rows = NDArray[Any]


@dataclass(slots=True)
class Scores:
    """What scoring gives of drives, one timeline each: values by signal and drive, region
    maxima of the first signal, descriptors by name and drive, and the frames that are to be had
    where there is no signal; the damaged frames of each drive."""

    signals: dict[str, dict[str, NDArray[np.float32]]] = field(default_factory=dict)
    maxima: dict[str, dict[int, Any]] = field(default_factory=dict)
    descriptors: dict[str, dict[str, Rows]] = field(default_factory=dict)
    candidates: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    damaged: dict[str, set[int]] = field(default_factory=dict)

    def pool(self, drives: Sequence[Drive], *, damaged: bool = False) -> Pool:
        """What there is to choose from; damaged frames only with `damaged`. Random numbers are
        those that a project with the same footage draws."""
        names = drive_keys([drive.clips[0].path for drive in drives])
        return Pool(
            tuple(
                PoolDrive.of(
                    drive,
                    drawn_by=name,
                    signals={name: of[drive.key] for name, of in self.signals.items()},
                    descriptors={name: of[drive.key] for name, of in self.descriptors.items()},
                    candidates=self.candidates.get(drive.key),
                    excluded=() if damaged else sorted(self.damaged.get(drive.key, ())),
                )
                for drive, name in zip(drives, names, strict=True)
            )
        )


def score_drives(
    drives: Sequence[Drive],
    detector: Any,
    scorers: Mapping[str, FrameScorer],
    descriptors: Iterable[str],
    args: argparse.Namespace,
    shown: console.Shown,
) -> Scores:
    """Scores every clip by each signal's scorer. Without any, no detector is needed, and every
    frame in range is a candidate, with the descriptors named."""
    scores, names = Scores(), tuple(descriptors)
    for drive in drives:
        scores.maxima[drive.key] = {}
        scores.damaged[drive.key] = _known_damage(drive)
        for signal, scorer in scorers.items():
            _score_drive(scores, drive, detector, signal, scorer, args, shown)
        if not scorers:
            _describe_drive(scores, drive, names, args, shown)
    return scores


def _known_damage(drive: Drive) -> set[int]:
    from framesift.video import FileVideo

    return {
        offset + number
        for clip, offset in zip(drive.clips, drive.offsets, strict=True)
        if isinstance(clip, FileVideo)
        for number in clip.table.damaged
    }


def _score_drive(
    scores: Scores,
    drive: Drive,
    detector: Any,
    signal: str,
    scorer: FrameScorer,
    args: argparse.Namespace,
    shown: console.Shown,
) -> None:
    first = signal == next(iter(scores.signals), signal)
    values = np.full(len(drive), np.nan, np.float32)
    for clip, offset in zip(drive.clips, drive.offsets, strict=True):
        for record in _records(clip, detector, scorer, args, shown, descriptors=first):
            if hasattr(record, "settings"):
                _keep_settings(scores, signal, record.settings)
                continue
            values[offset + record.frame] = record.score
            if record.damaged:
                scores.damaged[drive.key].add(offset + record.frame)
            if first:
                scores.maxima[drive.key][offset + record.frame] = record.maxima
                _keep_rows(scores, drive, offset + record.frame, record.descriptors)
    scores.signals.setdefault(signal, {})[drive.key] = values


def _keep_settings(scores: Scores, signal: str, recipe: Mapping[str, Any]) -> None:
    """The recipe of one signal as it is; of several the scores by signal."""
    known = scores.settings
    if not known or known["score"].get("method") == signal:
        scores.settings = dict(recipe)
    else:
        several = known["score"]
        if "method" in several:
            several = {several["method"]: several}
        scores.settings = {**known, "score": {**several, signal: recipe["score"]}}


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
    scores: Scores,
    drive: Drive,
    names: tuple[str, ...],
    args: argparse.Namespace,
    shown: console.Shown,
) -> None:
    masks = []
    for name in names:
        scores.descriptors.setdefault(name, {})[drive.key] = _no_rows(name, drive)
    for clip, offset in zip(drive.clips, drive.offsets, strict=True):
        masks.append(Grid(args.every, *footage.bounds(clip, args)).of(len(clip)))
        if names:
            numbers = np.flatnonzero(masks[-1]).tolist()
            for frame in shown.drain(_decoded(clip, numbers), clip.name):
                rows = described(frame.image, names)
                _keep_rows(scores, drive, offset + frame.number, rows)
    scores.candidates[drive.key] = np.concatenate(masks)


def _decoded(clip: Video, numbers: Sequence[int]) -> Iterator[Any]:
    """Frames, with a Progress after each."""
    meter = RateMeter(len(numbers), "frames", "comparing frames")
    with closing(stream(clip, numbers)) as frames:
        for frame in frames:
            yield frame
            yield meter.advance()


def _records(
    clip: Video,
    detector: Any,
    scorer: FrameScorer,
    args: argparse.Namespace,
    shown: console.Shown,
    *,
    descriptors: bool,
) -> Any:
    from framesift.scores import pipeline

    start, stop = footage.bounds(clip, args)
    return shown.drain(
        pipeline.score(
            clip,
            detector,
            scorer=scorer,
            start=start,
            stop=stop,
            every=args.every,
            progressive=args.progressive,
            batch=args.batch,
            descriptors=descriptors,
        ),
        clip.name,
    )
