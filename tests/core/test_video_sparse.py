"""Decoding leaves out what nobody asked for, and gives the very pictures that it gives else."""

from __future__ import annotations

import functools
import runpy
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.video import FileVideo, open_video
from framesift.video.cursor import Cursor
from framesift.video.reading import Reader
from framesift.video.sparse import CODECS, Sparse

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
FRAMES = 40
ENCODERS = {"h264": "libx264", "hevc": "libx265", "mpeg4": "mpeg4", "mpeg2video": "mpeg2video"}


@pytest.fixture(scope="module", params=[*sorted(CODECS), "h264 without B-frames"])
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A video of a codec, and whether no other picture refers to some of its."""
    codec, *without = request.param.split(" ", 1)
    path = media.encode(
        tmp_path_factory.mktemp("sparse") / "drawn.mp4",
        media.pictures(FRAMES),
        codec=ENCODERS[codec],
        b_frames=0 if without else 2,
        gop=13,
    )
    with open_video(path) as video:
        assert isinstance(video, FileVideo)
        assert video.table.codec == codec
        yield video, not without


def read(video: FileVideo, numbers: Sequence[int]) -> list[tuple[int, bool, bytes]]:
    frames = video.read(numbers)
    return [(one.number, one.corrupt, one.image.tobytes()) for one in frames]


@functools.cache
def whole(video: FileVideo) -> list[tuple[int, bool, bytes]]:
    return read(video, range(FRAMES))


@settings(deadline=None, max_examples=12)
@given(st.lists(st.integers(0, FRAMES - 1), min_size=1, max_size=9))
def test_frames_are_the_same_whatever_else_is_asked_for(
    drawn: tuple[FileVideo, bool], numbers: list[int]
) -> None:
    video, _ = drawn
    assert Sparse.of(video.table, numbers) is not None
    for some in (sorted(numbers), numbers):
        assert read(video, some) == [whole(video)[number] for number in some]


def test_pictures_that_no_other_one_refers_to_are_left_out(
    drawn: tuple[FileVideo, bool],
) -> None:
    video, spare = drawn
    sparse = Sparse.of(video.table, range(0, FRAMES, 10))
    with closing(Cursor(video.path, video.table, sparse=sparse)) as cursor:
        came = {video.table.rank_of(label) for label, _ in cursor.decode_from(0)}
    assert {0, 10, 20, 30} <= came
    assert (len(came) < FRAMES) == spare


def test_nothing_is_left_out_where_it_might_show(drawn: tuple[FileVideo, bool]) -> None:
    table = drawn[0].table
    lost = table.timestamps.copy()
    lost[20:] += lost[1] - lost[0]
    assert Sparse.of(table, range(FRAMES)) is None
    assert Sparse.of(table, iter([3])) is None
    assert Sparse.of(table, [3]) is not None
    for other in (
        replace(table, codec="vp9"),
        replace(table, naming="count"),
        replace(table, serial=True),
        replace(table, damaged=frozenset([7])),
        replace(table, careful=frozenset([0])),
        replace(table, timestamps=lost),
    ):
        assert Sparse.of(other, [3]) is None


def test_a_frame_that_is_not_there_is_stood_in_for_by_the_one_before(
    drawn: tuple[FileVideo, bool],
) -> None:
    table = drawn[0].table
    labels, timestamps = table.labels.copy(), table.timestamps.copy()
    # A frame more than there are, right behind frame 21.
    for times in (labels, timestamps):
        times[22:] += times[1] - times[0]
    promised = replace(
        table,
        labels=np.insert(labels, 22, labels[21] + 1),
        timestamps=np.insert(timestamps, 22, timestamps[21] + 1),
    )
    for sparse in (None, Sparse.of(promised, [22])):
        with closing(Reader(drawn[0].path, promised, sparse=sparse)) as reader:
            assert reader.get(22)[0] == 21


def test_the_second_field_goes_with_the_first(drawn: tuple[FileVideo, bool]) -> None:
    table = drawn[0].table
    sparse = Sparse.of(table, [3])
    assert sparse is not None
    for number, needless in ((3, False), (4, True)):
        label = int(table.labels[number])
        assert sparse.needless(SimpleNamespace(pts=label)) is needless  # type: ignore[arg-type]
        assert sparse.needless(SimpleNamespace(pts=None)) is needless  # type: ignore[arg-type]
    assert not sparse.needless(SimpleNamespace(pts=-99))  # type: ignore[arg-type]
