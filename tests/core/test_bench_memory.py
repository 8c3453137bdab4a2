"""The memory rows of the bench: what grows is seen, and reading and opening do not grow."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from framesift.bench import memory_rows
from framesift.bench.memory import growth

MEGABYTE = 1 << 20


def test_what_is_kept_each_time_is_growth() -> None:
    kept: list[np.ndarray] = []
    assert growth(lambda: kept.append(np.ones(MEGABYTE)), 12, 4) > 50 * MEGABYTE
    assert len(kept) == 12


def test_what_is_let_go_is_none() -> None:
    assert growth(lambda: np.ones(MEGABYTE), 12, 4) < 20 * MEGABYTE


def test_openings_do_not_grow(small_drive: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(small_drive.read_bytes())
    row = memory_rows._openings_row(clip)
    assert row.name == "memory: openings"
    assert row.ratio is not None
    assert row.ratio <= 1


def test_a_stream_does_not_grow(small_drive: Path) -> None:
    row = memory_rows._stream_row(small_drive, quick=True)
    assert row.name == "memory: stream"
    assert row.ratio is not None
    assert row.ratio <= 1
