"""Rows about spreads: a first choice from a million frames, and those of somebody who drags a
slider."""

from __future__ import annotations

import functools
import itertools
import statistics
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from framesift.bench.row import Row, interleaved
from framesift.selection import Pool, PoolDrive, Rules, choose_smoothed, smoothed
from framesift.selection.choosing import carried
from framesift.selection.kept import Kept
from framesift.selection.spreads import SPREADS
from framesift.selection.strategies.spec import StrategySpec, spec_text
from framesift.video import Distance

BUDGET, DELTA1 = 500, 15
_VIDEOS, _FRAMES = 200, 5000


def spread_rows(quick: bool) -> Iterator[Row]:
    """Each spread once from a pool that nothing is known of, and again and again as the window
    does while Δt1 is dragged: from a pool made anew that carries what the one before kept."""
    pool = _pool()
    for name in SPREADS:
        strategy = spec_text(StrategySpec(name=name, signals=("divergence",), spread=name))
        ready = smoothed(pool, Rules(strategy=strategy))
        rules = Rules(
            budget=BUDGET,
            strategy=strategy,
            delta1=Distance(DELTA1, "frames"),
            delta2=Distance(2, "frames"),
            look_alike="off",
        )
        dragged = itertools.count(DELTA1)
        runs = {
            "spread": (functools.partial(_anew, ready, rules), 2000),
            "spread again": (
                functools.partial(_again, pool, ready, rules, dragged),
                40 if name == "greedy" else 150,
            ),
        }
        for row, (run, most) in runs.items():
            times = interleaved({row: run}, 2 if quick else 5)[row]
            yield Row(
                f"{row}: {name}",
                times.ms(),
                "ms",
                f"{BUDGET} of {_VIDEOS * _FRAMES:,} frames in {_VIDEOS} videos; at most "
                f"{most} ms",
                times.ms() / most,
                1000 * statistics.median(times.cpu) / most,
            )


def _anew(ready: Pool, rules: Rules) -> None:
    choose_smoothed(replace(ready, kept=Kept()), rules)


def _again(pool: Pool, before: Pool, rules: Rules, delta1: Iterator[int]) -> None:
    ready = carried(pool, before)
    assert ready is not None
    choose_smoothed(ready, replace(rules, delta1=Distance(next(delta1), "frames")))


def _pool() -> Pool:
    rng = np.random.default_rng(0)
    return Pool(
        tuple(
            PoolDrive(
                f"video{number:03d}",
                _FRAMES,
                fps=30.0,
                seconds=_FRAMES / 30,
                signals={"divergence": rng.random(_FRAMES).astype(np.float32)},
                descriptors={"thumbnail": rng.integers(0, 256, (_FRAMES, 280), np.uint8)},
            )
            for number in range(_VIDEOS)
        )
    )
