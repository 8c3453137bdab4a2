"""What there is to choose from: the values of signals over drives, descriptors, and what is
taken already."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.selection.kept import Kept
from framesift.selection.rules import room
from framesift.selection.timeline import Timeline, drive_times, is_stills

if TYPE_CHECKING:
    from framesift.selection.descriptors import Rows

FloatSeries = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PoolDrive:
    """One drive of a pool; all arrays have one entry per frame of it.

    key: its name. drawn_by: the name that random numbers depend on; empty: the key. frames: how
    many. fps: frames per second, NaN without a rate. stills:
    unordered pictures, without time, smoothing and distances. seconds: how
    long there are frames to pick in it (see framesift.selection.rules.room). times: seconds of
    each frame from the drive's first, float64, ascending; None where one rate tells all.
    signals: values by
    the signal's name, float32 or float64, NaN = not scored. smoothed: the same by eq. 6,
    float64, as `framesift.selection.smoothed` fills it in. without_boxes: by signal the frames
    that have no boxes and so the pool's median of it; filled in there, too. descriptors: rows
    by the descriptor's name (see framesift.selection.descriptors). candidates: bool, the frames
    that are to be had at all; None: every one. taken: frames that earlier cycles picked.
    labelled: frames with labels. excluded: frames that count for the smoothing but are not to
    be picked.
    """

    key: str
    frames: int
    fps: float = float("nan")
    stills: bool = False
    seconds: float = 0.0
    times: FloatSeries | None = None
    signals: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    smoothed: Mapping[str, FloatSeries] = field(default_factory=dict)
    without_boxes: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    descriptors: Mapping[str, Rows] = field(default_factory=dict)
    candidates: NDArray[np.bool_] | None = None
    taken: Sequence[int] = ()
    labelled: Sequence[int] = ()
    excluded: Sequence[int] = ()
    drawn_by: str = ""

    def __post_init__(self) -> None:
        named = {"times": self.times, "candidates": self.candidates, **self.signals}
        for name, values in named.items():
            if values is not None and np.shape(values) != (self.frames,):
                raise InputError(
                    f"{self.key} has {self.frames} frames, but {name} has the shape "
                    f"{np.shape(values)}; give one value per frame."
                )

    @staticmethod
    def of(drive: Timeline, **more: Any) -> PoolDrive:
        """A drive, opened or only remembered, with what else the pool holds of it."""
        return PoolDrive(
            drive.key,
            sum(map(len, drive.clips)),
            fps=drive.clips[0].fps,
            stills=is_stills(drive),
            seconds=room(drive),
            times=drive_times(drive),
            **more,
        )

    def __len__(self) -> int:
        return self.frames

    def pickable(self, values: NDArray[Any]) -> FloatSeries:
        """Values to rank by, one per frame, as float64: NaN where the pool lets no frame be
        picked. They are `values` themselves where it lets every one."""
        if self.candidates is None and not len(self.excluded):
            return np.asarray(values, np.float64)
        ranked = np.array(values, np.float64)
        if self.candidates is not None:
            ranked[~self.candidates] = np.nan
        ranked[list(self.excluded)] = np.nan
        return ranked

    def values(self, signal: str) -> FloatSeries:
        """The values to rank by that a signal gives, smoothed where they are to be; NaN where
        there is no score or the frame is not to be picked."""
        return self.pickable(self.smoothed[signal])


@dataclass(frozen=True, slots=True, eq=False)
class Pool(Sequence[PoolDrive]):
    """All drives that a selection chooses from, in order: on a tie the earlier one goes first.
    cycle: the number of the cycle that is being selected, from 1. kept: what one choice from
    it works out for the next one."""

    drives: tuple[PoolDrive, ...]
    cycle: int = 1
    kept: Kept = field(default_factory=Kept, repr=False)

    def __len__(self) -> int:
        return len(self.drives)

    def __iter__(self) -> Iterator[PoolDrive]:
        return iter(self.drives)

    def __getitem__(self, index: Any) -> Any:
        return self.drives[index]

    def values(self, signal: str) -> tuple[FloatSeries, ...]:
        """The values to rank by that a signal gives, by drive (see PoolDrive.values): the very
        same arrays as long as nothing of a drive changes."""
        return tuple(
            self.kept.get(
                f"{signal} of {drive.key}",
                (drive.smoothed[signal], drive.candidates, tuple(drive.excluded)),
                functools.partial(drive.values, signal),
            )
            if drive.candidates is not None or len(drive.excluded)
            else drive.values(signal)
            for drive in self.drives
        )

    def drive(self, key: str) -> PoolDrive:
        """A drive by its key; KeyError where there is none."""
        for drive in self.drives:
            if drive.key == key:
                return drive
        raise KeyError(key)
