"""Stored scores and thumbnails of clips, joined to the timelines of their drives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from framesift.project.chunks import FloatArray
from framesift.project.inputs import SelectionInputs
from framesift.project.records import SeriesRecord, StoredDrive
from framesift.project.series import SeriesStore


class Timelines:
    """Makes the inputs of a selection out of what is stored clip by clip."""

    def __init__(self, series: SeriesStore) -> None:
        self._series = series

    def joined(
        self,
        drives: tuple[StoredDrive, ...],
        series: Mapping[str, SeriesRecord],
        values: Mapping[str, FloatArray],
        taken: Mapping[str, tuple[int, ...]],
        excluded: Mapping[str, tuple[int, ...]],
        thumbnails: bool,
    ) -> SelectionInputs:
        """`values` float32 by video id; clips without any count as not scored."""
        joined = {
            drive.key: np.concatenate(
                [
                    values[clip.id]
                    if clip.id in values
                    else np.full(clip.frames, np.nan, np.float32)
                    for clip in drive.clips
                ]
            )
            for drive in drives
        }
        small = None
        if thumbnails:
            small = {
                drive.key: one for drive in drives if (one := self._small(drive)) is not None
            }
        return SelectionInputs(drives, joined, small, taken, excluded, series)

    def _small(self, drive: StoredDrive) -> NDArray[np.uint8] | None:
        clips = [self._series.thumbnails(clip.id) for clip in drive.clips]
        size = max((one.shape[1] for one in clips if one is not None), default=None)
        if size is None:
            return None
        return np.concatenate(
            [
                one
                if one is not None and one.shape[1] == size
                else np.zeros((clip.frames, size), np.uint8)
                for one, clip in zip(clips, drive.clips, strict=True)
            ]
        )
