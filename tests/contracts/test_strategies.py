"""What every strategy keeps to."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.scores import BOX_SCORES, SCORES
from framesift.selection import select
from framesift.selection.strategies import STRATEGIES, Strategy

EVERY = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)


def scores(frames: int = 300, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).random(frames)
    values[::7] = np.nan
    return values


@EVERY
def test_it_says_what_it_is(strategy: Strategy) -> None:
    assert STRATEGIES[strategy.name] is strategy
    assert strategy.description
    assert strategy.score is None or strategy.score in {**SCORES, **BOX_SCORES}
    assert strategy.score is not None or not strategy.smoothing


@EVERY
def test_values_are_finite_where_frames_may_be_picked(strategy: Strategy) -> None:
    values = scores()
    before = values.copy()
    ranked = strategy.rank_values("drive", values)
    assert ranked.dtype == np.float64
    assert ranked.shape == values.shape
    np.testing.assert_array_equal(np.isnan(ranked), np.isnan(values))
    assert np.isfinite(ranked[~np.isnan(values)]).all()
    ranked[:] = -1
    np.testing.assert_array_equal(values, before)


@EVERY
def test_the_same_every_time(strategy: Strategy) -> None:
    one = strategy.rank_values("drive", scores(), seed=3)
    np.testing.assert_array_equal(one, strategy.rank_values("drive", scores(), seed=3))


@EVERY
@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [0.5]])
def test_short_and_unscored_drives(strategy: Strategy, values: list[float]) -> None:
    ranked = strategy.rank_values("drive", values)
    np.testing.assert_array_equal(np.isnan(ranked), np.isnan(np.array(values, float)))


@EVERY
def test_without_a_score_only_what_may_be_picked_counts(strategy: Strategy) -> None:
    if strategy.score is None:
        np.testing.assert_array_equal(
            strategy.rank_values("drive", scores(seed=0)),
            strategy.rank_values("drive", scores(seed=1)),
        )


@EVERY
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 30), st.integers(0, 8))
def test_its_picks_obey_the_rules_it_names(strategy: Strategy, budget: int, delta: int) -> None:
    series = {name: strategy.rank_values(name, scores(seed=i)) for i, name in enumerate("ab")}
    delta1 = delta if strategy.temporal_rules else 0
    picks = list(select(series, budget, delta1, 0))
    assert len(picks) == budget
    for name in series:
        frames = sorted(pick.frame for pick in picks if pick.video == name)
        assert all(b - a > delta1 for a, b in pairwise(frames))
