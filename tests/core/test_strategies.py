"""What sets the single strategies apart."""

from __future__ import annotations

import numpy as np
import pytest

from framesift.selection import select
from framesift.selection.strategies import STRATEGIES

NOTHING = np.zeros(1000)


@pytest.mark.parametrize("name", ["divergence", "entropy", "mc-dropout"])
def test_scores_are_ranked_as_they_are(name: str) -> None:
    strategy = STRATEGIES[name]
    values = np.array([0.3, np.nan, 0.1])
    np.testing.assert_array_equal(strategy.rank_values("drive", values), values)
    assert strategy.smoothing
    assert strategy.temporal_rules


@pytest.mark.parametrize("name", ["guided-random", "random"])
def test_random_order_depends_on_seed_and_drive_alone(name: str) -> None:
    rank = STRATEGIES[name].rank_values
    one = rank("drive", NOTHING, seed=1)
    assert (one != rank("drive", NOTHING, seed=2)).all()
    assert (one != rank("other", NOTHING, seed=1)).all()
    np.testing.assert_array_equal(one[:400], rank("drive", NOTHING[:400], seed=1))
    thin = np.full(1000, np.nan)
    thin[::10] = 0
    np.testing.assert_array_equal(one[::10], rank("drive", thin, seed=1)[::10])
    assert abs(one.mean() - 0.5) < 0.05
    assert len(np.unique(one)) == len(one)


def test_guided_random_keeps_the_temporal_rules_and_random_does_not() -> None:
    assert STRATEGIES["guided-random"].temporal_rules
    assert not STRATEGIES["random"].temporal_rules
    assert not STRATEGIES["uniform"].temporal_rules


@pytest.mark.parametrize("budget", [1, 2, 3, 7, 16, 50, 99])
def test_uniform_spreads_evenly(budget: int) -> None:
    values = STRATEGIES["uniform"].rank_values("drive", NOTHING)
    frames = sorted(pick.frame for pick in select({"drive": values}, budget, 0, 0))
    gaps = np.diff([*frames, 1000 + frames[0]])
    assert gaps.max() <= 2 * 1024 / budget
    assert len(frames) == budget


def test_uniform_shares_the_budget_by_length() -> None:
    rank = STRATEGIES["uniform"].rank_values
    series = {"long": rank("long", np.zeros(3000)), "short": rank("short", np.zeros(1000))}
    picks = select(series, 40, 0, 0)
    assert len(picks.of("long")) == 30
    assert len(picks.of("short")) == 10


def test_uniform_goes_on_in_the_gaps() -> None:
    values = {"drive": STRATEGIES["uniform"].rank_values("drive", NOTHING)}
    first = [pick.frame for pick in select(values, 8, 0, 0)]
    second = [pick.frame for pick in select(values, 8, 0, 0, {"drive": first})]
    assert np.diff(sorted(first + second)).max() <= 64
