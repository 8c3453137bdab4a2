"""Greedy selection against the slow reference, its rules as properties, and its reasons."""

from __future__ import annotations

import math
import runpy
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.durations import times_as_long

from framesift.errors import InputError
from framesift.selection import THUMBNAIL_SIZE, select
from framesift.selection.descent import Descent
from framesift.selection.ranking import Ranking
from framesift.selection.row import Row

reference = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "reference.py")))
Drives = dict[str, list[float]]

# Few distinct values, so that ties abound.
VALUE = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(-3, 3), st.just(math.nan))
DRIVES = st.dictionaries(
    st.sampled_from(["b", "a", "c"]), st.lists(VALUE, max_size=40), max_size=3
)
TAKEN = st.dictionaries(
    st.sampled_from(["a", "b", "other"]), st.lists(st.integers(-3, 60), max_size=6), max_size=2
)


def arrays(drives: Drives) -> dict[str, np.ndarray]:
    return {video: np.array(values, np.float64) for video, values in drives.items()}


def picked(selection: object) -> list[tuple[str, int]]:
    return [(pick.video, pick.frame) for pick in selection]  # type: ignore[attr-defined]


@settings(max_examples=250, deadline=None)
@given(DRIVES, st.integers(0, 12), st.integers(0, 8), st.integers(0, 4), TAKEN, st.booleans())
def test_selection_is_the_reference(
    drives: Drives,
    budget: int,
    delta1: int,
    delta2: int,
    taken: dict[str, list[int]],
    fill: bool,
) -> None:
    inside = {
        v: [f for f in frames if 0 <= f < len(drives.get(v, []))] for v, frames in taken.items()
    }
    ours = select(arrays(drives), budget, delta1, delta2, taken, fill=fill)
    assert picked(ours) == reference.select(drives, budget, delta1, delta2, inside, fill)


@settings(max_examples=150, deadline=None)
@given(DRIVES, st.integers(0, 12), st.integers(0, 8), st.integers(0, 4), TAKEN)
def test_distances_order_and_scores(
    drives: Drives,
    budget: int,
    delta1: int,
    delta2: int,
    taken: dict[str, list[int]],
) -> None:
    ours = select(arrays(drives), budget, delta1, delta2, taken)
    order = list(drives)
    for pick in ours:
        assert pick.score == drives[pick.video][pick.frame]
        assert all(
            abs(pick.frame - t) > delta2
            for t in taken.get(pick.video, [])
            if 0 <= t < len(drives[pick.video])
        )
        assert pick.frame not in taken.get(pick.video, [])
    for i, pick in enumerate(ours):
        assert pick.rank == i + 1
        for other in ours[:i]:
            assert other.video != pick.video or abs(other.frame - pick.frame) > delta1
            assert other.score >= pick.score
            if other.score == pick.score:
                assert (order.index(other.video), other.frame) < (
                    order.index(pick.video),
                    pick.frame,
                )
    assert ours.selectable == len(ours)
    assert ours.requested == budget
    assert ours.short == (len(ours) < budget)
    assert bool(ours.why_short()) == ours.short


