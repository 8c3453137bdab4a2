"""What a scoring run writes to.

A frame's score is written once and never again: which frames are scored is told by the NaNs,
so a run may be killed anywhere, in any order of frames, and goes on with what is left.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from framesift.project.chunks import (
    CHUNK,
    MAXIMA,
    FloatArray,
    Maxima,
    by_chunk,
    canonical,
    floats,
    identity_of,
)
from framesift.project.database import Database
from framesift.project.descriptors import DescriptorStore
from framesift.project.maxima import (
    as_cells,
    as_rows,
    empty_cells,
    packed,
    picture_size,
    stored_cells,
)


class SeriesWriter:
    """Takes in the scores of one video and commits them now and then.

    Use as a context manager: what was added is committed when it is left, however it is left.
    What a commit wrote survives the process. `scored` (bool, one per frame) says what needs
    no scoring; it is kept up to date. `guard` is asked before each commit: where it raises,
    what was to be committed is dropped, for it was read from a file that changed.
    """

    def __init__(
        self,
        database: Database,
        video: str,
        recipe: Mapping[str, Any],
        scored: NDArray[np.bool_],
        *,
        every_s: float,
        every_frames: int,
    ) -> None:
        self._database, self._video = database, video
        self._descriptors = DescriptorStore(database)
        self._recipe = canonical(recipe)
        self._identity = identity_of(recipe)
        self._every_s, self._every_frames = every_s, every_frames
        self._waiting: dict[int, tuple[float, Maxima, Mapping[str, NDArray[np.uint8]]]] = {}
        self._last = time.monotonic()
        self._again: set[int] = set()
        self.guard: Callable[[], None] | None = None
        self.scored: NDArray[np.bool_] = scored

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.commit()

    def add(
        self,
        frame: int,
        score: float,
        maxima: Maxima = (),
        descriptors: Mapping[str, NDArray[np.uint8]] | None = None,
    ) -> bool:
        """Takes in a frame; whether that led to a commit. A frame that has a score keeps it.

        `score` finite; `maxima` (x, y, value), the largest first; `descriptors` uint8 T
        by name.
        """
        self._database.check_thread()
        if not 0 <= frame < len(self.scored):
            raise IndexError(f"frame {frame} of {len(self.scored)}")
        if not math.isfinite(score):
            raise ValueError(f"the score of frame {frame} is {score}")
        if not self.scored[frame]:
            self._waiting[frame] = (score, maxima[:MAXIMA], dict(descriptors or {}))
            self.scored[frame] = True
        if (
            len(self._waiting) < self._every_frames
            and time.monotonic() - self._last < self._every_s
        ):
            return False
        self.commit()
        return True

    def commit(self) -> None:
        """Puts all that was added on the disk, in one transaction."""
        self._last = time.monotonic()
        if not self._waiting:
            return
        self._ask_guard()
        with self._database.writing():
            series = self._series()
            self._write_scores(series)
            self._write_maxima(series)
            self._descriptors.write(
                self._video, {frame: rows for frame, (_, _, rows) in self._waiting.items()}
            )
            self._database.run(
                "UPDATE series SET scored = scored + ?, updated = ? WHERE number = ?",
                (len(self._waiting.keys() - self._again), time.time(), series),
            )
        self._again -= self._waiting.keys()
        self._waiting.clear()
        self._last = time.monotonic()

    def _ask_guard(self) -> None:
        if self.guard is None:
            return
        try:
            self.guard()
        except BaseException:
            self.scored[list(self._waiting)] = False
            self._waiting.clear()
            raise

    def rescore(self, frames: Iterable[int]) -> None:
        """Lets frames be scored once more, in place of their scores."""
        for frame in frames:
            if self.scored[frame]:
                self.scored[frame] = False
                self._again.add(frame)

    def _series(self) -> int:
        key = (self._video, self._identity)
        number = self._database.value(
            "SELECT number FROM series WHERE video = ? AND identity = ?", key
        )
        if number is not None:
            return int(number)
        now = time.time()
        return self._database.run(
            "INSERT INTO series (video, identity, recipe, scored, created, updated) "
            "VALUES (?, ?, ?, 0, ?, ?)",
            (*key, self._recipe, now, now),
        )

    def _write_scores(self, series: int) -> None:
        for chunk, frames in by_chunk(self._waiting, CHUNK).items():
            values = self._stored(series, chunk)
            for frame in frames:
                values[frame % CHUNK] = self._waiting[frame][0]
            self._store("scores", series, chunk, values.astype("<f4").tobytes())

    def _write_maxima(self, series: int) -> None:
        some = [frame for frame, (_, maxima, _) in self._waiting.items() if maxima]
        size_wh = picture_size(self._database, self._video)
        for chunk, frames in by_chunk(some, CHUNK).items():
            cells = stored_cells(self._database, series, chunk)
            if cells is None:
                cells = empty_cells()
            rows = as_rows([self._waiting[frame][1] for frame in frames])
            cells[[frame % CHUNK for frame in frames]] = as_cells(rows, size_wh)
            self._store("maxima", series, chunk, packed(cells))

    def _stored(self, series: int, chunk: int) -> FloatArray:
        data = self._database.value(
            "SELECT data FROM scores WHERE series = ? AND chunk = ?", (series, chunk)
        )
        if data is None:
            return np.full(CHUNK, np.nan, np.float32)
        return floats(self._database, data, CHUNK)

    def _store(self, table: str, series: int, chunk: int, data: bytes) -> None:
        self._database.run(
            f"INSERT INTO {table} VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "data = excluded.data",
            (series, chunk, data),
        )
