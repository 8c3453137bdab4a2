"""Rows about spreads: a first choice from a million frames, and those of somebody who drags a
slider."""

from __future__ import annotations

import functools
import itertools
import statistics
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from framesift.bench.row import Row, interleaved
from framesift.selection import Pool, PoolDrive, Rules, choose_smoothed, smoothed
from framesift.selection.choosing import carried
from framesift.selection.descriptors import DESCRIPTORS
from framesift.selection.kept import Kept
from framesift.selection.spreads import SPREADS
from framesift.selection.spreads.base import as_vectors
from framesift.selection.strategies.spec import StrategySpec, spec_text
from framesift.video import Distance

BUDGET, DELTA1 = 500, 15
_VIDEOS, _FRAMES = 200, 5000
_CENTRES = 200


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


def k_centre_row(quick: bool) -> Row:
    """Core-set beside k-centre greedy as it is written down: every frame's distance from every
    new centre."""
    pool, rules = _pool(4 if quick else 20, 1000), _centres_alone(_CENTRES)
    ready, given = smoothed(pool, rules), _given(pool)
    times = interleaved(
        {
            "ours": lambda: _anew(ready, rules),
            "reference": lambda: k_centre(*given, _CENTRES),
        },
        2 if quick else 5,
    )
    wall, cpu = times["reference"].over(times["ours"])
    return Row(
        "k-centre",
        times["ours"].ms(),
        "ms",
        f"{_CENTRES} of {len(given[1]):,} frames by thumbnails, all of them in the gate, no "
        "distances; times as quick as k-centre greedy in numpy, "
        f"{times['reference'].ms():.0f} ms",
        wall,
        cpu,
        "distances from the centres",
        f"{_CENTRES} centres of {len(given[1]):,} frames: k-centre greedy in numpy",
    )


def _centres_alone(budget: int) -> Rules:
    """Core-set over all frames, without any other rule."""
    strategy = spec_text(
        StrategySpec(
            name="k-centre",
            signals=("divergence",),
            spread="core-set",
            gate=1000,
            random_share=0.0,
        )
    )
    nothing = Distance(0, "frames")
    return Rules(
        budget=budget,
        strategy=strategy,
        smoothing=False,
        delta1=nothing,
        delta2=nothing,
        look_alike="off",
    )


def _given(pool: Pool) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """What `k_centre` chooses by, of all frames: their vectors and their values."""
    rows = [np.asarray(drive.descriptors["thumbnail"]) for drive in pool]
    vectors = as_vectors(DESCRIPTORS["thumbnail"].vectors(np.concatenate(rows)))
    return vectors, np.concatenate([drive.signals["divergence"] for drive in pool])


def k_centre(
    vectors: NDArray[np.floating], values: NDArray[np.floating], count: int
) -> NDArray[np.int64]:
    """Places of `count` centres in order (Sener and Savarese 2018, algorithm 1): the highest
    value, then always what is furthest from its nearest centre."""
    squares = np.einsum("nd,nd->n", vectors, vectors)
    places = [int(values.argmax())]
    least = np.full(len(vectors), np.inf)
    while len(places) < count:
        last = places[-1]
        away = squares + squares[last] - 2 * (vectors @ vectors[last])
        np.minimum(least, away, out=least)
        places.append(int(least.argmax()))
    return np.array(places)


def _anew(ready: Pool, rules: Rules) -> None:
    choose_smoothed(replace(ready, kept=Kept()), rules)


def _again(pool: Pool, before: Pool, rules: Rules, delta1: Iterator[int]) -> None:
    ready = carried(pool, before)
    assert ready is not None
    choose_smoothed(ready, replace(rules, delta1=Distance(next(delta1), "frames")))


def _pool(videos: int = _VIDEOS, frames: int = _FRAMES) -> Pool:
    rng = np.random.default_rng(0)
    return Pool(
        tuple(
            PoolDrive(
                f"video{number:03d}",
                frames,
                fps=30.0,
                seconds=frames / 30,
                signals={"divergence": rng.random(frames).astype(np.float32)},
                descriptors={"thumbnail": rng.integers(0, 256, (frames, 280), np.uint8)},
            )
            for number in range(videos)
        )
    )
