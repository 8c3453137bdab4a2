"""The two halves of `choose`: what was smoothed before serves for other rules, too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framesift.selection import (
    STRATEGIES,
    Pool,
    PoolDrive,
    Rules,
    choose,
    choose_smoothed,
    smoothed,
)
from framesift.selection.choosing import carried
from framesift.series import NO_BOXES


@pytest.mark.parametrize("strategy", ["divergence", "box-entropy", "huale"])
def test_a_pool_that_was_smoothed_gives_the_same_picks(strategy: str) -> None:
    """A slider of the window: the smoothing of before, another budget."""
    rng = np.random.default_rng(0)
    signals = {name: rng.random(90).astype(np.float32) for name in STRATEGIES[strategy].signals}
    for values in signals.values():
        values[[3, 40, 41]] = NO_BOXES
    pool = Pool((PoolDrive("am", 90, fps=30.0, seconds=3.0, signals=signals),))
    rules = Rules(budget=3, strategy=strategy, delta1="2", delta2="1", look_alike="off")
    more = replace(rules, budget=12)
    before = carried(pool, smoothed(pool, rules))
    assert before is not None
    again, whole = choose_smoothed(before, more), choose(pool, more)
    assert again.selection.picks == whole.selection.picks
    for key in whole.raw:
        np.testing.assert_array_equal(again.raw[key], whole.raw[key])
    assert carried(pool, None) is None
    assert carried(pool, Pool(())) is None
