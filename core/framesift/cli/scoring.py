"""Scoring for commands: the detector over every clip of every drive, with progress."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.cli import console, footage, projects

if TYPE_CHECKING:
    from framesift.scores import FrameScorer
    from framesift.video import Drive, Video


@dataclass(slots=True)
class Scores:
    """Frame scores, region maxima and thumbnails of drives, one timeline each."""

    raw: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    maxima: dict[str, dict[int, Any]] = field(default_factory=dict)
    thumbnails: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def make_scorer(args: argparse.Namespace) -> FrameScorer:
    """The FrameScorer that the options say."""
    from framesift.scores import FrameScorer

    return FrameScorer(**projects.score_settings(args))


def score_drives(
    drives: Sequence[Drive],
    detector: Any,
    scorer: FrameScorer,
    args: argparse.Namespace,
    shown: console.Shown,
) -> Scores:
    """Scores every clip; without a detector every frame in range counts as scored 0, for
    strategies that look at no score."""
    from framesift.selection import THUMBNAIL_SIZE

    scores = Scores()
    for drive in drives:
        raw, thumbs = [], []
        maxima = scores.maxima.setdefault(drive.key, {})
        for clip, offset in zip(drive.clips, drive.offsets, strict=True):
            start, stop = footage.bounds(clip, args)
            values = np.full(len(clip), np.nan, np.float32)
            small = np.zeros((len(clip), THUMBNAIL_SIZE), np.uint8)
            if detector is None:
                values[start : stop : args.every] = 0.0
            else:
                for record in _records(clip, detector, scorer, args, start, stop, shown):
                    if hasattr(record, "settings"):
                        scores.settings = dict(record.settings)
                        continue
                    values[record.frame] = record.score
                    maxima[offset + record.frame] = record.maxima
                    if record.thumbnail is not None:
                        small[record.frame] = record.thumbnail
            raw.append(values)
            thumbs.append(small)
        scores.raw[drive.key] = np.concatenate(raw)
        if detector is not None:
            scores.thumbnails[drive.key] = np.concatenate(thumbs)
    return scores


def _records(
    clip: Video,
    detector: Any,
    scorer: FrameScorer,
    args: argparse.Namespace,
    start: int,
    stop: int | None,
    shown: console.Shown,
) -> Any:
    from framesift.scores import pipeline

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
        ),
        clip.name,
    )
