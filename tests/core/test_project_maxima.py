"""Region maxima as a project keeps them."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framesift.errors import InputError
from framesift.project import MAXIMA, Project
from framesift.project.chunks import CHUNK
from framesift.project.maxima import as_cells, as_rows, empty_cells, of_cells, packed, unpacked
from framesift.project.migrations import MIGRATIONS

SIZE_WH = (640, 480)
MAXIMUM = st.tuples(
    st.floats(0, 640, width=32), st.floats(0, 480, width=32), st.floats(2**-20, 2**20, width=32)
)
RECIPE = {"score": {"method": "divergence"}}


class Clip:
    kind, fps, width, height, times = "file", 30.0, *SIZE_WH, None
    path, fingerprint = Path("drive.mp4"), "drive"

    def __len__(self) -> int:
        return CHUNK + 300


@given(st.lists(MAXIMUM, max_size=MAXIMA))
def test_what_is_kept_is_near_and_stays_as_it_is(maxima: list[tuple[float, ...]]) -> None:
    given_rows = as_rows([tuple(sorted(maxima, key=lambda m: -m[2]))])
    cells = as_cells(given_rows, SIZE_WH)
    kept = of_cells(cells, SIZE_WH)
    assert (np.isnan(kept) == np.isnan(given_rows)).all()
    there = ~np.isnan(kept[:, :, 2])
    away = np.abs(kept - given_rows)[there]
    assert (away[:, :2] <= np.array(SIZE_WH) / 160 + 1e-3).all()
    # A value falls to a 60,000th of the one before at most.
    falls = given_rows[0, 1:, 2] / given_rows[0, :-1, 2]
    if not (falls < 1e-4).any():
        ratio = kept[:, :, 2][there] / given_rows[:, :, 2][there]
        assert (np.abs(np.log2(ratio)) <= 1 / 32 + 1e-5).all()
    assert (np.diff(kept[0, :, 2][there[0]]) <= 0).all()
    assert np.array_equal(as_cells(kept, SIZE_WH), cells)


def test_a_place_beyond_the_picture_is_at_its_border() -> None:
    rows = as_rows([((-3.0, 900.0, 0.5),)])
    [[x, y, value], *_] = of_cells(as_cells(rows, SIZE_WH), SIZE_WH)[0].tolist()
    assert (x, y, value) == (4.0, 477.0, 0.5)


def test_what_is_no_chunk_is_damage() -> None:
    cells = empty_cells()
    assert np.array_equal(unpacked(packed(cells), Path("p")), cells)
    for data in (b"nothing", zlib.compress(b"short"), zlib.compress(bytes(CHUNK * 17))):
        with pytest.raises(InputError, match="region maxima"):
            unpacked(data, Path("p"))


def test_a_project_of_format_6_keeps_its_maxima(tmp_path: Path) -> None:
    frames = [0, 3, 255, 256, CHUNK - 1, CHUNK, CHUNK + 299]
    rows = {
        frame: np.array([[frame % 640, 7, 0.5], [600, 400, 0.25]], "<f4") for frame in frames
    }
    with Project.create(tmp_path / "old") as project:
        project.videos.add(Clip())
        with project.series.writer("drive", RECIPE) as writer:
            for frame in frames:
                writer.add(frame, 0.5, tuple(map(tuple, rows[frame].tolist())))
        [series] = project.series.all()
        new = project.series.maxima(series, frames)
        database = project._database
        database.run("DELETE FROM maxima")
        for piece in {frame // 256 for frame in frames}:
            data = np.full((256, 5, 3), np.nan, "<f4")
            for frame in frames:
                if frame // 256 == piece:
                    data[frame % 256, :2] = rows[frame]
            database.run("INSERT INTO maxima VALUES (1, ?, ?)", (piece, data.tobytes()))
        with database.writing():
            MIGRATIONS[6](database)
        assert project.series.maxima(series, range(CHUNK + 300)) == new
        assert list(new) == frames
    Project.open(tmp_path / "old").close()
