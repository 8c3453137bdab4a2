"""Strategies put together by somebody: combinations, gates, schedules, their files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from framesift.cli import main
from framesift.errors import InputError
from framesift.scores.strategies import strategy_named
from framesift.selection import STRATEGIES, Pool, PoolDrive, Rules, choose
from framesift.selection.combining import combined
from framesift.selection.strategies import Composed
from framesift.selection.strategies.spec import StrategySpec, load_spec, spec_from_text
from framesift.series import NO_BOXES

SOME = [np.array([1.0, 2.0, 4.0, np.nan]), np.array([30.0, 10.0, 20.0, 40.0])]


@pytest.mark.parametrize(
    ("how", "weights", "expected"),
    [
        # Ranks of the frames that have both: 1/3, 2/3, 1 and 1, 1/3, 2/3.
        ("sum", [1, 1], [4 / 3, 1, 5 / 3]),
        ("sum", [2, 1], [5 / 3, 5 / 3, 8 / 3]),
        ("norm", [1, 1], [np.hypot(1 / 3, 1), np.hypot(2 / 3, 1 / 3), np.hypot(1, 2 / 3)]),
        ("product", [1, 2], [1 / 3, 2 / 27, 4 / 9]),
        ("maximum", [1, 1], [1, 2 / 3, 1]),
        ("maximum", [1, 0], [1 / 3, 2 / 3, 1]),
    ],
)
def test_combinations_are_known(how: str, weights: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(combined(SOME, weights, how=how), [*expected, np.nan])


def test_the_range_is_that_of_the_gate() -> None:
    inside = np.array([True, False, True, True])
    found = combined(SOME, [1, 1], how="norm", normalise="gate", inside=inside)
    # 1 and 4, 30 and 20 are inside and have both.
    np.testing.assert_allclose(found, [1.0, np.nan, 1.0, np.nan])
    constant = [np.ones(3), np.array([1.0, 2.0, 3.0])]
    found = combined(constant, [1, 1], how="sum", normalise="gate")
    np.testing.assert_allclose(found, [0.0, 0.5, 1.0])


def test_deviations_are_from_the_mean_of_the_pool() -> None:
    found = combined(SOME, [1, 1], how="maximum", normalise="deviations")
    first = (SOME[0] - 7 / 3) / np.std([1, 2, 4])
    second = (SOME[1] - 20) / np.std([30, 10, 20])
    np.testing.assert_allclose(found, np.maximum(first, second))
    # A constant tells nothing, whatever its size.
    constant = [np.full(3, 1e9), np.array([1.0, 2.0, 3.0])]
    found = combined(constant, [1, 1], how="maximum", normalise="deviations")
    np.testing.assert_allclose(found, [0.0, 0.0, 1 / np.std([1, 2, 3])])


def test_one_signal_alone_stays_as_it_is() -> None:
    np.testing.assert_array_equal(combined(SOME[:1], [1], how="sum"), SOME[0])


def pool_of(cycle: int = 1, frames: int = 60, **more: np.ndarray) -> Pool:
    rng = np.random.default_rng(0)
    signals = {
        name: rng.random(frames).astype(np.float32)
        for name in ("divergence", "entropy", "box_entropy")
    }
    drive = PoolDrive(
        "a",
        frames,
        fps=10.0,
        seconds=frames / 10,
        signals={**signals, **more},
        descriptors={"thumbnail": rng.integers(0, 256, (frames, 280), np.uint8)},
    )
    return Pool((drive,), cycle)


def picks(strategy: Composed, pool: Pool, **more: object) -> list[int]:
    given = {"budget": 6, "delta1": "2", "delta2": "0", "look_alike": "off", **more}
    rules = Rules(strategy=strategy.key, smoothing=False, **given)
    return [pick.frame for pick in choose(pool, rules).selection]


def test_a_schedule_changes_what_it_says_with_its_cycle() -> None:
    steps = [
        {"from_cycle": 2, "weights": {"divergence": 0, "entropy": 1}},
        {"from_cycle": 4, "spread": "core-set", "random_share": 0.5},
    ]
    whole = Composed(
        StrategySpec(
            name="x",
            signals=("divergence", "entropy"),
            weights={"entropy": 0},
            gate=4,
            random_share=0,
            schedule=steps,
        )
    )
    first = Composed(StrategySpec(name="d", signals=("divergence",), gate=0, random_share=0))
    second = Composed(StrategySpec(name="e", signals=("entropy",), gate=0, random_share=0))
    assert picks(whole, pool_of(1)) == picks(first, pool_of(1))
    for cycle in (2, 3):
        assert picks(whole, pool_of(cycle)) == picks(second, pool_of(cycle))
    assert whole.share_in(4) == 0.5
    assert whole.descriptors == ("thumbnail",)
    assert picks(whole, pool_of(4)) != picks(whole, pool_of(3))


def test_the_gate_may_go_by_another_signal() -> None:
    entropy = np.linspace(0, 1, 60).astype(np.float32)
    strategy = Composed(
        StrategySpec(
            name="x",
            signals=("divergence", "box_entropy"),
            gate_by=("entropy",),
            gate=2,
            normalise="gate",
            combine="norm",
            random_share=0,
        )
    )
    found = picks(strategy, pool_of(entropy=entropy))
    # Twelve frames three apart fit from the top: none below frame 26.
    assert len(found) == 6
    assert min(found) >= 26
    assert set(strategy.signals) == {"divergence", "box_entropy", "entropy"}


def test_what_has_nothing_to_tell_gets_the_median_of_the_gate() -> None:
    strategy = STRATEGIES["huale"]
    rng = np.random.default_rng(0)
    signals = {name: rng.random(60).astype(np.float32) for name in strategy.signals}
    signals["box_entropy"] = np.linspace(0, 1, 60).astype(np.float32)
    signals["huale_box"][[40, 50]] = NO_BOXES
    pool = pool_of(**signals)
    rules = Rules(
        budget=10, strategy="huale", delta1="0", delta2="0", look_alike="off", smoothing=False
    )
    chosen = choose(pool, rules)
    # The gate: the forty highest entropies.
    inside = np.arange(20, 60)
    told = inside[(inside != 40) & (inside != 50)]
    values = signals["huale_box"].astype(np.float64)
    values[[40, 50]] = np.median(values[told])
    parts = [values, *(signals[n] for n in strategy.spec.signals if n != "huale_box")]
    scaled = [(p - p[inside].min()) / (p[inside].max() - p[inside].min()) for p in parts]
    length = np.sqrt(sum(np.float64(s) ** 2 for s in scaled))
    best = sorted(inside, key=lambda n: -length[n])[:9]
    by_score = [p for p in chosen.selection if p.reason["by"] == "huale"]
    assert [p.frame for p in by_score] == best
    assert by_score[0].score == pytest.approx(length[best[0]], rel=1e-5)


def test_nakamuras_value_is_the_sum_of_three_ranks() -> None:
    strategy = STRATEGIES["nakamura"]
    assert strategy.signals == ("predicted_misses", "box_entropy", "stability")
    rng = np.random.default_rng(0)
    # Signals of sizes of their own: only their ranks may count.
    signals = {
        name: (10.0**n * rng.permutation(60)).astype(np.float32)
        for n, name in enumerate(strategy.signals)
    }
    rules = Rules(
        budget=10,
        strategy="nakamura",
        delta1="0",
        delta2="0",
        look_alike="off",
        smoothing=False,
    )
    chosen = choose(pool_of(**signals), rules)
    total = sum((values.argsort().argsort() + 1) / 60 for values in signals.values())
    by_score = [p for p in chosen.selection if p.reason["by"] == "nakamura"]
    assert len(by_score) == 9
    for pick in by_score:
        assert pick.score == pytest.approx(total[pick.frame], rel=1e-5)
        # The gate: the forty highest.
        assert total[pick.frame] >= np.sort(total)[-40]
    assert [p.frame for p in by_score] != sorted(range(60), key=lambda n: -total[n])[:9]


FILE = """
title = "Mine"
signals = ["divergence", "box-entropy"]
combine = "product"
spread = "timeline"
random_share = 0.2
[weights]
divergence = 2
[[schedule]]
from_cycle = 3
spread = "core-set"
"""


def test_a_file_says_a_strategy_and_its_key_makes_it_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILE, encoding="utf-8")
    strategy = strategy_named(str(path))
    assert (strategy.name, strategy.title) == ("mine", "Mine")
    assert strategy.signals == ("divergence", "box_entropy")
    assert set(strategy.needs) == {"maps", "boxes"}
    again = strategy_named(strategy.key)
    assert again.key == strategy.key
    assert spec_from_text(strategy.key) == load_spec(path)
    assert picks(again, pool_of()) == picks(strategy, pool_of())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "lack signals"),
        ("signals = []", "has no signal"),
        ('signals = ["nonsense"]', "which is no signal"),
        ('signals = ["divergence"]\nspraed = "timeline"', "nearest is 'spread'"),
        ('signals = ["divergence"]\nspread = "wide"', "spread is 'wide'"),
        ('signals = ["divergence"]\nspread = "timeline"\ngate = 0', "spread and no gate"),
        ('signals = ["divergence"]\nnormalise = "gate"', "no gate of its own"),
        (
            'signals = ["divergence"]\nnormalise = "deviations"\ncombine = "product"',
            "combine = sum or maximum can",
        ),
        ('signals = ["divergence"]\n[weights]\nentropy = 1', "none of its signals"),
        ('signals = ["divergence"]\n[weights]\ndivergence = 0', "every signal the weight 0"),
        ('signals = ["divergence"]\n[[schedule]]\nspread = "ppal"', "no from_cycle"),
        (
            'signals = ["divergence"]\n[[schedule]]\nfrom_cycle = 2\nname = "y"',
            "changes 'name'",
        ),
        (
            'signals = ["divergence"]\n[[schedule]]\nfrom_cycle = 2\nspread = "wide"',
            "spread is 'wide'",
        ),
        ("signals = [", "is not TOML"),
    ],
)
def test_a_file_that_makes_no_sense_is_one_sentence(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        strategy_named(str(path))
    assert main(["score", "--project", str(tmp_path / "p"), "--strategy", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "p").exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read the strategy"):
        strategy_named(str(tmp_path / "none.toml"))


def test_strategies_are_listed_with_what_they_cost_and_find(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["strategies", "--json"]) == 0
    listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {"core-set", "k-means++", "timeline"} <= {*listed}
    for row in listed.values():
        assert row["cost"]
        assert row["failure"]
    assert listed["timeline"]["spread"] == "timeline"
    assert listed["divergence"]["spread"] == "greedy"
    assert listed["timeline"]["random_share"] == 0.1
