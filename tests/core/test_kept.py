"""A choice from a pool that was chosen from before is the one from a fresh pool."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.selection import Pool, PoolDrive, Rules, choose, choose_smoothed, smoothed
from framesift.selection.choosing import Choice, carried
from framesift.selection.kept import Kept
from framesift.selection.row import Row
from framesift.selection.spreads import SPREADS
from framesift.selection.strategies.spec import StrategySpec, spec_text
from framesift.video import Distance

FRAMES = 90


def drive_of(key: str, seed: int) -> PoolDrive:
    rng = np.random.default_rng(seed)
    calm = np.repeat(np.round(rng.random(FRAMES // 3), 1), 3).astype(np.float32)
    calm[rng.random(FRAMES) < 0.1] = np.nan
    return PoolDrive(
        key,
        FRAMES,
        fps=10.0,
        seconds=FRAMES / 10,
        signals={"calm": calm, "rough": rng.random(FRAMES).astype(np.float32)},
        descriptors={
            "thumbnail": rng.integers(0, 256, (FRAMES, 280), np.uint8),
            "frame_embedding": rng.normal(size=(FRAMES, 64)).astype(np.float16),
        },
    )


DRIVES = tuple(drive_of(f"drive {n}", n) for n in range(3))
SPECS = {
    **{
        name: StrategySpec(name=name, signals=("calm",), spread=name, random_share=0.2)
        for name in SPREADS
    },
    "two": StrategySpec(name="two", signals=("calm", "rough"), normalise="ranks"),
    "in the gate": StrategySpec(
        name="in-the-gate", signals=("calm", "rough"), normalise="gate", gate_by=("rough",)
    ),
}
CHANGES = st.one_of(
    st.fixed_dictionaries({"budget": st.integers(1, 40)}),
    st.fixed_dictionaries({"delta1": st.integers(0, 30).map(lambda n: Distance(n, "frames"))}),
    st.fixed_dictionaries({"delta2": st.integers(0, 30).map(lambda n: Distance(n, "frames"))}),
    st.fixed_dictionaries({"look_alike": st.sampled_from(["off", "on", "strict"])}),
    st.fixed_dictionaries({"fill": st.booleans()}),
    st.fixed_dictionaries({"seed": st.integers(0, 2)}),
)
FOOTAGE = st.fixed_dictionaries(
    {
        name: st.lists(st.integers(0, FRAMES - 1), max_size=4, unique=True).map(sorted)
        for name in ("taken", "labelled", "excluded")
    }
)


def told(choice: Choice) -> tuple[object, ...]:
    return choice.selection.picks, choice.selection.notes


@pytest.mark.parametrize("name", SPECS)
@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(CHANGES, st.none() | FOOTAGE), min_size=2, max_size=6))
def test_choosing_again_is_choosing_anew(
    name: str, changes: list[tuple[dict[str, object], dict[str, list[int]] | None]]
) -> None:
    rules = Rules(
        budget=10,
        strategy=spec_text(SPECS[name]),
        delta1=Distance(3, "frames"),
        delta2=Distance(1, "frames"),
    )
    drives = DRIVES
    before = choose_smoothed(smoothed(Pool(drives), rules), rules).pool
    for of_rules, of_footage in changes:
        rules = replace(rules, **of_rules)
        if of_footage is not None:
            drives = (drives[0], replace(drives[1], **of_footage), drives[2])
        again = carried(Pool(drives), before)
        assert again is not None
        chosen = choose_smoothed(again, rules)
        assert told(chosen) == told(choose(Pool(drives), rules))
        before = chosen.pool


def test_the_latest_of_the_same_is_kept() -> None:
    kept, made = Kept(), []
    some, equal = np.arange(3), np.arange(3)

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert kept.get("sum", (some, 1, ("a", 2.0)), make) == 0
    assert kept.get("sum", (some, 1, ("a", 2.0)), make) == 0
    # Another array may be changed when the first one is not.
    assert kept.get("sum", (equal, 1, ("a", 2.0)), make) == 1
    assert kept.get("other", (some, 1, ("a", 2.0)), make) == 2
    assert kept.get("sum", (some, 1, ("a", 3.0)), make) == 3
    assert kept.get("sum", (some, 1, ("a", 2.0)), make) == 4


BOUNDS = st.sampled_from([-np.inf, 0.0, 0.3, 0.5, 0.9, np.inf])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(BOUNDS, BOUNDS), min_size=1, max_size=6), st.integers(0, 99))
def test_what_was_asked_of_a_row_changes_no_later_answer(
    asked: list[tuple[float, float]], seed: int
) -> None:
    parts = [np.round(np.random.default_rng(seed + n).random(20), 1) for n in range(3)]
    parts[1][3:9] = np.nan
    parts[2][0] = -np.inf
    row, flat = Row(parts), np.concatenate(parts)
    for low, high in asked:
        places, values = row.between(low, high)
        expected = np.flatnonzero((flat > -np.inf) & (flat >= low) & (flat < high))
        assert places.tolist() == expected.tolist()
        assert values.tolist() == flat[expected].tolist()
