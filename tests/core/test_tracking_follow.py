"""Following: moves that are known, every way to be lost, keys that are kept."""

from __future__ import annotations

import doctest
import importlib
import re
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from framesift.boxes import iou
from framesift.errors import InputError
from framesift.tracking import (
    Followed,
    FollowSettings,
    Lost,
    follow,
    follow_between,
    interpolate,
    round_trip,
)

Image = NDArray[np.uint8]


def texture(seed: int, height: int, width: int) -> Image:
    """Blobs a few pixels wide, which have a flow everywhere."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, (height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip(128 + 250 * smooth, 0, 255).astype(np.uint8)


def scene(places: list[tuple[float, float, float]]) -> list[Image]:
    """A textured object, 40 × 60 pixels times its growth, at (x, y) before another texture."""
    ground, thing = texture(1, 200, 300), texture(2, 60, 40)
    out = []
    for x, y, growth in places:
        matrix = np.array([[growth, 0, x], [0, growth, y]], np.float64)
        # from pixel middles to box coordinates and back
        matrix[:, 2] += 0.5 * growth - 0.5
        drawn = cv2.warpAffine(thing, matrix, (300, 200))
        mask = cv2.warpAffine(np.full((60, 40), 255, np.uint8), matrix, (300, 200))[..., None]
        share = mask.astype(np.float32) / 255
        out.append(np.round(drawn + (1 - share) * ground).astype(np.uint8))
    return out


def box_at(x: float, y: float, growth: float) -> NDArray[np.float64]:
    return np.array([x, y, x + 40 * growth, y + 60 * growth])


WALK = [(80 + 3.4 * n, 60 + 1.3 * n, 1.0 + 0.02 * n) for n in range(12)]


def test_a_moving_and_growing_object_is_followed() -> None:
    records = list(follow(scene(WALK), box_at(*WALK[0])))
    assert [r.step for r in records] == list(range(12))
    for record, place in zip(records, WALK, strict=True):
        assert isinstance(record, Followed)
        assert np.abs(record.box - box_at(*place)).max() < 1.5
        assert record.error < 0.5
        assert record.similarity > 0.8


def test_there_and_back_is_where_it_began() -> None:
    error = round_trip(scene(WALK), box_at(*WALK[0]))
    assert len(error) == 12
    assert error.max() < 1.0
    assert error[-1] == 0.0


def test_pictures_are_taken_one_by_one_and_none_after_a_loss() -> None:
    taken = []

    def pictures():  # type: ignore[no-untyped-def]
        for n, image in enumerate([*scene(WALK[:3]), np.zeros((200, 300, 3), np.uint8)] * 2):
            taken.append(n)
            yield image

    records = list(follow(pictures(), box_at(*WALK[0])))
    assert isinstance(records[-1], Lost)
    assert taken == [0, 1, 2, 3]


def leaving() -> list[Image]:
    return scene([(240 + 8.0 * n, 60, 1.0) for n in range(8)])


def shrinking() -> list[Image]:
    return scene([(80 + 2.0 * n, 60 + 3.0 * n, 0.9**n) for n in range(16)])


def replaced() -> list[Image]:
    """Cross-faded into its own negative: its points stay where they are."""
    first = scene(WALK[:1])[0].astype(np.float32)
    return [
        np.round(first + share * (255 - 2 * first)).astype(np.uint8)
        for share in (0, 0.15, 0.3, 0.42, 0.58, 0.7, 0.85, 1)
    ]


def other() -> list[Image]:
    return [texture(seed, 200, 300) for seed in (3, 4)]


@pytest.mark.parametrize(
    ("pictures", "box", "chosen", "says"),
    [
        (leaving, box_at(240, 60, 1), {}, "left the picture"),
        (shrinking, box_at(80, 60, 1), {"min_side": 15.0}, "too small"),
        (replaced, box_at(*WALK[0]), {"max_error": 100.0}, "no longer looks as at first"),
        (other, box_at(80, 60, 1), {"min_similarity": -1.0}, "pixels off|too few"),
    ],
)
def test_why_it_is_lost(
    pictures: Callable[[], list[Image]],
    box: NDArray[np.float64],
    chosen: dict[str, float],
    says: str,
) -> None:
    last = list(follow(pictures(), box, FollowSettings(**chosen)))[-1]
    assert isinstance(last, Lost)
    assert re.search(says, last.reason)


def test_between_two_keys_the_object_decides() -> None:
    """Most of the way in the first half of the time: linear in time is far off."""
    times = np.linspace(0, 1, 13)
    places = [(80 + 60 * np.sqrt(t), 60.0, 1.0) for t in times]
    truth = np.array([box_at(*place) for place in places])
    found = follow_between(scene(places), truth[0], truth[-1])
    linear = interpolate(times[[0, -1]], truth[[0, -1]], times)
    assert np.array_equal(found[[0, -1]], truth[[0, -1]])
    assert np.diag(iou(found, truth)).min() > 0.85
    assert np.diag(iou(linear, truth)).min() < 0.6


def test_between_two_keys_without_a_flow_boxes_are_linear() -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (200, 300, 3), np.uint8) for _ in range(5)]
    first, last = box_at(80, 60, 1), box_at(120, 60, 1)
    found = follow_between(pictures, first, last)
    expected = interpolate(np.array([0.0, 4.0]), np.array([first, last]), np.arange(5.0))
    assert found == pytest.approx(expected)


def test_a_loss_on_the_way_fades_into_the_other_end() -> None:
    pictures = scene(WALK)
    pictures[6] = texture(9, 200, 300)
    first, last = box_at(*WALK[0]), box_at(*WALK[-1])
    found = follow_between(pictures, first, last)
    assert np.array_equal(found[[0, -1]], np.array([first, last]))
    assert np.abs(np.diff(found, axis=0)).max() < 8.0
    assert np.diag(iou(found, np.array([box_at(*p) for p in WALK]))).min() > 0.8


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0.01, 5), min_size=1, max_size=6),
    st.lists(st.floats(0, 1), max_size=8),
    st.integers(0, 1000),
)
def test_interpolation_keeps_keys_and_stays_between_them(
    steps: list[float], shares: list[float], seed: int
) -> None:
    times = np.cumsum(steps)
    boxes = np.random.default_rng(seed).uniform(0, 100, (len(times), 4))
    assert np.array_equal(interpolate(times, boxes, times), boxes)
    wanted = times[0] + np.array(shares) * (times[-1] - times[0])
    found = interpolate(times, boxes, np.clip(wanted, times[0], times[-1]))
    assert found.shape == (len(shares), 4)
    if len(shares):
        assert (found >= boxes.min(0) - 1e-9).all()
        assert (found <= boxes.max(0) + 1e-9).all()
    backwards = interpolate(-times[::-1], boxes[::-1], -np.clip(wanted, times[0], times[-1]))
    assert backwards == pytest.approx(found)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: list(follow(scene(WALK[:1]), (0, 0, np.nan, 4))), "finite numbers"),
        (lambda: list(follow(scene(WALK[:1]), (0, 0, 3, 40))), "too small"),
        (lambda: list(follow(scene(WALK[:1]), (500, 0, 540, 40))), "inside its picture"),
        (lambda: list(follow([np.zeros((20, 20), np.uint8)], (0, 0, 9, 9))), "RGB"),
        (
            lambda: list(
                follow([np.zeros((n, 40, 3), np.uint8) for n in (40, 50)], (0, 0, 9, 9))
            ),
            "another size",
        ),
        (lambda: follow_between(scene(WALK[:1]), (0, 0, 9, 9), (0, 0, 9, 9)), "both"),
        (lambda: FollowSettings(max_error=-1.0), "following setting max_error"),
        (lambda: FollowSettings(min_similarity=2.0), "min_similarity is 2.0"),
        (lambda: interpolate(np.zeros(2), np.zeros((2, 4)), np.zeros(0)), "order of time"),
        (lambda: interpolate(np.arange(2.0), np.zeros((2, 4)), np.array([3.0])), "between"),
    ],
)
def test_what_cannot_be_followed_is_said(made: Callable[[], object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        made()


@pytest.mark.parametrize("name", ["following", "linking", "interpolation"])
def test_the_examples_in_the_docstrings(name: str) -> None:
    tried = doctest.testmod(importlib.import_module(f"framesift.tracking.{name}"))
    assert tried.attempted > 0
    assert tried.failed == 0
