"""Stored scores and descriptors of clips, joined to the timelines of their drives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from framesift.project.chunks import FloatArray
from framesift.project.inputs import Frames, SelectionInputs
from framesift.project.records import SeriesRecord, StoredDrive
from framesift.project.series import SeriesStore


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
        return SelectionInputs(
            drives,
            {
                signal: {drive.key: _timeline(drive, of) for drive in drives}
                for signal, of in values.items()
            },
            {
                name: {
                    drive.key: rows
                    for drive in drives
                    if (rows := self._rows(name, drive)) is not None
                }
                for name in descriptors
            },
            *kept_away,
            series,
            labelled,
            cycle,
        )

    def _rows(self, name: str, drive: StoredDrive) -> NDArray[np.uint8] | None:
        clips = [self._series.descriptors(clip.id, name) for clip in drive.clips]
        size = max((rows.shape[1] for rows in clips if rows is not None), default=None)
        if size is None:
            return None
        return np.concatenate(
            [
                rows
                if rows is not None and rows.shape[1] == size
                else np.zeros((clip.frames, size), np.uint8)
                for rows, clip in zip(clips, drive.clips, strict=True)
            ]
        )


def _timeline(drive: StoredDrive, values: Mapping[str, FloatArray]) -> FloatArray:
    """The values of a drive's clips, by video id, in a row; NaN where there are none."""
    return np.concatenate(
        [
            values[clip.id] if clip.id in values else np.full(clip.frames, np.nan, np.float32)
            for clip in drive.clips
        ]
    )
