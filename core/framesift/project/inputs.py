"""What a selection is made from, so that it can be made again to the last bit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.labels import FrameKey
from framesift.project.chunks import FloatArray
from framesift.project.records import PickRecord, SeriesRecord, StoredDrive
from framesift.selection import DESCRIPTORS, Pool, PoolDrive

Frames = Mapping[str, tuple[int, ...]]
"""Frame numbers by drive, ascending."""


@dataclass(frozen=True, slots=True, eq=False)
class SelectionInputs:
    """All that a selection reads, one timeline per drive.

    `signals`: by signal and drive (its key) float32, one value per frame, NaN = not scored;
    `descriptors`: by name and drive uint8 n×T, of the drives that have them; `taken` the
    drive's frames picked in earlier cycles; `labelled` those with labels; `excluded` those that
    may not be picked for another reason than being taken (the evaluation set, frames that are
    labelled already). `series` are the stored series behind the values, by signal and video
    id. `cycle`: the number of the cycle that is being selected.
    """

    drives: tuple[StoredDrive, ...]
    signals: Mapping[str, Mapping[str, FloatArray]]
    descriptors: Mapping[str, Mapping[str, NDArray[np.uint8]]]
    taken: Frames
    excluded: Frames
    series: Mapping[str, Mapping[str, SeriesRecord]]
    labelled: Frames = field(default_factory=dict)
    cycle: int = 1
    _drives: Mapping[str, StoredDrive] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_drives", {drive.key: drive for drive in self.drives})

    def pool(self, candidates: Mapping[str, NDArray[np.bool_]] | None = None) -> Pool:
        """The same as a Pool. `candidates`: of each drive the frames that are to be had at
        all, where that is not every one."""
        return Pool(
            tuple(
                PoolDrive.of(
                    drive,
                    signals={name: of[drive.key] for name, of in self.signals.items()},
                    descriptors=self._descriptors(drive),
                    candidates=None if candidates is None else candidates[drive.key],
                    taken=self.taken.get(drive.key, ()),
                    labelled=self.labelled.get(drive.key, ()),
                    excluded=self.excluded.get(drive.key, ()),
                )
                for drive in self.drives
            ),
            self.cycle,
        )

    def _descriptors(self, drive: StoredDrive) -> dict[str, NDArray[np.uint8]]:
        """What is known of how a drive's frames look; rows of zeros where none of them can be
        chosen, as of a lost one that was never described."""
        known = {
            name: of[drive.key] for name, of in self.descriptors.items() if drive.key in of
        }
        if len({*self.excluded.get(drive.key, ())}) < len(drive):
            return known
        kinds = {name: DESCRIPTORS[name] for name in self.descriptors}
        none = {n: np.zeros((len(drive), kind.size), kind.dtype) for n, kind in kinds.items()}
        return {**none, **known}

    def blocked(self) -> dict[str, tuple[int, ...]]:
        """`taken` and `excluded` together, by drive."""
        return {
            drive.key: tuple(
                sorted({*self.taken.get(drive.key, ()), *self.excluded.get(drive.key, ())})
            )
            for drive in self.drives
        }

    def series_of(self, video: str) -> SeriesRecord | None:
        """The series of a video behind the first signal that it has one of."""
        return next((of[video] for of in self.series.values() if video in of), None)

    def pick(
        self,
        drive: str,
        frame: int,
        *,
        rank: int | None,
        score: float | None,
        raw: float | None,
        reason: Mapping[str, Any] | None = None,
    ) -> PickRecord:
        """A pick given in the numbers of its drive, as the ledger keeps it."""
        return PickRecord(
            self._drives[drive].key_of(int(frame)),
            rank,
            None if score is None else float(score),
            None if raw is None else float(raw),
            dict(reason or {}),
        )

    def hash(self) -> str:
        """A sha256 over everything that can change a selection."""
        digest = hashlib.sha256()
        for drive in self.drives:
            frames = [
                (clip.id, clip.fingerprint, clip.frames, clip.fps, clip.kind)
                for clip in drive.clips
            ]
            digest.update(repr((drive.key, frames)).encode())
            for clip in drive.clips:
                if clip.times is not None:
                    digest.update(clip.times.astype("<f8").tobytes())
            values = [of[drive.key] for _, of in sorted(self.signals.items())]
            # Without a signal: as of one that no frame has.
            for series in values or [np.full(len(drive), np.nan, np.float32)]:
                digest.update(series.astype("<f4").tobytes())
            for some in (self.taken, self.excluded):
                digest.update(json.dumps(sorted(some.get(drive.key, ()))).encode())
            for _, rows in sorted(self.descriptors.items()):
                if drive.key in rows:
                    digest.update(_scored_rows(rows[drive.key], values).tobytes())
        return digest.hexdigest()


def _scored_rows(
    rows: NDArray[np.uint8], values: Iterable[NDArray[np.float32]]
) -> NDArray[np.uint8]:
    """The rows of frames with a score: of others none is ever compared where there is one, and
    without any signal rows only ever come to be, all before they are read."""
    scored = np.zeros(len(rows), np.bool_)
    for series in values:
        scored |= ~np.isnan(series)
    return np.ascontiguousarray(rows[scored])


def by_drive(
    keys: Iterable[FrameKey], drives: Iterable[StoredDrive]
) -> dict[str, tuple[int, ...]]:
    """Frame keys as frames of the drives they are in; others are left out.

    Args:
        keys: videos and frame numbers.
        drives: those of a project.

    Returns:
        By the drive's key its frame numbers, ascending.

    Example:
        >>> by_drive([], project.videos.drives("pool"))
        {}
    """
    offsets = {
        clip.id: (drive.key, offset, clip.frames)
        for drive in drives
        for clip, offset in zip(drive.clips, drive.offsets, strict=True)
    }
    frames_of: dict[str, list[int]] = {}
    for key in keys:
        drive, offset, frames = offsets.get(key.video, ("", 0, 0))
        if 0 <= key.frame < frames:
            frames_of.setdefault(drive, []).append(offset + key.frame)
    return {drive: tuple(sorted(frames)) for drive, frames in frames_of.items()}
