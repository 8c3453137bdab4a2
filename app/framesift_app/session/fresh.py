"""Scores as they are made: heard on the inference thread, put into the curves now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.project import StoredDrive

LIVE_S = 0.5
ByDrive = dict[str, dict[str, NDArray[Any]]]
"""One value or row per frame, by name and drive."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """The score of one frame of a video by a signal, with its descriptors' rows by name."""

    video: str
    frame: int
    signal: str
    score: float
    rows: Mapping[str, NDArray[np.uint8]]


class FreshScores:
    """Those that no curve shows yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fresh] = []
        self._taken_at = 0.0

    def add(
        self,
        video: str,
        frame: int,
        signal: str,
        score: float,
        rows: Mapping[str, NDArray[np.uint8]],
    ) -> None:
        """Hears of a score; from any thread."""
        with self._lock:
            self._waiting.append(Fresh(video, frame, signal, score, rows))

    def take(self, every_s: float) -> Sequence[Fresh]:
        """What has come since the last time; nothing before `every_s` seconds are over."""
        now = time.monotonic()
        if now - self._taken_at < every_s:
            return ()
        self._taken_at = now
        with self._lock:
            fresh, self._waiting = self._waiting, []
        return fresh


@dataclass(slots=True)
class Values:
    """What is known of each drive: signals (float32, NaN: not scored) and descriptors (frames
    × entries of a row)."""

    signals: ByDrive
    descriptors: ByDrive
    _mine: set[tuple[str, str]] = field(default_factory=set)

    def with_fresh(
        self, fresh: Sequence[Fresh], drives: Sequence[StoredDrive]
    ) -> tuple[Values, set[str]]:
        """The same with some more scores, and the drives that have them."""
        places = {
            clip.id: (drive, offset)
            for drive in drives
            for clip, offset in zip(drive.clips, drive.offsets, strict=True)
        }
        grown = Values(
            {name: dict(of) for name, of in self.signals.items()},
            {name: dict(of) for name, of in self.descriptors.items()},
        )
        changed = set[str]()
        for score in fresh:
            if score.video in places:
                drive, offset = places[score.video]
                changed.add(drive.key)
                grown._put(drive, offset + score.frame, score)
        return grown, changed

    def _put(self, drive: StoredDrive, frame: int, score: Fresh) -> None:
        empty = np.full(len(drive), np.nan, np.float32)
        self._own(self.signals, score.signal, drive, empty)[frame] = score.score
        for name, row in score.rows.items():
            rows = np.zeros((len(drive), len(row)), row.dtype)
            self._own(self.descriptors, name, drive, rows)[frame] = row

    def _own(
        self, known: ByDrive, name: str, drive: StoredDrive, empty: NDArray[Any]
    ) -> NDArray[Any]:
        """An array of its own for a drive: those shown are never written to."""
        of = known.setdefault(name, {})
        if (name, drive.key) not in self._mine:
            self._mine.add((name, drive.key))
            of[drive.key] = of[drive.key].copy() if drive.key in of else empty
        return of[drive.key]
