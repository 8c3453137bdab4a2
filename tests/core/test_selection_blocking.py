"""What blocks a frame, found quickly, is what the engine says."""

from __future__ import annotations

import numpy as np
import pytest

from framesift.selection import RULES, select
from framesift.selection.blocking import blocking, counts, place
from framesift.selection.reasons import CODES


def made(seed: int, budget: int, **kwargs: object):
    rng = np.random.default_rng(seed)
    series = {name: rng.random(n).round(2) for name, n in (("a", 400), ("b", 150))}
    series["a"][rng.random(400) < 0.2] = np.nan
    rows = {
        name: rng.integers(0, 4, (len(v), 6)).astype(np.uint8) * 80
        for name, v in series.items()
    }
    taken = {"a": [0, 50, 51, 399], "b": [75]}
    return series, select(
        series, budget, 6, 3, taken, thumbnails=rows, look_alike=0.12, **kwargs
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("budget", "more"),
    [(5, {}), (30, {}), (400, {}), (400, {"look_alike_last": True}), (400, {"fill": True})],
)
def test_as_the_engine_says(seed: int, budget: int, more: dict) -> None:
    series, selection = made(seed, budget, **more)
    totals = dict.fromkeys(RULES, 0)
    for drive, values in series.items():
        mine = blocking(selection, drive)
        blocked = selection.blocked(drive)
        picked = {pick.frame for pick in selection.of(drive)}
        for frame in range(len(values)):
            if not np.isnan(values[frame]) and frame not in picked:
                assert mine.at(frame) == blocked.get(frame)
        for rule in RULES:
            totals[rule] += blocked.count(rule)
        assert mine.at(-1) is None
        assert mine.at(len(values)) is None
    found = counts(selection)
    assert {rule: found[rule] for rule in RULES} == totals
    assert found["scored"] == sum(map(found.__getitem__, (*RULES, "score", "picked")))


def test_columns_show_what_is_blocked() -> None:
    selection = select({"a": np.arange(1000.0)}, 3, 10, 2, {"a": [100]})
    mine = blocking(selection, "a")
    columns = mine.columns(0, 1000, 1000)
    assert columns.tolist() == mine.rules.tolist()
    assert np.flatnonzero(columns == CODES["taken"]).tolist() == [100]
    assert np.flatnonzero(columns == CODES["delta2"]).tolist() == [98, 99, 101, 102]
    assert np.flatnonzero(columns == CODES["delta1"]).tolist() == [*range(967, 1000)]
    # Ten frames a column, half of them before the drive begins.
    wide = mine.columns(-1000, 1000, 200)
    assert np.flatnonzero(wide[:150]).tolist() == [109, 110]
    assert wide[109] == CODES["delta2"]
    assert wide[110] == CODES["taken"]
    assert not mine.columns(0, 0, 100).any()
    assert not mine.columns(2000, 3000, 10).any()


def test_place_among_all() -> None:
    selection = select({"a": np.array([3.0, np.nan, 1.0]), "b": np.array([2.0])}, 1)
    assert place(selection, 2.0) == (2, 3)
