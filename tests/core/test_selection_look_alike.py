"""The look-alike rule: its descriptor, and what it does to a selection."""

from __future__ import annotations

import runpy
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.durations import times_as_long

from framesift.selection import LOOK_ALIKE, THUMBNAIL_SIZE, select, thumbnail, unlike
from framesift.selection.descriptors.thumbnail import _counter
from framesift.synth import drive

reference = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "reference.py")))


def scene(seed: int, size: tuple[int, int] = (480, 640)) -> np.ndarray:
    """A picture of blocks and blobs at several scales."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((*size, 3), np.float32)
    for cells in (4, 12, 40):
        coarse = rng.uniform(0, 80, (cells, cells * 4 // 3, 3)).astype(np.float32)
        picture += cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_NEAREST)
    return picture.astype(np.uint8)


def with_person(picture: np.ndarray, x: int, height: int = 240) -> np.ndarray:
    changed = picture.copy()
    changed[-height - 20 : -20, x : x + height // 3] = (40, 30, 60)
    return changed


def noisy(picture: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(unlike(thumbnail(one), thumbnail(other)[None])[0])


def test_descriptor_is_small_quick_and_of_any_size() -> None:
    for size in ((480, 640), (1080, 1920), (33, 47), (1, 1)):
        small = thumbnail(scene(0, size))
        assert small.shape == (THUMBNAIL_SIZE,)
        assert small.dtype == np.uint8
    picture = scene(0)
    assert times_as_long(partial(thumbnail, picture), partial(np.sort, picture, None), 20) < 1


@pytest.mark.parametrize("seed", range(5))
def test_a_standing_camera_sees_look_alikes(seed: int) -> None:
    still = scene(seed)
    moved = np.roll(still, (1, 1), (0, 1))
    darker = np.clip(still * 0.8 + 4, 0, 255).astype(np.uint8)
    for other in (
        still,
        noisy(still, 8),
        moved,
        darker,
        with_person(still, 200),
        noisy(with_person(still, 400), 6),
    ):
        assert distance(noisy(still, 6, seed=9), other) < LOOK_ALIKE
    assert distance(with_person(still, 100), with_person(still, 450)) < LOOK_ALIKE


@pytest.mark.parametrize("seed", range(5))
def test_a_moving_camera_does_not(seed: int) -> None:
    still = scene(seed)
    height, width = still.shape[:2]
    zoom = cv2.getRotationMatrix2D((width / 2, height / 2), 0, 1.25)
    closer = cv2.warpAffine(still, zoom, (width, height))
    for other in (scene(seed + 100), np.roll(still, 60, 1), closer, still[:, ::-1].copy()):
        assert distance(still, other) > LOOK_ALIKE + 0.1


def test_featureless_pictures_resemble_nothing() -> None:
    black = np.zeros((48, 64, 3), np.uint8)
    assert not thumbnail(black).any()
    assert distance(black, black) == 1
    assert distance(scene(0), black) == 1
    assert len(unlike(thumbnail(black), np.zeros((0, THUMBNAIL_SIZE), np.uint8))) == 0


def test_bits_are_counted_with_older_numpy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    words = np.random.default_rng(0).integers(0, 1 << 62, (9, 12), np.uint64)[:, 2:7]
    expected = [sum(int(word).bit_count() for word in row) for row in words]
    assert _counter()(words).tolist() == expected
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    assert _counter()(words).tolist() == expected


ROWS = np.stack([thumbnail(scene(seed, (48, 64))) for seed in range(4)])
KINDS = st.lists(st.integers(0, 3), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(
    KINDS,
    KINDS,
    st.integers(0, 9),
    st.integers(0, 4),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([{}, {"b": [1, 4]}]),
    st.integers(0, 5),
)
def test_passing_over_is_the_reference(
    first: list[int],
    second: list[int],
    budget: int,
    delta1: int,
    delta2: int,
    fill: bool,
    last: bool,
    taken: dict[str, list[int]],
    seed: int,
) -> None:
    kinds = {"b": first, "a": second}
    rng = np.random.default_rng(seed)
    series = {video: rng.integers(0, 5, len(of)).astype(float) for video, of in kinds.items()}
    series["b"][rng.random(len(first)) < 0.2] = np.nan
    taken = {v: [f for f in frames if f < len(kinds[v])] for v, frames in taken.items()}
    rows = {video: ROWS[of] for video, of in kinds.items()}
    alike = {video: np.equal.outer(of, of) for video, of in kinds.items()}
    ours = select(
        series,
        budget,
        delta1,
        delta2,
        taken,
        fill=fill,
        thumbnails=rows,
        look_alike=LOOK_ALIKE,
        look_alike_last=last,
    )
    theirs = reference.select(series, budget, delta1, delta2, taken, fill, alike, last)
    assert [(p.video, p.frame) for p in ours] == theirs


@settings(max_examples=100, deadline=None)
@given(KINDS, st.integers(0, 9), st.integers(0, 4), st.integers(0, 5), st.booleans())
def test_who_was_passed_over_knows_for_whom(
    kinds: list[int],
    budget: int,
    delta1: int,
    seed: int,
    last: bool,
) -> None:
    values = np.random.default_rng(seed).integers(0, 5, len(kinds)).astype(float)
    ours = select(
        {"drive": values},
        budget,
        delta1,
        thumbnails={"drive": ROWS[kinds]},
        look_alike=LOOK_ALIKE,
        look_alike_last=last,
    )
    by_rank = {pick.rank: pick for pick in ours}
    mine = {pick.frame for pick in ours}
    worst = min(((p.score, -p.frame) for p in ours if not p.waived), default=None)
    full = ours.selectable == budget
    for frame, kind in enumerate(kinds):
        rule, by = ours.blocked("drive").get(frame, ("", 0))
        near = any(abs(p.frame - frame) <= delta1 for p in ours)
        if rule == "look-alike":
            assert frame not in mine
            assert kinds[by_rank[by].frame] == kind
            assert not full or worst is None or (values[frame], -frame) > worst
        elif frame not in mine and not near and worst is not None:
            assert full
            assert (values[frame], -frame) < worst


def test_frames_of_earlier_cycles_are_compared_too() -> None:
    kinds = [0] * 10 + [1] * 10
    values = np.linspace(1, 0, 20)
    ours = select(
        {"drive": values},
        3,
        2,
        0,
        {"drive": [0]},
        thumbnails={"drive": ROWS[kinds]},
        look_alike=LOOK_ALIKE,
    )
    assert [p.frame for p in ours] == [10]
    blocked = ours.blocked("drive")
    assert blocked[0] == ("taken", 0)
    assert blocked[5] == ("look-alike-taken", 0)
    assert blocked[11] == ("delta1", 1)
    assert blocked[19] == ("look-alike", 1)
    assert "look like a pick" in ours.why_short()
    soft = select(
        {"drive": values},
        3,
        2,
        0,
        {"drive": [0]},
        look_alike_last=True,
        thumbnails={"drive": ROWS[kinds]},
        look_alike=LOOK_ALIKE,
    )
    assert [(p.frame, p.waived) for p in soft] == [
        (10, ""),
        (1, "look-alike"),
        (4, "look-alike"),
    ]
    assert "nothing else was left" in soft.why_short()


def test_bands_of_a_thinly_scored_stand_are_whole() -> None:
    values = np.full(400, np.nan)
    values[::10] = np.linspace(1, 0.5, 40)
    rows = ROWS[[0] * 300 + [1] * 100]
    ours = select({"drive": values}, 2, 15, thumbnails={"drive": rows}, look_alike=LOOK_ALIKE)
    assert ours.bands("drive") == [
        (0, 16, "delta1", 1),
        (20, 281, "look-alike", 1),
        (285, 316, "delta1", 2),
    ]


def test_unscored_descriptors_and_drives_without_any_are_left_alone() -> None:
    zeros = np.zeros((20, THUMBNAIL_SIZE), np.uint8)
    series = {"none": np.arange(20.0), "zeros": np.arange(20.0)}
    ours = select(series, 40, 0, thumbnails={"zeros": zeros}, look_alike=LOOK_ALIKE)
    assert len(ours) == 40


def test_two_minutes_at_a_red_light_take_at_most_two_picks() -> None:
    standing = drive(seed=1, frames=3600, size=(240, 320), scenario="red-light")
    moving = drive(seed=2, frames=3600, size=(240, 320))
    numbers = range(0, 3600, 120)
    rows = np.stack([thumbnail(video[i]) for video in (standing, moving) for i in numbers])
    # The stand scores higher throughout, most of all where people walk by.
    values = np.array(
        [2.0 + len(standing.labels(i)) for i in numbers]
        + [1.0 + len(moving.labels(i)) / 100 for i in numbers]
    )
    plain = select({"drive": values}, 20, 0, 0)
    assert all(pick.frame < len(numbers) for pick in plain)
    ours = select(
        {"drive": values},
        20,
        0,
        0,
        thumbnails={"drive": rows},
        look_alike=LOOK_ALIKE,
        look_alike_last=True,
    )
    assert len(ours) == 20
    assert sum(pick.frame < len(numbers) for pick in ours) <= 2
    assert not any(pick.waived for pick in ours)


def test_a_million_frames_stay_quick() -> None:
    rng = np.random.default_rng(0)
    series = {f"drive {i}": rng.random(5000) for i in range(200)}
    different = rng.integers(0, 256, (5000, THUMBNAIL_SIZE), np.uint8)
    moving = dict.fromkeys(series, different)
    standing = dict.fromkeys(series, np.repeat(ROWS[:1], 5000, 0))
    everything = np.concatenate([*series.values()])
    for rows, limit in ((moving, 5), (standing, 40)):
        choose = partial(
            select,
            series,
            500,
            thumbnails=rows,
            look_alike=LOOK_ALIKE,
            look_alike_last=True,
        )
        assert times_as_long(choose, partial(np.argsort, everything), 2) < limit