@settings(max_examples=150, deadline=None)
@given(DRIVES, st.integers(0, 12), st.integers(0, 8), st.integers(0, 4), TAKEN, st.booleans())
def test_every_loser_knows_its_rule(
    drives: Drives,
    budget: int,
    delta1: int,
    delta2: int,
    taken: dict[str, list[int]],
    fill: bool,
) -> None:
    ours = select(arrays(drives), budget, delta1, delta2, taken, fill=fill)
    by_rank = {pick.rank: pick for pick in ours}
    mine = set(picked(ours))
    for video, values in drives.items():
        blocked = ours.blocked(video)
        past = [f for f in taken.get(video, []) if 0 <= f < len(values)]
        bands = ours.bands(video)
        assert dict(blocked.items()) == {f: blocked[f] for f in blocked}
        assert len(blocked) == len(list(blocked))
        for frame, value in enumerate(values):
            if math.isnan(value) or (video, frame) in mine:
                assert frame not in blocked
                continue
            near = [
                p for p in ours.of(video) if abs(p.frame - frame) <= delta1 and not p.waived
            ]
            if frame in past:
                assert blocked[frame] == ("taken", frame)
            elif any(abs(frame - t) <= delta2 for t in past):
                rule, by = blocked[frame]
                assert rule == "delta2"
                assert by in past
                assert abs(by - frame) == min(abs(t - frame) for t in past)
            elif near:
                assert blocked[frame] == ("delta1", min(p.rank for p in near))
                assert abs(by_rank[blocked[frame][1]].frame - frame) <= delta1
            else:
                assert frame not in blocked
            if frame in blocked:
                assert [b[2:] for b in bands if b.start <= frame < b.stop] == [blocked[frame]]


def test_who_wins_ties() -> None:
    series = {"z": np.array([1.0, 2.0, 2.0]), "a": np.array([2.0, 3.0])}
    assert picked(select(series, 9, 0, 0)) == [("a", 1), ("z", 1), ("z", 2), ("a", 0), ("z", 0)]


def test_distances_are_inclusive_and_stay_in_their_drive() -> None:
    series = {"one": np.linspace(1, 0, 40), "two": np.linspace(1, 0, 40)}
    ours = select(series, 6, 15, 2, {"two": [0]})
    assert picked(ours) == [
        ("one", 0),
        ("two", 3),
        ("one", 16),
        ("two", 19),
        ("one", 32),
        ("two", 35),
    ]


def test_distances_per_drive() -> None:
    series = {"slow": np.linspace(1, 0, 9), "fast": np.linspace(0.9, 0, 9)}
    ours = select(series, 20, {"slow": 3, "fast": 0}, {"slow": 0, "fast": 2}, {"fast": [0]})
    assert [p.frame for p in ours.of("slow")] == [0, 4, 8]
    assert [p.frame for p in ours.of("fast")] == [3, 4, 5, 6, 7, 8]
    with pytest.raises(InputError, match="fast"):
        select(series, 20, {"slow": 3})


def test_stills_have_no_rules() -> None:
    values = np.random.default_rng(0).random(50)
    ours = select({"stills": values}, 10, 0, 0, {"stills": [int(values.argmax())]})
    assert [p.frame for p in ours] == np.argsort(-values)[1:11].tolist()


def test_a_short_budget_says_why_and_fill_goes_on() -> None:
    series = {"drive": np.linspace(1, 0, 20)}
    ours = select(series, 5, 15, 2, {"drive": [10]})
    assert [p.frame for p in ours] == [0, 16]
    assert ours.selectable == 2
    assert ours.short
    assert ours.why_short() == (
        "2 of 5 frames were selectable. Of 20 scored frames 13 lie within Δt1 of a pick, "
        "1 were taken in an earlier cycle, 4 lie within Δt2 of such a frame."
    )
    filled = select(series, 5, 15, 2, {"drive": [10]}, fill=True)
    assert [p.frame for p in filled] == [0, 16, 1, 2, 3]
    assert [p.waived for p in filled] == ["", "", "delta1", "delta1", "delta1"]
    assert filled.selectable == 2
    assert "3 of the 5 picks" in filled.why_short()


def test_nothing_to_select_from() -> None:
    assert picked(select({}, 5)) == []
    nothing = select({"empty": np.zeros(0), "unscored": np.full(9, np.nan)}, 5)
    assert picked(nothing) == []
    assert nothing.why_short() == "0 of 5 frames were selectable. No frame has a score."
    assert nothing.bands("empty") == []
    assert len(nothing.blocked("unscored")) == 0
    with pytest.raises(KeyError):
        nothing.blocked("elsewhere")


