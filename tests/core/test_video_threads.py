"""Decoders of large frames work in fewer threads, and give the same pictures."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framesift.video import cursor, open_video
from framesift.video.cursor import THREADS_BYTES, decoding_threads
from framesift.video.reading import Reader
from framesift.video.reading import _bytes_of as bytes_of

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


@pytest.mark.parametrize(
    ("width", "height", "cores", "threads"),
    [
        (1920, 1080, 64, 0),
        (3840, 2160, 8, 0),
        (3840, 2160, 64, 0),
        (7680, 4320, 2, 0),
        (7680, 4320, 4, 4),
        (7680, 4320, 64, 4),
        (8192, 4352, 64, 3),
        (8192 * 4, 4352, 64, 2),
    ],
)
def test_threads_of_frames_of_a_size(width: int, height: int, cores: int, threads: int) -> None:
    assert decoding_threads(width * height * 3 // 2, cores) == threads


@given(st.integers(1, 1 << 30), st.integers(1, 256))
def test_what_threads_hold_is_bounded(frame_bytes: int, cores: int) -> None:
    threads = decoding_threads(frame_bytes, cores) or min(cores + 1, 16)
    assert threads <= cores + 1
    assert threads <= 2 or threads * frame_bytes <= THREADS_BYTES


def test_fewer_threads_decode_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))
    clip = media.encode(tmp_path / "clip.mp4", media.pictures(24), b_frames=2)
    with open_video(clip) as video:
        known = [frame.image for frame in video.frames()]
    asked: list[int] = []

    def few(frame_bytes: int, cores: int) -> int:
        asked.append(frame_bytes)
        return 2

    monkeypatch.setattr(cursor, "decoding_threads", few)
    with open_video(clip) as video:
        for number in reversed(range(len(video))):
            np.testing.assert_array_equal(video.frame(number).image, known[number])
    assert set(asked) == {64 * 48 * 3 // 2}


def test_frames_of_a_closed_decoder_go_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))
    clip = media.encode(tmp_path / "clip.mp4", media.pictures(24), b_frames=2)
    size = 64 * 48 * 3 // 2
    with open_video(clip) as video:
        reader = Reader(clip, video.table, cache_bytes=6 * size)
        for number in reversed(range(len(video))):
            reader.get(number)
            decoders = set(reader._kept_by.values())
            assert len(decoders) <= 1 or reader._kept_bytes < 6 * size
            assert reader._kept_bytes == sum(map(bytes_of, reader._kept.values())) <= 6 * size
        assert reader._cursor.openings > 1
        reader.close()
