"""Writing series as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.files import cell, replacing
from framesift.records import Progress

CHUNK = 20_000
"""Frames between two records of progress."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Values of a drive's frames from `first` on; `columns`: float N by name, NaN = none."""

    drive: str
    first: int
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return max(map(len, self.columns.values()), default=0)


@dataclass(frozen=True, slots=True)
class ValuesWritten:
    """What came of it: `rows` frames stand in the file, `empty` ones have no value."""

    path: Path
    rows: int
    empty: int


def writing(path: Path, stretches: Sequence[Stretch]) -> Iterator[Progress | ValuesWritten]:
    """Writes a row per frame that has a value, as CSV, whole or not at all: drive, frame, then
    a column for each name that any stretch has. Raises EnvironmentProblem."""
    names = list(dict.fromkeys(name for part in stretches for name in part.columns))
    total = sum(map(len, stretches))
    done = rows = 0
    with (
        replacing(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        table = csv.writer(file)
        table.writerow(["drive", "frame", *names])
        for part in stretches:
            for begin in range(0, len(part), CHUNK):
                lines = list(_lines(part, names, begin))
                table.writerows(lines)
                rows, done = rows + len(lines), done + min(CHUNK, len(part) - begin)
                yield Progress(done, total)
    yield ValuesWritten(path, rows, total - rows)


def _lines(part: Stretch, names: Sequence[str], begin: int) -> Iterator[list[str | int]]:
    count = min(CHUNK, len(part) - begin)
    values = np.full((count, len(names)), np.nan)
    for at, name in enumerate(names):
        given = part.columns.get(name, np.zeros(0))[begin : begin + count]
        values[: len(given), at] = given
    drive, spelt = cell(part.drive), np.isfinite(values)
    for row in np.flatnonzero(spelt.any(axis=1)).tolist():
        yield [
            drive,
            part.first + begin + row,
            *(
                f"{value:.9g}" if there else ""
                for value, there in zip(values[row].tolist(), spelt[row].tolist(), strict=True)
            ),
        ]
