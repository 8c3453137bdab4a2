"""Frame number ↔ timestamp ↔ seconds, and distances as people write them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.errors import InputError
from framesift.video import Distance, FrameIndex, parse_distance

BASES = [
    Fraction(1, 25),
    Fraction(1, 1000),
    Fraction(1, 90000),
    Fraction(1001, 30000),
    Fraction(1, 16384),
]


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.integers(1, 10**7), max_size=40),
    first=st.integers(-(10**9), 10**12),
    base=st.sampled_from(BASES),
)
def test_translations_are_inverse(steps: list[int], first: int, base: Fraction) -> None:
    stamps = np.cumsum([first, *steps])
    index = FrameIndex(stamps, base)
    assert len(index) == len(stamps)
    for number in range(len(index)):
        assert index.of_timestamp(int(stamps[number])) == number
        seconds = index.seconds(number)
        assert seconds is not None
        assert index.at_seconds(seconds) == number
    assert index.seconds(0) == 0.0


def test_the_frame_shown_at_a_time() -> None:
    index = FrameIndex([100, 110, 150], Fraction(1, 100))
    assert [index.at_seconds(s) for s in (-5, 0, 0.09, 0.1, 0.3, 0.5, 99)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
    ]
    # The usual distance, 0.1 s: the gap of 0.4 s does not spoil it.
    assert index.fps == pytest.approx(10)
    with pytest.raises(KeyError):
        index.of_timestamp(120)
    for outside in (-1, 3):
        with pytest.raises(IndexError):
            index.seconds(outside)


def test_rate_of_a_single_frame_is_the_stated_one() -> None:
    assert FrameIndex([7], Fraction(1, 1000), rate=Fraction(30000, 1001)).fps == pytest.approx(
        29.97, abs=1e-3
    )


def test_timestamps_must_ascend() -> None:
    with pytest.raises(ValueError, match="ascend"):
        FrameIndex([1, 1], Fraction(1, 25))


def test_regular_and_untimed() -> None:
    regular = FrameIndex.regular(90, 29.97)
    assert regular.fps == pytest.approx(29.97)
    assert regular.seconds(30) == pytest.approx(30 / 29.97)
    assert regular.duration == pytest.approx(90 / 29.97)
    stills = FrameIndex.untimed(3)
    assert len(stills) == 3
    assert math.isnan(stills.fps)
    assert stills.timestamp(2) is None
    assert stills.seconds(2) is None
    with pytest.raises(IndexError):
        stills.seconds(3)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("15", "frames", 15),
        ("0", "frames", 0),
        ("15f", "frames", 15),
        ("2 frames", "frames", 2),
        ("0.5s", "seconds", 0.5),
        (".5 s", "seconds", 0.5),
        ("0,5s", "seconds", 0.5),
        ("500ms", "seconds", 0.5),
        ("1e-1s", "seconds", 0.1),
        (7, "frames", 7),
        ("3 seconds", "seconds", 3),
    ],
)
def test_distances_are_read(text: str | int, unit: str, value: float) -> None:
    distance = parse_distance(text)
    assert (distance.unit, distance.value) == (unit, pytest.approx(value))
    assert parse_distance(str(distance)) == distance
    assert parse_distance(distance) is distance


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "-3",
        "-0.5s",
        "abc",
        "1.5",
        "5 min",
        "nan",
        "inf",
        "1e999s",
        "0.5 s s",
        "½s",
        "٣",
    ],
)
def test_bad_distances_get_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"\.$"):
        parse_distance(text)


@pytest.mark.parametrize(
    ("text", "fps", "frames"),
    [
        ("0.5s", 30, 15),
        ("0.067s", 30, 2),
        ("0.5s", 29.97, 14),
        ("0.3s", 10, 3),
        ("500ms", 1, 0),
        ("15", float("nan"), 15),
        ("1s", 30000 / 1001, 29),
        ("0.1s", 30, 3),
    ],
)
def test_distances_in_frames(text: str, fps: float, frames: int) -> None:
    assert parse_distance(text).frames(fps) == frames


def test_seconds_need_a_rate() -> None:
    with pytest.raises(InputError, match="rate"):
        Distance(0.5, "seconds").frames(math.nan)
    assert FrameIndex.regular(10, 30).frames_of("0.5s") == 15
