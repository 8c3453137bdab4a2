"""What is computed from a simulation's rows, against known answers and scipy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from framesift.boxes import Box, Prediction
from framesift.evaluation import Evaluation, EvaluationSettings
from framesift.evaluation.bootstrap import draw
from framesift.evaluation.collector import Collector, Measured
from framesift.evaluation.matching import FrameErrors
from framesift.simulate import correlation
from framesift.simulate.correlation import Correlation, correlated, counted, spearman
from framesift.simulate.costs import Costs, labelling_seconds
from framesift.simulate.resampling import blocks_of, resampled
from framesift.simulate.statistics import (
    at_equal_cost,
    drawn_again,
    headroom,
    labels_saved,
    mean_of,
    paired,
    per_cycle,
)
from framesift.simulate.store import Row
from framesift.simulate.wording import what_is_drawn


def row(
    variant: str,
    seed: int,
    cycle: int,
    miss: float,
    *,
    frames: int | None = None,
    people: int = 0,
) -> Row:
    return Row(
        variant,
        seed,
        cycle,
        10 * cycle if frames is None else frames,
        people,
        people,
        0.3,
        {"0.3": miss, "0.5": 1.0},
        {"0.3": miss / 2, "0.5": 1.0},
    )


def runs(variant: str, misses: Sequence[Sequence[float]]) -> list[Row]:
    return [
        row(variant, seed, cycle, miss)
        for seed, own in enumerate(misses)
        for cycle, miss in enumerate(own)
    ]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8))
def test_intervals_are_students(values: list[float]) -> None:
    found = mean_of(values)
    assert found.count == len(values)
    assert found.value == pytest.approx(float(np.mean(values)))
    error = stats.sem(values)
    low, high = (
        stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=error)
        if error > 0
        else (found.value, found.value)
    )
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


def test_one_repeat_has_no_interval() -> None:
    assert mean_of([0.4]).low is None
    assert math.isnan(mean_of([]).value)
    assert mean_of([0.4, math.nan]).count == 1


def test_a_curve_takes_the_mean_of_the_repeats() -> None:
    rows = runs("a", [[0.9, 0.8, 0.6], [0.9, 0.6]])
    curve = per_cycle(rows, "a", lambda one: one.miss)
    assert [frames for frames, _ in curve] == [0, 10, 20]
    assert [mean.value for _, mean in curve] == pytest.approx([0.9, 0.7, 0.6])
    assert [mean.count for _, mean in curve] == [2, 2, 1]


def test_pairs_are_compared_repeat_by_repeat() -> None:
    ours = [[0.9, 0.70, 0.50], [0.9, 0.60, 0.45], [0.9, 0.65, 0.40]]
    theirs = [[0.9, 0.75, 0.60], [0.9, 0.70, 0.50], [0.9, 0.60, 0.50]]
    rows = runs("ours", ours) + runs("theirs", theirs)
    last = paired(rows, "ours", "theirs", lambda one: one.miss, last=True)
    assert last is not None
    expected = stats.ttest_rel([r[2] for r in ours], [r[2] for r in theirs])
    assert last.difference == pytest.approx(-0.25 / 3)
    assert last.p == pytest.approx(expected.pvalue)
    assert (last.better, last.count) == (3, 3)
    interval = expected.confidence_interval()
    assert (last.low, last.high) == pytest.approx((interval.low, interval.high))
    over_all = paired(rows, "ours", "theirs", lambda one: one.miss)
    assert over_all is not None
    assert over_all.difference == pytest.approx((-0.075 - 0.075 - 0.025) / 3)
    assert over_all.better == 3
    assert paired(rows, "ours", "nobody", lambda one: one.miss) is None


def again(variant: str, misses: Sequence[Sequence[float]]) -> list[Row]:
    """Two cycles of repeats, the second with what other drives would give."""
    return [
        replace(
            row(variant, seed, cycle, float(np.mean(own))),
            resampled=tuple(own),
            blocks="drives",
        )
        for seed, own in enumerate(misses)
        for cycle in (0, 1)
    ]


def test_repeats_and_drives_are_drawn_together() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(0.5, 0.05, 400)
    # What both have in common on a drive says nothing of their difference.
    same = again("ours", [[*(base - 0.1)]]) + again("theirs", [[*base]])
    drawn = drawn_again(same, "ours", "theirs")
    assert drawn is not None
    assert (drawn.low, drawn.high) == pytest.approx((-0.1, -0.1))
    assert (drawn.repeats, drawn.blocks) == (1, "drives")
    # Two repeats that differ by nothing but themselves: at −0.2, −0.1 and 0 the means of draws,
    # wider by √2 around their middle.
    two = again("ours", [[*(base - 0.2)], [*base]]) + again("theirs", [[*base], [*base]])
    drawn = drawn_again(two, "ours", "theirs")
    assert drawn is not None
    half = 0.1 * np.sqrt(2)
    assert (drawn.low, drawn.high) == pytest.approx((-0.1 - half, -0.1 + half))
    assert drawn_again(runs("ours", [[0.9, 0.5]]), "ours", "theirs") is None
    assert what_is_drawn(same).endswith("the drives that were measured on.")
    street = [replace(row, blocks="seconds") for row in same]
    assert what_is_drawn(street).endswith("it speaks for that street only.")
    old = [*same[:2], *runs("theirs", [[0.9, 0.5]])]
    assert drawn_again(old, "ours", "theirs") is None


def test_a_single_drive_speaks_for_its_street() -> None:
    keys = [("a", n) for n in range(0, 40, 5)]
    blocks, kind = blocks_of(keys, {"a": 10.0})
    assert (blocks.tolist(), kind) == ([0, 0, 1, 1, 2, 2, 3, 3], "seconds")
    blocks, kind = blocks_of([*keys, ("b", 0)], {"a": 10.0, "b": 10.0})
    assert (blocks.tolist(), kind) == ([0] * 8 + [1], "drives")
    stills, _ = blocks_of(keys, {"a": float("nan")})
    assert stills.tolist() == list(range(8))


def measured(missed: str) -> Evaluation:
    """A label in each of three drives, one of them missed."""
    collector = Collector(("pedestrian",), EvaluationSettings(resamples=0, coco=False))
    place = np.array([[10, 10, 40, 110]], np.float32)
    for drive in "abc":
        scores = np.array([0.1 if drive == missed else 0.9], np.float32)
        there = place + (300 if drive == missed else 0)
        box = Prediction(there, scores, np.zeros(1, np.int64))
        collector.add(Measured((drive, 0), box, [Box(10, 10, 40, 110)]))
    (evaluation,) = (r for r in collector.finish(0.5) if isinstance(r, Evaluation))
    return evaluation


def test_miss_rates_of_drives_drawn_again() -> None:
    rates = dict.fromkeys("abc", 10.0)
    one, kind = resampled(measured("b"), rates)
    other, _ = resampled(measured("c"), rates)
    (weights,) = draw(np.arange(3), 400, 0)
    assert kind == "drives"
    assert one == pytest.approx(weights[:, 1] / 3, abs=1e-6)
    # The same drives are drawn for another detector.
    assert other == pytest.approx(weights[:, 2] / 3, abs=1e-6)


def test_at_equal_minutes_the_baseline_lies_between_its_cycles() -> None:
    rows = [
        *runs("theirs", [[0.9, 0.7, 0.5]]),
        row("ours", 0, 0, 0.9),
        row("ours", 0, 1, 0.6, frames=5),
        row("ours", 0, 2, 0.4, frames=15),
        row("ours", 0, 3, 0.1, frames=99),
    ]
    equal = at_equal_cost(
        rows, "ours", "theirs", lambda one: one.miss, lambda one: 2.0 * one.frames
    )
    assert equal is not None
    # At 5 frames the baseline has 0.8, at 15 it has 0.6; 99 are more than it ever has.
    assert equal.value == pytest.approx(-0.2)
    assert (
        at_equal_cost(rows, "nobody", "theirs", lambda one: one.miss, lambda one: 1.0) is None
    )


def test_other_budgets_are_compared_at_equal_labels() -> None:
    rows = [
        *runs("small", [[0.9, 0.8, 0.7, 0.5]]),
        row("large", 0, 0, 0.9),
        row("large", 0, 1, 0.6, frames=30),
    ]
    found = paired(rows, "large", "small", lambda one: one.miss)
    assert found is not None
    assert found.difference == pytest.approx(0.1)
    assert found.p is None


def test_labels_for_an_equal_miss_rate() -> None:
    rows = runs("random", [[0.9, 0.8, 0.85, 0.6]]) + runs("ours", [[0.9, 0.7, 0.6, 0.6]])
    first, second = labels_saved(rows, "ours", "random", lambda one: one.miss)
    assert (first.miss, first.baseline_frames) == (0.8, 10)
    assert first.frames == pytest.approx(5)
    assert first.share == pytest.approx(0.5)
    assert (second.baseline_frames, second.frames) == (30, pytest.approx(20))
    (never,) = labels_saved(
        runs("random", [[0.9, 0.5]]) + runs("ours", [[0.9, 0.7]]),
        "ours",
        "random",
        lambda one: one.miss,
    )
    assert never.frames is None
    assert never.share is None


def test_minutes_count_boxes_too() -> None:
    # The same curve over frames, but twice the people in ours: at 5 s a frame and 5 s a box.
    rows = [
        row(name, 0, cycle, miss, people=people * 10 * cycle)
        for name, people in (("random", 1), ("ours", 3))
        for cycle, miss in enumerate((0.9, 0.7, 0.5))
    ]

    def minutes(one: Row) -> float:
        return labelling_seconds(one, Costs(5, 5)) / 60

    savings = labels_saved(rows, "ours", "random", lambda one: one.miss, minutes)
    assert [saving.baseline_frames for saving in savings] == pytest.approx([100 / 60, 200 / 60])
    assert [saving.frames for saving in savings] == pytest.approx([200 / 60, 400 / 60])
    assert [saving.share for saving in savings] == pytest.approx([-1, -1])
    assert [cost for cost, _ in per_cycle(rows, "ours", lambda one: one.miss, minutes)] == (
        pytest.approx([0, 200 / 60, 400 / 60])
    )


def test_headroom_and_work() -> None:
    rows = [row("everything", 0, 0, 0.8), row("everything", 0, 1, 0.5, frames=300)]
    assert headroom(rows, "everything") == (0.8, 0.5)
    assert headroom(rows, "other") is None
    assert labelling_seconds(row("a", 0, 2, 0.5, people=7), Costs(35, 2)) == 20 * 35 + 7 * 2


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 4)), min_size=3, max_size=40))
def test_spearman_is_scipys(pairs: list[tuple[float, int]]) -> None:
    a, b = (np.array(one, np.float64) for one in zip(*pairs, strict=True))
    if len(set(a)) < 2 or len(set(b)) < 2:
        assert math.isnan(spearman(a, b))
        return
    assert spearman(a, b) == pytest.approx(float(stats.spearmanr(a, b).statistic), abs=1e-9)


def test_correlations_over_all_frames_and_those_with_people() -> None:
    """Ten frames five seconds apart; every second one has a person, who is missed in two."""
    errors = FrameErrors(
        detected=np.array([1, 0, 0, 0, 1, 0, 0, 0, 1, 0]),
        missed=np.array([0, 0, 1, 0, 0, 0, 1, 0, 0, 0]),
        false=np.array([0, 2, 0, 1, 1, 0, 0, 0, 0, 0]),
    )
    evaluation: Any = SimpleNamespace(
        frames=10,
        headline=0.5,
        keys=tuple(("v", 150 * n) for n in range(10)),
        settings=EvaluationSettings(),
        at=lambda iou: [SimpleNamespace(errors=lambda: errors)],
    )
    counts = counted(evaluation)
    assert counts.labels.tolist() == [1, 0] * 5
    assert counts.boxes.tolist() == [1, 2, 0, 1, 2, 0, 0, 0, 1, 0]
    rows = [
        row
        for row in correlated(evaluation, counts.missed, "told", "misses", rates={"v": 30.0})
        if isinstance(row, Correlation)
    ]
    assert [(row.among, row.frames) for row in rows] == [("all", 10), ("people", 5)]
    for row in rows:
        assert row.rho_missed == pytest.approx(1)
        assert row.missed_high == pytest.approx(1)
        assert row.rho_false < 0
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.rho <= row.high


def test_errors_are_drawn_by_five_seconds_and_of_a_single_drive_by_one() -> None:
    several = [("a", 0), ("a", 74), ("a", 75), ("b", 0), ("b", 149), ("still", 3)]
    rates = {"a": 15.0, "b": 30.0, "still": float("nan")}
    assert correlation._blocks(several, rates).tolist() == [0, 0, 1, 2, 2, 3]
    alone = [("a", 0), ("a", 14), ("a", 15), ("a", 74), ("a", 75)]
    assert correlation._blocks(alone, rates).tolist() == [0, 0, 1, 2, 3]
