"""What every strategy keeps to."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.errors import InputError
from framesift.scores import every_score
from framesift.selection import (
    DESCRIPTORS,
    LOOK_ALIKE,
    STRATEGIES,
    Choice,
    Pool,
    PoolDrive,
    Rules,
    Strategy,
    choose,
    choose_smoothed,
    smoothed,
    unlike,
)
from framesift.selection.spreads import SPREADS
from framesift.selection.strategies import Composed
from framesift.selection.strategies.by_score import ByScore
from framesift.selection.strategies.spec import StrategySpec

OWN = {
    f"own {name}": Composed(
        StrategySpec(
            name=f"own {name}",
            signals=("divergence", "box_entropy"),
            spread=name,
            gate_by=("entropy",) if name == "greedy" else (),
            normalise="gate" if name == "greedy" else "ranks",
            combine="norm",
        )
    )
    for name in SPREADS
}
MEMBERS = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
EVERY = pytest.mark.parametrize(
    "strategy", [*STRATEGIES.values(), *OWN.values()], ids=[*STRATEGIES, *OWN]
)
LENGTHS = {"a": 300, "b": 120}


def drive_of(
    strategy: Strategy, key: str, frames: int, seed: int = 0, **more: object
) -> PoolDrive:
    """A drive with everything that a strategy needs; some frames without scores."""
    rng = np.random.default_rng([seed, len(key), ord(key[0])])
    signals = {}
    for name in strategy.signals:
        signals[name] = rng.random(frames).astype(np.float32)
        signals[name][::7] = np.nan
    # Few pictures over and over: look-alikes abound.
    rows = {
        name: rng.integers(0, 256, (12, one.size)).astype(one.dtype)[
            rng.integers(0, 12, frames)
        ]
        for name, one in DESCRIPTORS.items()
        if one.per == "frame"
    }
    more = {
        "fps": 30.0,
        "seconds": frames / 30,
        "signals": signals,
        "descriptors": rows,
        **more,
    }
    return PoolDrive(key, frames, **more)


def pool_of(strategy: Strategy, seed: int = 0, **taken: list[int]) -> Pool:
    return Pool(
        tuple(
            drive_of(strategy, key, frames, seed, taken=taken.get(key, ()))
            for key, frames in LENGTHS.items()
        )
    )


def rules_of(strategy: Strategy, **more: object) -> Rules:
    given = {"budget": 10, "delta1": "6", "delta2": "3", "look_alike": "off", **more}
    return Rules(strategy=strategy.key, **given)


def places(chosen: Choice) -> list[tuple[str, int]]:
    return [(pick.video, pick.frame) for pick in chosen.selection]


@MEMBERS
def test_it_says_what_it_is(strategy: Strategy) -> None:
    assert STRATEGIES[strategy.name] is strategy
    assert strategy.key == strategy.name
    for text in (strategy.title, strategy.description, strategy.cost, strategy.failure):
        assert text
    family = every_score()
    assert set(strategy.signals) <= {*family}
    assert set(strategy.descriptors) <= {*DESCRIPTORS}
    assert strategy.signals or not (strategy.smoothing or strategy.needs)
    of_signals = [need for name in strategy.signals for need in family[name].needs]
    assert {*strategy.needs} == {*of_signals}
    if isinstance(strategy, ByScore):
        (signal,) = (family[name] for name in strategy.signals)
        said = strategy.title, strategy.description, strategy.failure, strategy.cost
        assert said == (signal.title, signal.description, signal.failure, signal.cost)


@EVERY
def test_every_pick_has_its_rank_and_a_reason(strategy: Strategy) -> None:
    chosen = choose(pool_of(strategy), rules_of(strategy))
    assert [pick.rank for pick in chosen.selection] == list(range(1, 11))
    assert all(pick.reason["by"] for pick in chosen.selection)
    assert all(np.isfinite(pick.score) for pick in chosen.selection)
    assert chosen.signal == (strategy.signals[0] if strategy.signals else None)


@EVERY
def test_the_same_every_time_and_the_pool_stays_as_it_is(strategy: Strategy) -> None:
    pool, rules = pool_of(strategy), rules_of(strategy, seed=3)
    before = [{k: v.copy() for k, v in drive.signals.items()} for drive in pool]
    one, two = choose(pool, rules), choose(pool, rules)
    assert list(one.selection) == list(two.selection)
    halves = choose_smoothed(smoothed(pool, rules), rules)
    assert list(one.selection) == list(halves.selection)
    for drive, signals in zip(pool, before, strict=True):
        assert not drive.smoothed
        for name, values in signals.items():
            np.testing.assert_array_equal(drive.signals[name], values)


@EVERY
def test_what_it_lacks_is_said(strategy: Strategy) -> None:
    bare = Pool((PoolDrive("a", 10, fps=30.0),))
    if strategy.signals or strategy.descriptors:
        with pytest.raises(
            InputError, match=f"The strategy {re.escape(strategy.name)} .*--strategy"
        ):
            choose(bare, rules_of(strategy))
    else:
        assert len(choose(bare, rules_of(strategy, budget=1)).selection) == 1


@EVERY
@pytest.mark.parametrize("frames", [0, 1, 2])
def test_short_drives(strategy: Strategy, frames: int) -> None:
    drive = drive_of(strategy, "a", frames)
    found = choose(Pool((drive,)), rules_of(strategy, delta1="0")).selection
    scored = [n for n in range(frames) if n % 7] if strategy.signals else list(range(frames))
    assert sorted(pick.frame for pick in found) == scored


@EVERY
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 99),
    budget=st.integers(1, 40),
    delta1=st.integers(0, 12),
    delta2=st.integers(0, 12),
    data=st.data(),
)
def test_its_picks_keep_to_the_rules(
    strategy: Strategy, seed: int, budget: int, delta1: int, delta2: int, data: st.DataObject
) -> None:
    taken = {
        key: data.draw(st.lists(st.integers(0, frames - 1), max_size=8, unique=True))
        for key, frames in LENGTHS.items()
    }
    excluded = data.draw(st.lists(st.integers(0, 299), max_size=20, unique=True))
    pool = pool_of(strategy, seed, **taken)
    pool = Pool(
        (drive_of(strategy, "a", 300, seed, taken=taken["a"], excluded=excluded), pool[1])
    )
    rules = rules_of(strategy, budget=budget, delta1=str(delta1), delta2=str(delta2), seed=seed)
    selection = choose(pool, rules).selection
    reach1, reach2 = (delta1, delta2) if strategy.temporal_rules else (0, 0)
    assert len(selection) <= budget
    for drive in pool:
        mine = sorted(pick.frame for pick in selection.of(drive.key))
        assert len({*mine}) == len(mine)
        assert all(b - a > reach1 for a, b in pairwise(mine))
        assert all(abs(a - b) > reach2 for a in mine for b in taken[drive.key])
        assert not {*mine} & {*taken[drive.key], *drive.excluded}
        assert all(not np.isnan(drive.signals[s][n]) for s in strategy.signals for n in mine)


@EVERY
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99), budget=st.integers(1, 40))
def test_look_alikes_are_never_taken_where_that_is_the_rule(
    strategy: Strategy, seed: int, budget: int
) -> None:
    taken = {"a": [5, 250]}
    pool = pool_of(strategy, seed, **taken)
    rules = rules_of(strategy, budget=budget, look_alike="strict", delta1="0", delta2="0")
    selection = choose(pool, rules).selection
    for drive in pool:
        rows = drive.descriptors["thumbnail"]
        seen = [*taken.get(drive.key, ()), *(pick.frame for pick in selection.of(drive.key))]
        if strategy.temporal_rules:
            assert all(
                (unlike(rows[one], rows[seen[:at]]) > LOOK_ALIKE).all()
                for at, one in enumerate(seen)
                if at >= len(taken.get(drive.key, ()))
            )


@EVERY
def test_what_is_taken_is_never_picked_again(strategy: Strategy) -> None:
    taken: dict[str, list[int]] = {"a": [], "b": []}
    seen: set[tuple[str, int]] = set()
    for cycle in range(1, 6):
        pool = Pool(pool_of(strategy, **taken).drives, cycle)
        found = places(choose(pool, rules_of(strategy, delta1="1", delta2="0")))
        assert found
        assert not {*found} & seen
        seen |= {*found}
        for key, frame in found:
            taken[key].append(frame)


@EVERY
def test_stills_have_no_distances(strategy: Strategy) -> None:
    drive = drive_of(strategy, "a", 40, fps=float("nan"), stills=True)
    found = choose(Pool((drive,)), rules_of(strategy, budget=40, look_alike="strict")).selection
    scored = 40 - 6 if strategy.signals else 40
    assert len(found) == scored
