"""Stored descriptors: rows of bytes, one per frame, by video and the descriptor's name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from framesift.project.chunks import SMALL_CHUNK, by_chunk
from framesift.project.database import Database

TABLES = """
CREATE TABLE descriptors (
    video TEXT NOT NULL REFERENCES videos (id), name TEXT NOT NULL, chunk INTEGER NOT NULL,
    present BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (video, name, chunk));
"""


class DescriptorStore:
    """The descriptors of a project's frames. A frame's row is written once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, video: str, name: str, frames: int) -> NDArray[np.uint8] | None:
        """uint8 frames×T of a video, zeros where none was stored; None without any."""
        stored = self._stored(video, name)
        if not stored:
            return None
        size = max(len(data) for _, _, data in stored) // SMALL_CHUNK
        rows = np.zeros((frames, size), np.uint8)
        for chunk, _, data in stored:
            if len(data) == SMALL_CHUNK * size:
                part = rows[chunk * SMALL_CHUNK : (chunk + 1) * SMALL_CHUNK]
                part[:] = np.frombuffer(data, np.uint8).reshape(-1, size)[: len(part)]
        return rows

    def present(self, video: str, name: str, frames: int) -> NDArray[np.bool_]:
        """bool per frame of a video: whether it has a row."""
        has_row = np.zeros(frames, np.bool_)
        for chunk, present, _ in self._stored(video, name):
            part = has_row[chunk * SMALL_CHUNK : (chunk + 1) * SMALL_CHUNK]
            part[:] = np.frombuffer(present, np.uint8)[: len(part)] > 0
        return has_row

    def _stored(self, video: str, name: str) -> list[tuple[int, bytes, bytes]]:
        return [
            (int(chunk), present, data)
            for chunk, present, data in self._database.rows(
                "SELECT chunk, present, data FROM descriptors WHERE video = ? AND name = ?",
                (video, name),
            )
        ]

    def write(self, video: str, rows: Mapping[int, Mapping[str, NDArray[np.uint8]]]) -> None:
        """Stores rows (uint8 T, by name) of frames; a frame that has one keeps it. Inside a
        transaction of the caller."""
        named: dict[str, dict[int, NDArray[np.uint8]]] = {}
        for frame, of in rows.items():
            for name, row in of.items():
                named.setdefault(name, {})[frame] = row
        for name, some in named.items():
            for chunk, frames in by_chunk(some, SMALL_CHUNK).items():
                self._write_chunk(video, name, chunk, {frame: some[frame] for frame in frames})

    def remove(self, video: str, name: str) -> None:
        """Drops all rows of a name. Inside a transaction of the caller."""
        self._database.run(
            "DELETE FROM descriptors WHERE video = ? AND name = ?", (video, name)
        )

    def _write_chunk(
        self, video: str, name: str, chunk: int, rows: Mapping[int, NDArray[np.uint8]]
    ) -> None:
        size = int(next(iter(rows.values())).size)
        stored = self._database.one(
            "SELECT present, data FROM descriptors WHERE video = ? AND name = ? AND chunk = ?",
            (video, name, chunk),
        )
        present = np.zeros(SMALL_CHUNK, np.uint8)
        data = np.zeros((SMALL_CHUNK, size), np.uint8)
        # Rows of another size come from another version: they are made anew.
        if stored is not None and len(stored[1]) == data.nbytes:
            present = np.frombuffer(stored[0], np.uint8).copy()
            data = np.frombuffer(stored[1], np.uint8).reshape(-1, size).copy()
        for frame, row in rows.items():
            if not present[frame % SMALL_CHUNK]:
                data[frame % SMALL_CHUNK] = row
                present[frame % SMALL_CHUNK] = 1
        self._database.run(
            "INSERT INTO descriptors VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "present = excluded.present, data = excluded.data",
            (video, name, chunk, present.tobytes(), data.tobytes()),
        )
