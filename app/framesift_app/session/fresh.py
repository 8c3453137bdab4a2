"""Scores as they are made: heard on the inference thread, put into the curves now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.project import StoredDrive

LIVE_S = 0.5


@dataclass(frozen=True, slots=True)
class Fresh:
    """The score of one frame of a video, with its thumbnail (flat uint8) where one is kept."""

    video: str
    frame: int
    score: float
    thumbnail: Any


class FreshScores:
    """Those that no curve shows yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fresh] = []
        self._taken_at = 0.0

    def add(self, video: str, frame: int, score: float, thumbnail: Any) -> None:
        """Hears of a score; from any thread."""
        with self._lock:
            self._waiting.append(Fresh(video, frame, score, thumbnail))

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
    """What is known of each drive: scores (NaN: none) and thumbnails (frames × flat uint8)."""

    raw: dict[str, NDArray[np.float32]]
    thumbnails: dict[str, NDArray[np.uint8]]

    def with_fresh(
        self, fresh: Sequence[Fresh], drives: Sequence[StoredDrive]
    ) -> tuple[Values, set[str]]:
        """The same with some more scores, and the drives that have them."""
        places = {
            clip.id: (drive, offset)
            for drive in drives
            for clip, offset in zip(drive.clips, drive.offsets, strict=True)
        }
        grown, changed = Values(dict(self.raw), dict(self.thumbnails)), set[str]()
        for score in fresh:
            if score.video in places:
                drive, offset = places[score.video]
                if drive.key not in changed:
                    changed.add(drive.key)
                    grown._own(drive, score.thumbnail)
                grown._put(drive.key, offset + score.frame, score)
        return grown, changed

    def _own(self, drive: StoredDrive, thumbnail: Any) -> None:
        """Arrays of its own for a drive: those shown are never written to."""
        known, key = self.raw.get(drive.key), drive.key
        self.raw[key] = (
            np.full(len(drive), np.nan, np.float32) if known is None else known.copy()
        )
        if thumbnail is not None:
            small = self.thumbnails.get(key)
            self.thumbnails[key] = (
                np.zeros((len(drive), len(thumbnail)), np.uint8)
                if small is None
                else small.copy()
            )

    def _put(self, drive: str, frame: int, score: Fresh) -> None:
        self.raw[drive][frame] = score.score
        if score.thumbnail is not None and drive in self.thumbnails:
            self.thumbnails[drive][frame] = score.thumbnail
