"""Stored scores and descriptors of clips, joined to the timelines of their drives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.project.chunks import FloatArray
from framesift.project.embeddings import stored_name
from framesift.project.inputs import Frames, SelectionInputs
from framesift.project.records import SeriesRecord, StoredDrive
from framesift.project.series import SeriesStore
from framesift.scores.embedding import OF_DETECTORS
from framesift.selection import DESCRIPTORS


class Timelines:
    """Makes the inputs of a selection out of what is stored clip by clip."""

    def __init__(self, series: SeriesStore) -> None:
        self._series = series

    def joined(
        self,
        drives: tuple[StoredDrive, ...],
        series: Mapping[str, Mapping[str, SeriesRecord]],
        values: Mapping[str, Mapping[str, FloatArray]],
        kept_away: tuple[Frames, Frames],
        labelled: Frames,
        descriptors: Iterable[str],
        cycle: int,
    ) -> SelectionInputs:
        """`values` float32 by signal and video id; clips without any count as not scored.
        `kept_away`: taken and excluded frames; `descriptors`: names of those that are read."""
        stored = _stored(descriptors, series)
        rows = {
            name: {
                drive.key: of
                for drive in drives
                if (of := self._rows(name, stored[name], drive)) is not None
            }
            for name in stored
        }
        for name in OF_DETECTORS:
            if not self._whole(drives, stored.get(name), values):
                rows.pop(name, None)
        return SelectionInputs(
            drives,
            {
                signal: {drive.key: _timeline(drive, of) for drive in drives}
                for signal, of in values.items()
            },
            rows,
            *kept_away,
            series,
            labelled,
            cycle,
        )

    def _whole(
        self,
        drives: tuple[StoredDrive, ...],
        stored: str | None,
        values: Mapping[str, Mapping[str, FloatArray]],
    ) -> bool:
        """Whether every scored frame has its row under a name: otherwise what frames are
        compared by would depend on what was scored when."""
        return stored is not None and all(
            not (~np.isnan(of[clip.id]) & ~self._series.described(clip.id, stored)).any()
            for of in values.values()
            for drive in drives
            for clip in drive.clips
            if clip.id in of
        )

    def _rows(self, name: str, stored: str, drive: StoredDrive) -> NDArray[Any] | None:
        clips = [self._series.descriptors(clip.id, stored) for clip in drive.clips]
        size = max((rows.shape[1] for rows in clips if rows is not None), default=None)
        if size is None or (name in OF_DETECTORS and size != _bytes_of(name)):
            return None
        joined = np.concatenate(
            [
                rows
                if rows is not None and rows.shape[1] == size
                else np.zeros((clip.frames, size), np.uint8)
                for rows, clip in zip(clips, drive.clips, strict=True)
            ]
        )
        return joined.view(DESCRIPTORS[name].dtype) if name in DESCRIPTORS else joined


def _stored(
    descriptors: Iterable[str], series: Mapping[str, Mapping[str, SeriesRecord]]
) -> dict[str, str]:
    """By descriptor the name that its rows are stored under; embeddings are of the detector
    whose scores are read, and left out where none are."""
    names = {name: name for name in descriptors}
    recipes = [record.recipe for of in series.values() for record in of.values()]
    alike = len({stored_name(recipe) for recipe in recipes}) == 1
    for name in OF_DETECTORS:
        if name in names and alike:
            names[name] = stored_name(recipes[0], name)
        else:
            names.pop(name, None)
    return names


def _bytes_of(name: str) -> int:
    descriptor = DESCRIPTORS[name]
    return descriptor.size * np.dtype(descriptor.dtype).itemsize


def _timeline(drive: StoredDrive, values: Mapping[str, FloatArray]) -> FloatArray:
    """The values of a drive's clips, by video id, in a row; NaN where there are none."""
    return np.concatenate(
        [
            values[clip.id] if clip.id in values else np.full(clip.frames, np.nan, np.float32)
            for clip in drive.clips
        ]
    )
