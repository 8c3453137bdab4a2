"""Decoding leaves out what nobody asked for, and gives the very pictures that it gives else."""

from __future__ import annotations

import functools
import runpy
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
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


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, FRAMES - 1), st.integers(0, FRAMES)), max_size=9))
def test_any_way_through_it_shows_the_same(
    drawn: tuple[FileVideo, bool], ways: list[tuple[int, int]]
) -> None:
    """Each leads to a frame, or is left after a number of steps."""
    with closing(drawn[0].fork()) as video:
        for goal, steps in ways:
            for passing in islice(video.towards(goal), steps):
                frame = passing.frame()
                come = (frame.number, frame.corrupt, frame.image.tobytes())
                assert come == whole(drawn[0])[passing.number]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The timestamps of what decoders give, as it comes."""
    came: list[int] = []
    decode = Cursor._decode

    def counting(cursor: Cursor, *which: Any) -> list[tuple[int | None, Any]]:
        frames = decode(cursor, *which)
        came.extend(frame.pts for _, frame in frames)
        return frames

    monkeypatch.setattr(Cursor, "_decode", counting)
    return came


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileVideo]:
    """One group of 200 pictures, of which half are referred to by none."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    media.encode(path, media.pictures(200), b_frames=1, gop=200)
    with open_video(path) as video:
        assert isinstance(video, FileVideo)
        yield video


def test_on_the_way_to_a_far_frame_nothing_is_decoded_that_need_not_be(
    long: FileVideo, counted: list[int]
) -> None:
    with closing(long.fork()) as video:
        video.frame(190)
    assert len(counted) < 125


def test_around_a_frame_that_was_gone_to_nothing_is_decoded_again(
    long: FileVideo, counted: list[int]
) -> None:
    """Some steps back cost nothing, steps on what they cost in order; many steps back, for
    which all has to be decoded once more, do so not for each few."""
    with closing(long.fork()) as video:
        for step in video.towards(190):
            last = step.frame()
        assert last.number == 190
        came = len(counted)
        for number in (*range(189, 178, -1), *range(180, 191)):
            video.frame(number)
        assert len(counted) == came
        video.frame(192)
        assert len(counted) <= came + 6
        came = len(counted)
        for number in range(191, 90, -1):
            video.frame(number)
        assert len(counted) < came + 400


def test_whoever_turns_round_on_the_way_goes_on_from_there(
    long: FileVideo, counted: list[int]
) -> None:
    with closing(long.fork()) as video:
        for step in video.towards(190):
            if step.number > 60:
                break
        came = len(counted)
        video.frame(120)
        assert min(counted[came:]) > counted[0]
        assert len(counted) < came + 50


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