def test_raw_scores_travel_along_and_input_stays() -> None:
    values, raw = np.array([0.1, 0.5, 0.2], np.float32), np.array([9.0, 8.0, 7.0])
    before = values.copy()
    (pick,) = select({"drive": values}, 1, raw={"drive": raw})
    assert (pick.frame, pick.score, pick.raw) == (1, 0.5, 8.0)
    assert math.isnan(select({"drive": values}, 1)[0].raw)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize(
    "arguments",
    [
        {"budget": -1},
        {"budget": 2.5},
        {"delta1": -1},
        {"delta2": 1.5},
        {"look_alike": 2.0},
        {"series": {"drive": np.zeros((3, 3))}},
        {"series": {"drive": np.array([1.0, np.inf])}},
        {"thumbnails": {"drive": np.zeros((2, THUMBNAIL_SIZE), np.uint8)}, "look_alike": 0.2},
    ],
)
def test_senseless_arguments_are_refused(arguments: dict[str, object]) -> None:
    good: dict[str, object] = {"series": {"drive": np.arange(4.0)}, "budget": 2}
    with pytest.raises(InputError):
        select(**{**good, **arguments})  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(VALUE, max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8),
)
def test_ranking_finds_the_best_that_is_left(
    values: list[float],
    struck: list[tuple[int, int]],
) -> None:
    # Spread over several blocks.
    flat = np.full(30 * 90, -np.inf)
    flat[: len(values) * 90 : 90] = np.nan_to_num(values, nan=-np.inf)
    ranking = Ranking(flat)
    for start, length in struck:
        stop = min(len(flat), (start + length) * 90 + 1)
        ranking.strike(start * 90, stop)
        flat[start * 90 : stop] = -np.inf
        best = ranking.best()
        assert best == (int(flat.argmax()) if flat.max() > -np.inf else None)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(VALUE, max_size=20), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 70), st.integers(0, 40)), max_size=8),
    st.integers(0, 300),
)
def test_a_descent_goes_from_the_best_to_the_last(
    drives: list[list[float]], struck: list[tuple[int, int]], spread: int
) -> None:
    # Spread out over so many frames that the descent is sorted in several steps.
    parts = []
    for values in drives:
        part = np.full(len(values) * (spread + 1), np.nan)
        part[:: spread + 1] = values
        parts.append(part)
    row = Row.of_scores(parts)
    flat = np.concatenate(parts)
    flat[np.isnan(flat)] = -np.inf
    descent = Descent(row)
    for start, length in struck:
        start, stop = start * (spread + 1), (start + length) * (spread + 1)
        descent.strike(start, stop)
        flat[start:stop] = -np.inf
    while (best := descent.best()) is not None:
        assert best == int(flat.argmax())
        descent.strike_each(np.array([best]))
        flat[best] = -np.inf
    assert not (flat > -np.inf).any()


def test_a_descent_of_many_frames_is_sorted_step_by_step() -> None:
    rng = np.random.default_rng(5)
    parts = [np.round(rng.random(40_000), 3) for _ in range(3)]
    parts[1][rng.random(40_000) < 0.5] = np.nan
    flat = np.concatenate(parts)
    order = np.argsort(-flat, kind="stable")[: np.count_nonzero(~np.isnan(flat))]
    descent, picks = Descent(Row.of_scores(parts)), []
    while (best := descent.best()) is not None:
        picks.append(best)
        descent.strike(best, best + 1)
    assert picks == order.tolist()


def test_500_of_a_million_frames_in_200_drives() -> None:
    rng = np.random.default_rng(0)
    series = {f"drive {i}": rng.random(5000) for i in range(200)}
    taken = {video: rng.integers(0, 5000, 30).tolist() for video in series}
    everything = np.concatenate([*series.values()])
    for earlier in ({}, taken):
        choose = partial(select, series, 500, taken=earlier)
        assert times_as_long(choose, partial(np.argsort, everything)) < 1
        assert len(choose()) == 500
