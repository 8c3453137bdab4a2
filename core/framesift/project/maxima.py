"""How region maxima lie in the database: where a frame was unsure, in about ten bytes.

They are drawn as circles around regions that are a twentieth of the picture wide, and nothing
is computed from them. So a place is kept to an 80th of the picture's sides and a value to 16
steps in an octave, and zlib packs the rest. What was read and is stored again stays as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.project.chunks import CHUNK, MAXIMA, FloatArray, Maxima
from framesift.project.database import Database
from framesift.project.sentences import damaged

PLACES = 80
"""Steps of a place along each side of the picture."""
STEPS = 16
"""Of a value, in an octave: it is kept to 2.2 %."""
_LOWEST = 2048
"""What is added to a step, so that that of the smallest float32 is positive."""
_COLUMNS = 3 * MAXIMA + 1

Cells = NDArray[np.uint8]


def picture_size(database: Database, video: str) -> tuple[int, int]:
    """(width, height) of a stored video's pictures; InputError for one that there is not."""
    row = database.one("SELECT width, height FROM videos WHERE id = ?", (video,))
    if row is None:
        raise InputError(f"The project has no video {video!r}; add it first.")
    return int(row[0]), int(row[1])


def stored_cells(database: Database, series: int, chunk: int) -> Cells | None:
    """A chunk of a series; None where no frame of it has maxima."""
    data = database.value(
        "SELECT data FROM maxima WHERE series = ? AND chunk = ?", (series, chunk)
    )
    return None if data is None else unpacked(data, database.path)


def as_rows(maxima: Sequence[Maxima]) -> FloatArray:
    """Maxima of frames, (x, y, value), the largest first, as float32 N×5×3, NaN = none."""
    rows = np.full((len(maxima), MAXIMA, 3), np.nan, np.float32)
    for row, some in zip(rows, maxima, strict=True):
        if some:
            row[: min(len(some), MAXIMA)] = some[:MAXIMA]
    return rows


def as_cells(rows: FloatArray, size_wh: tuple[int, int]) -> Cells:
    """Maxima float32 N×5×3 (x, y, value), NaN = none, as they are kept: uint8 N×16.

    `size_wh`: of the picture that x and y lie in; what lies outside is moved to its border.
    """
    there = ~np.isnan(rows[:, :, 2])
    with np.errstate(invalid="ignore"):
        places = np.floor(rows[:, :, :2] * (PLACES / np.asarray(size_wh, np.float64)))
    places = np.where(there[:, :, None], np.clip(places, 0, PLACES - 1), PLACES)
    values = np.where(there, rows[:, :, 2], 1).astype(np.float64)
    tiny = float(np.finfo(np.float32).tiny)
    steps = np.rint(STEPS * np.log2(np.maximum(values, tiny))).astype(np.int64) + _LOWEST
    # Each from the one before as that is kept, so that roundings do not add up.
    falls = np.zeros((len(rows), MAXIMA - 1), np.int64)
    kept = steps[:, 0]
    for n in range(1, MAXIMA):
        falls[:, n - 1] = np.clip(kept - steps[:, n], 0, 255) * there[:, n]
        kept = kept - falls[:, n - 1]
    first = np.stack([steps[:, 0] >> 8, steps[:, 0] & 255], axis=1) * there[:, :1]
    return np.concatenate([places[..., 0], places[..., 1], first, falls], axis=1).astype(
        np.uint8
    )


def of_cells(cells: Cells, size_wh: tuple[int, int]) -> FloatArray:
    """The inverse of `as_cells`: the middle of each place."""
    wide = cells.astype(np.int64)
    places = np.stack([wide[:, :MAXIMA], wide[:, MAXIMA : 2 * MAXIMA]], axis=2)
    first = (wide[:, 2 * MAXIMA] << 8) + wide[:, 2 * MAXIMA + 1]
    falls = np.concatenate([np.zeros((len(wide), 1), np.int64), wide[:, -4:]], axis=1)
    steps = first[:, None] - np.cumsum(falls, axis=1) - _LOWEST
    xy = (places + 0.5) * (np.asarray(size_wh, np.float64) / PLACES)
    values = np.exp2(np.clip(steps / STEPS, -126, 127))
    rows = np.concatenate([xy, values[:, :, None]], axis=2).astype(np.float32)
    rows[(places >= PLACES).any(axis=2)] = np.nan
    return rows


def empty_cells() -> Cells:
    """A chunk of frames without maxima."""
    cells = np.zeros((CHUNK, _COLUMNS), np.uint8)
    cells[:, : 2 * MAXIMA] = PLACES
    return cells


def packed(cells: Cells) -> bytes:
    """A chunk as it is stored: one column after the other, each with a code of its own."""
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    columns = [
        packer.compress(column.tobytes()) + packer.flush(zlib.Z_FULL_FLUSH)
        for column in cells.T
    ]
    return b"".join(columns) + packer.flush()


def unpacked(data: bytes, path: Path) -> Cells:
    """The inverse of `packed`; InputError, naming the file at `path`, for what is no chunk."""
    size = CHUNK * _COLUMNS
    try:
        # One byte more than there may be, so that a bomb is seen and not unpacked.
        raw = zlib.decompressobj().decompress(data, size + 1)
    except zlib.error as error:
        raise damaged(path, "region maxima cannot be read") from error
    if len(raw) != size:
        raise damaged(path, "region maxima are cut off")
    return np.frombuffer(raw, np.uint8).reshape(_COLUMNS, CHUNK).T.copy()
