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


@dataclass(frozen=True, slots=True, eq=False)
class SelectionInputs:
    """All that a selection reads, one timeline per drive.

    `values` float32, one per frame of each drive (by key), NaN = not scored; `thumbnails`
    uint8 n×T of the drives that have them, None when they were not asked for; `taken` the
    drive's frames picked in earlier cycles; `excluded` those that may not be picked for
    another reason (the evaluation set, frames that are labelled already). `series` are the
    stored series behind the values, by video id.
    """

    drives: tuple[StoredDrive, ...]
    values: Mapping[str, FloatArray]
    thumbnails: Mapping[str, NDArray[np.uint8]] | None
    taken: Mapping[str, tuple[int, ...]]
    excluded: Mapping[str, tuple[int, ...]]
    series: Mapping[str, SeriesRecord]
    _drives: Mapping[str, StoredDrive] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_drives", {drive.key: drive for drive in self.drives})

    def blocked(self) -> dict[str, tuple[int, ...]]:
        """`taken` and `excluded` together, by drive."""
        return {
            drive.key: tuple(
                sorted({*self.taken.get(drive.key, ()), *self.excluded.get(drive.key, ())})
            )
            for drive in self.drives
        }

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
            digest.update(self.values[drive.key].astype("<f4").tobytes())
            for some in (self.taken, self.excluded):
                digest.update(json.dumps(sorted(some.get(drive.key, ()))).encode())
            self._hash_thumbnails(digest, drive.key)
        return digest.hexdigest()

    def _hash_thumbnails(self, digest: Any, drive: str) -> None:
        if self.thumbnails is None or drive not in self.thumbnails:
            return
        # Of frames without a score none is ever compared.
        scored = ~np.isnan(self.values[drive])
        digest.update(np.ascontiguousarray(self.thumbnails[drive][scored]).tobytes())


def by_drive(
    keys: Iterable[FrameKey], drives: Iterable[StoredDrive]
) -> dict[str, tuple[int, ...]]:
    """Frame keys as ascending frames of the drives they are in; others are left out."""
    offsets = {
        clip.id: (drive.key, offset, clip.frames)
        for drive in drives
        for clip, offset in zip(drive.clips, drive.offsets, strict=True)
    }
    found: dict[str, list[int]] = {}
    for key in keys:
        drive, offset, frames = offsets.get(key.video, ("", 0, 0))
        if 0 <= key.frame < frames:
            found.setdefault(drive, []).append(offset + key.frame)
    return {drive: tuple(sorted(frames)) for drive, frames in found.items()}
