"""The memory rows of the bench: what grows is seen, and reading and opening do not grow."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from framesift.bench import memory_rows
from framesift.bench.memory import draw_large, growth, peak_of
from framesift.bench.reading import ORDERS, read
from framesift.video import open_video

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


def test_the_peak_of_a_process_is_seen() -> None:
    small, large = (
        peak_of([sys.executable, "-c", f"import time; x = b'x' * {mb << 20}; time.sleep(0.1)"])
        for mb in (1, 100)
    )
    assert 90 * MEGABYTE < large - small < 110 * MEGABYTE


def test_a_process_that_fails_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match="status 1"):
        peak_of([sys.executable, "-c", "raise SystemExit(1)"])


def test_large_frames_are_read_both_ways(tmp_path: Path) -> None:
    sized = memory_rows.Large("larger", 1280, 720, 200)
    row = memory_rows._large_row(tmp_path, sized, 4)
    assert row.name == "memory: larger"
    assert row.ratio is not None
    # Three pictures in RGB are the least that there can be.
    assert 8 / 200 < row.ratio <= 1


def test_what_is_drawn_moves(tmp_path: Path) -> None:
    draw_large(tmp_path / "drawn.mp4", 128, 128, 3)
    with open_video(tmp_path / "drawn.mp4") as video:
        images = video[0:3]
    assert images.shape == (3, 128, 128, 3)
    assert (images[0] != images[2]).any()


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_reads(order: str, small_drive: Path) -> None:
    read(small_drive, order)
