"""What sets the single strategies apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from framesift.selection import STRATEGIES, Pool, PoolDrive, Rules, choose
from framesift.selection.result import Selection
from framesift.selection.strategies.by_score import ByScore


def ranked(
    name: str, drives: Mapping[str, np.ndarray], budget: int = 20, seed: int = 0, **more: Any
) -> Selection:
    """What a strategy chooses of drives: of their values, or of as many candidates as they
    have values, without distances."""
    pool = Pool(
        tuple(
            PoolDrive(
                key,
                len(values),
                fps=30.0,
                signals=dict.fromkeys(STRATEGIES[name].signals, values),
                candidates=~np.isnan(values),
                **{name: of.get(key, ()) for name, of in more.items()},
            )
            for key, values in drives.items()
        )
    )
    rules = Rules(
        budget=budget, strategy=name, delta1="0", delta2="0", seed=seed, smoothing=False
    )
    return choose(pool, rules).selection


def frames(selection: Selection) -> list[int]:
    return [pick.frame for pick in selection]


NOTHING = np.zeros(1000)
THIN = np.full(1000, np.nan)
THIN[::10] = 0


@pytest.mark.parametrize(
    "name", [n for n, one in STRATEGIES.items() if isinstance(one, ByScore)]
)
def test_scores_are_ranked_as_they_are(name: str) -> None:
    strategy = STRATEGIES[name]
    found = ranked(name, {"drive": np.array([0.3, np.nan, 0.1])})
    assert [(pick.frame, pick.score, pick.raw) for pick in found] == [
        (0, 0.3, 0.3),
        (2, 0.1, 0.1),
    ]
    assert [pick.reason for pick in found] == [{"by": strategy.signals[0]}] * 2
    assert strategy.smoothing
    assert strategy.temporal_rules


@pytest.mark.parametrize("name", ["guided-random", "random"])
def test_random_order_depends_on_seed_and_drive_alone(name: str) -> None:
    def order(values: np.ndarray, seed: int = 1, key: str = "drive") -> list[int]:
        return frames(ranked(name, {key: values}, len(values), seed))

    one = order(NOTHING)
    assert sorted(one) == list(range(1000))
    assert one != order(NOTHING, seed=2)
    assert one != order(NOTHING, key="other")
    assert [frame for frame in one if frame < 400] == order(NOTHING[:400])
    assert [frame for frame in one if frame % 10 == 0] == order(THIN)
    both = ranked(name, {"before": NOTHING, "drive": NOTHING}, 2000, 1)
    assert [pick.frame for pick in both.of("drive")] == one
    assert {tuple(pick.reason.items()) for pick in both} == {(("by", "chance"),)}


def test_guided_random_keeps_the_temporal_rules_and_random_does_not() -> None:
    assert STRATEGIES["guided-random"].temporal_rules
    assert not STRATEGIES["random"].temporal_rules
    assert not STRATEGIES["uniform"].temporal_rules


@pytest.mark.parametrize("budget", [1, 2, 3, 7, 16, 50, 99])
def test_uniform_spreads_evenly(budget: int) -> None:
    found = sorted(frames(ranked("uniform", {"drive": NOTHING}, budget)))
    gaps = np.diff([*found, 1000 + found[0]])
    assert gaps.max() <= 2 * 1024 / budget
    assert len(found) == budget


def test_uniform_shares_the_budget_by_length() -> None:
    picks = ranked("uniform", {"long": np.zeros(3000), "short": np.zeros(1000)}, 40)
    assert len(picks.of("long")) == 30
    assert len(picks.of("short")) == 10


def test_uniform_goes_on_in_the_gaps() -> None:
    first = frames(ranked("uniform", {"drive": NOTHING}, 8))
    second = frames(ranked("uniform", {"drive": NOTHING}, 8, taken={"drive": first}))
    assert np.diff(sorted(first + second)).max() <= 64


def test_what_is_excluded_leaves_the_order_of_the_others() -> None:
    whole = frames(ranked("uniform", {"drive": THIN}, 100))
    without = frames(ranked("uniform", {"drive": THIN}, 100, excluded={"drive": [0, 500]}))
    assert without == [frame for frame in whole if frame not in (0, 500)]
    assert all(frame % 10 == 0 for frame in whole)
