"""Stored score series: the values of a video's frames and the recipe that made them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.project.chunks import (
    CHUNK,
    FloatArray,
    Maxima,
    by_chunk,
    floats,
    identity_of,
)
from framesift.project.database import Database
from framesift.project.descriptors import DescriptorStore
from framesift.project.maxima import of_cells, picture_size, stored_cells
from framesift.project.records import SeriesRecord
from framesift.project.series_writer import SeriesWriter

_COLUMNS = "number, video, identity, recipe, scored, updated"


class SeriesStore:
    """The score series of a project: per video, one for each recipe that was used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._descriptors = DescriptorStore(database)

    def all(self, video: str | None = None) -> tuple[SeriesRecord, ...]:
        """The series of one video or of all, the oldest first."""
        where, values = ("WHERE video = ?", (video,)) if video is not None else ("", ())
        return tuple(
            map(
                self._record,
                self._database.rows(
                    f"SELECT {_COLUMNS} FROM series {where} ORDER BY number", values
                ),
            )
        )

    def get(self, video: str, recipe: Mapping[str, Any]) -> SeriesRecord | None:
        """The series of a video that this very recipe made, if any."""
        row = self._database.one(
            f"SELECT {_COLUMNS} FROM series WHERE video = ? AND identity = ?",
            (video, identity_of(recipe)),
        )
        return None if row is None else self._record(row)

    def best(
        self,
        recipe: Mapping[str, Any] | None = None,
        masks: Mapping[str, str | None] | None = None,
        *,
        signal: str | None = None,
    ) -> dict[str, SeriesRecord]:
        """The series of each video that should be selected from, where it has one.

        `recipe`: entries of one that must be equal, e.g. {"detector": …, "score": …}; a
        "score" without "mask" fits scores with any mask. `signal`: the score that they must be
        of, whatever else the recipes say. Of several series the one with the
        mask of `masks` (digests by video id) goes first, then the fullest, then the newest.
        """
        best: dict[str, tuple[tuple[bool, int, int], SeriesRecord]] = {}
        for record in self.all():
            if not _fits(record.recipe, recipe or {}) or signal not in (None, record.signal):
                continue
            mask = _entry(record.recipe, "score").get("mask")
            order = (mask == (masks or {}).get(record.video), record.scored, record.number)
            if record.video not in best or order > best[record.video][0]:
                best[record.video] = (order, record)
        return {video: record for video, (_, record) in best.items()}

    def writer(
        self,
        video: str,
        recipe: Mapping[str, Any],
        *,
        every_s: float = 2.0,
        every_frames: int = 512,
    ) -> SeriesWriter:
        """What a scoring run of one video writes to; see SeriesWriter."""
        known = self.get(video, recipe)
        scored = (
            np.zeros(self._frames(video), np.bool_)
            if known is None
            else ~np.isnan(self.values(known))
        )
        return SeriesWriter(
            self._database, video, recipe, scored, every_s=every_s, every_frames=every_frames
        )

    def values(self, series: SeriesRecord) -> FloatArray:
        """float32, one value per frame of the video, NaN = not scored."""
        values = np.full(self._frames(series.video), np.nan, np.float32)
        for chunk, data in self._database.rows(
            "SELECT chunk, data FROM scores WHERE series = ?", (series.number,)
        ):
            part = values[chunk * CHUNK : (chunk + 1) * CHUNK]
            part[:] = floats(self._database, data, CHUNK)[: len(part)]
        return values

    def maxima(self, series: SeriesRecord, frames: Iterable[int]) -> dict[int, Maxima]:
        """The largest region maxima of frames: (x, y, value) in native pixels, largest first;
        x and y to a 160th of the picture's sides, the value to 2.2 %. Frames without any are
        left out."""
        maxima: dict[int, Maxima] = {}
        size_wh = picture_size(self._database, series.video)
        for chunk, some in by_chunk(frames, CHUNK).items():
            cells = stored_cells(self._database, series.number, chunk)
            if cells is None:
                continue
            rows = of_cells(cells[[frame % CHUNK for frame in some]], size_wh)
            for frame, row in zip(some, rows.tolist(), strict=True):
                kept = tuple((x, y, v) for x, y, v in row if not math.isnan(v))
                if kept:
                    maxima[frame] = kept
        return maxima

    def descriptors(self, video: str, name: str) -> NDArray[np.uint8] | None:
        """A descriptor of a video's frames by its name: uint8 frames×T, zeros where none was
        stored; None without any."""
        return self._descriptors.rows(video, name, self._frames(video))

    def described(self, video: str, name: str) -> NDArray[np.bool_]:
        """bool per frame of a video: whether its descriptor of that name is stored."""
        return self._descriptors.present(video, name, self._frames(video))

    def describe(self, video: str, rows: Mapping[int, Mapping[str, NDArray[np.uint8]]]) -> None:
        """Stores descriptors (by name, uint8 T) of frames; a frame that has one keeps it."""
        with self._database.writing():
            self._descriptors.write(video, rows)

    def remove(self, series: SeriesRecord) -> None:
        """Deletes a series; InputError when a cycle was selected from it."""
        if self._database.value(
            "SELECT 1 FROM cycle_series WHERE series = ?", (series.number,)
        ):
            raise InputError("A cycle was selected from these scores; its replay needs them.")
        with self._database.writing():
            for table in ("scores", "maxima"):
                self._database.run(f"DELETE FROM {table} WHERE series = ?", (series.number,))
            self._database.run("DELETE FROM series WHERE number = ?", (series.number,))

    def selected_from(self, series: SeriesRecord) -> bool:
        """Whether a cycle was selected from a series, so that its replay needs it as it is."""
        return bool(
            self._database.value(
                "SELECT 1 FROM cycle_series WHERE series = ?", (series.number,)
            )
        )

    def _frames(self, video: str) -> int:
        frames = self._database.value("SELECT frames FROM videos WHERE id = ?", (video,))
        if frames is None:
            raise InputError(f"The project has no video {video!r}; add it first.")
        return int(frames)

    def _record(self, row: tuple[Any, ...]) -> SeriesRecord:
        number, video, identity, recipe, scored, updated = row
        return SeriesRecord(
            number, video, identity, self._database.json(recipe, dict), scored, updated
        )


def _entry(recipe: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    entry = recipe.get(name)
    return entry if isinstance(entry, Mapping) else {}


def _fits(recipe: Mapping[str, Any], entries: Mapping[str, Any]) -> bool:
    for name, value in entries.items():
        if name == "score" and isinstance(value, Mapping) and "mask" not in value:
            unmasked = {k: v for k, v in _entry(recipe, name).items() if k != "mask"}
            if unmasked != value:
                return False
        elif recipe.get(name) != value:
            return False
    return True
