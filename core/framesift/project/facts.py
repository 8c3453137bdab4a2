"""What is known of the single frames of a project's videos: times where the rate varies, and
which are damaged."""

from __future__ import annotations

import zlib
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from framesift.project.database import Database
from framesift.project.sentences import damaged

TABLES = """
CREATE TABLE frame_times (
    video TEXT PRIMARY KEY REFERENCES videos (id), seconds BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE damage (
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    PRIMARY KEY (video, frame)) WITHOUT ROWID;
CREATE TABLE removed_videos (
    video TEXT PRIMARY KEY REFERENCES videos (id), time REAL NOT NULL) WITHOUT ROWID;
"""


class FrameFacts:
    """Facts about frames, by video id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._times: dict[tuple[str, float], NDArray[np.float64] | None] = {}

    def times(self, video: str, added: float, frames: int) -> NDArray[np.float64] | None:
        """Seconds of the frames of a video, that was `added` then, from the first one: float64,
        read-only, where the rate varies; None where it is constant. They never change."""
        key = (video, added)
        if key not in self._times:
            data = self._database.value(
                "SELECT seconds FROM frame_times WHERE video = ?", (video,)
            )
            self._times[key] = None if data is None else self._unpacked(data, frames)
        return self._times[key]

    def _unpacked(self, data: bytes, frames: int) -> NDArray[np.float64]:
        try:
            # One byte more than there may be, so that a bomb is seen and not unpacked.
            raw = zlib.decompressobj().decompress(data, 8 * frames + 1)
            times = np.frombuffer(raw, "<f8")
        except (zlib.error, ValueError, TypeError) as error:
            raise damaged(self._database.path, "the times of frames cannot be read") from error
        if len(times) != frames or not (np.diff(times) > 0).all():
            raise damaged(self._database.path, "the times of frames make no sense")
        return times

    def keep_times(self, video: str, times: NDArray[np.float64] | None) -> None:
        """Remembers the times of a video that is being added; None: a constant rate."""
        if times is not None:
            self._database.run(
                "INSERT INTO frame_times VALUES (?, ?)",
                (video, zlib.compress(times.astype("<f8").tobytes())),
            )

    def damaged(self, video: str) -> frozenset[int]:
        """The numbers of frames that are known as damaged."""
        rows = self._database.rows("SELECT frame FROM damage WHERE video = ?", (video,))
        return frozenset(int(frame) for (frame,) in rows)

    def add_damaged(self, video: str, frames: Collection[int]) -> None:
        """Remembers frames as damaged; those that are known stay."""
        if not frames:
            return
        with self._database.writing():
            self._database.many(
                "INSERT OR IGNORE INTO damage VALUES (?, ?)",
                [(video, n) for n in sorted(frames)],
            )

    def mended(self, video: str, frames: Collection[int]) -> None:
        """Forgets that frames were damaged: the file is well again."""
        if not frames:
            return
        with self._database.writing():
            self._database.many(
                "DELETE FROM damage WHERE video = ? AND frame = ?",
                [(video, n) for n in sorted(frames)],
            )
