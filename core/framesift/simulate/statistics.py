"""What the rows say: means and intervals over repeats, a paired test, labels saved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from framesift.evaluation.bootstrap import interval
from framesift.simulate.store import Row

LEVEL = 0.95
Figure = Callable[[Row], float]


@dataclass(frozen=True, slots=True)
class Mean:
    """Over `count` repeats: mean and Student's 95 % interval (None from fewer than two)."""

    value: float
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Paired:
    """A variant against the baseline, repeat by repeat: the mean difference (below zero is
    better), its 95 % interval, and the two-sided p of a paired t-test; `better`: in how many
    of the `count` repeats it was below zero."""

    difference: float
    low: float | None
    high: float | None
    p: float | None
    better: int
    count: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The 95 % interval of a variant's mean difference from the baseline where the repeats and
    the evaluation's `blocks` ("drives", or "seconds" of a single one) are drawn again together.
    """

    low: float
    high: float
    repeats: int
    blocks: str


@dataclass(frozen=True, slots=True)
class Saved:
    """How many labelled frames (or what else labels cost) a variant needs for the miss rate
    that the baseline has after `baseline_frames`: None where it never gets there."""

    miss: float
    baseline_frames: float
    frames: float | None

    @property
    def share(self) -> float | None:
        """The share of the baseline's labels that are saved; below zero: it needs more."""
        return None if self.frames is None else 1 - self.frames / self.baseline_frames


def by_run(rows: Sequence[Row]) -> dict[tuple[str, int], list[Row]]:
    """Rows by variant and seed, cycle 0 first."""
    runs: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        runs.setdefault((row.variant, row.seed), []).append(row)
    return runs


def mean_of(values: Sequence[float]) -> Mean:
    """Mean and interval of repeats; NaN without any."""
    from scipy.special import stdtrit

    known = [value for value in values if not math.isnan(value)]
    if not known:
        return Mean(math.nan, None, None, 0)
    mean = float(np.mean(known))
    if len(known) < 2:
        return Mean(mean, None, None, 1)
    error = float(np.std(known, ddof=1)) / math.sqrt(len(known))
    half = float(stdtrit(len(known) - 1, 0.5 + LEVEL / 2)) * error
    return Mean(mean, mean - half, mean + half, len(known))


def labelled_frames(row: Row) -> float:
    """What labels cost, counted in frames."""
    return float(row.frames)


def per_cycle(
    rows: Sequence[Row], variant: str, figure: Figure, cost: Figure = labelled_frames
) -> list[tuple[float, Mean]]:
    """(mean cost, by default labelled frames; figure) after each cycle that any repeat has
    finished."""
    runs = [run for (name, _), run in by_run(rows).items() if name == variant]
    cycles = max((len(run) for run in runs), default=0)
    means = []
    for cycle in range(cycles):
        there = [run[cycle] for run in runs if len(run) > cycle]
        means.append(
            (
                float(np.mean([cost(row) for row in there])),
                mean_of([figure(row) for row in there]),
            )
        )
    return means


def paired(
    rows: Sequence[Row], variant: str, baseline: str, figure: Figure, *, last: bool = False
) -> Paired | None:
    """Variant against baseline over the repeats that both have: of the mean over all cycles
    that both finished, or of the last such cycle. None without a common repeat."""
    differences = [
        float(np.mean([figure(a) - figure(b) for a, b in pairs]))
        for pairs in _pairs(rows, variant, baseline, last)
    ]
    known = [difference for difference in differences if not math.isnan(difference)]
    if not known:
        return None
    mean = mean_of(known)
    return Paired(
        mean.value,
        mean.low,
        mean.high,
        _p_value(known),
        sum(difference < 0 for difference in known),
        len(known),
    )


def _pairs(
    rows: Sequence[Row], variant: str, baseline: str, last: bool
) -> list[list[tuple[Row, Row]]]:
    """By repeat that both have, the cycles (or the last one) after which both have labelled
    equally many frames."""
    runs = by_run(rows)
    by_repeat = []
    for (name, seed), run in runs.items():
        other = runs.get((baseline, seed))
        if name != variant or other is None:
            continue
        frames = {row.frames: row for row in other[1:]}
        pairs = [(row, frames[row.frames]) for row in run[1:] if row.frames in frames]
        if pairs:
            by_repeat.append(pairs[-1:] if last else pairs)
    return by_repeat


def drawn_again(
    rows: Sequence[Row], variant: str, baseline: str, *, last: bool = False
) -> Drawn | None:
    """Variant against baseline as `paired`, over repeats and the evaluation's drives; None
    where rows do not say what other drives would give."""
    every = _pairs(rows, variant, baseline, last)
    kept = [row for pairs in every for pair in pairs for row in pair]
    count = len(kept[0].resampled) if kept else 0
    if not count or any(len(row.resampled) != count for row in kept):
        return None
    changes = np.stack(
        [
            np.mean(
                [np.array(a.resampled, float) - np.array(b.resampled, float) for a, b in pairs],
                axis=0,
            )
            for pairs in every
        ]
    )
    repeats = len(changes)
    middle = changes.mean(axis=0)
    chosen = np.random.default_rng(0).integers(repeats, size=changes.shape)
    away = np.take_along_axis(changes, chosen, axis=0).mean(axis=0) - middle
    # Of few repeats drawn again the variance is too small by (n − 1)/n.
    means = middle + away * (math.sqrt(repeats / (repeats - 1)) if repeats > 1 else 0.0)
    within = interval(means, LEVEL)
    if within is None:
        return None
    return Drawn(within.low, within.high, repeats, kept[0].blocks)


def at_equal_cost(
    rows: Sequence[Row], variant: str, baseline: str, figure: Figure, cost: Figure
) -> Mean | None:
    """The mean difference over a variant's cycles from what the baseline has for the same cost,
    linearly between its cycles, repeat by repeat; cycles that cost more than its last are left
    out. None without a common repeat."""
    runs = by_run(rows)
    differences = []
    for (name, seed), run in runs.items():
        other = runs.get((baseline, seed))
        if name != variant or other is None or len(other) < 2:
            continue
        costs, values = [cost(row) for row in other], [figure(row) for row in other]
        inside = [row for row in run[1:] if cost(row) <= costs[-1]]
        if inside:
            theirs = np.interp([cost(row) for row in inside], costs, values)
            ours = np.array([figure(row) for row in inside])
            differences.append(float(np.mean(ours - theirs)))
    return mean_of(differences) if differences else None


def _p_value(differences: Sequence[float]) -> float | None:
    from scipy.special import stdtr

    if len(differences) < 2:
        return None
    error = float(np.std(differences, ddof=1)) / math.sqrt(len(differences))
    if error == 0:
        return 1.0 if np.mean(differences) == 0 else 0.0
    return float(2 * stdtr(len(differences) - 1, -abs(np.mean(differences)) / error))


def labels_saved(
    rows: Sequence[Row],
    variant: str,
    baseline: str,
    figure: Figure,
    cost: Figure = labelled_frames,
) -> list[Saved]:
    """For each cycle of the baseline after which its mean is a new lowest: the labelled frames
    (or what else `cost` says) that the variant's mean needs to be as low, linearly between its
    cycles."""
    theirs = [(x, m.value) for x, m in per_cycle(rows, baseline, figure, cost)]
    curve = [(x, m.value) for x, m in per_cycle(rows, variant, figure, cost)]
    savings = []
    lowest = theirs[0][1] if theirs else math.nan
    for frames, miss in theirs[1:]:
        if math.isnan(miss) or not miss < lowest:
            continue
        lowest = miss
        savings.append(Saved(miss, frames, needed(curve, miss)))
    return savings


def needed(curve: Sequence[tuple[float, float]], miss: float) -> float | None:
    """What a curve of (cost, miss rate) takes to fall to a miss rate; None: it never does."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if y0 > miss >= y1:
            return x0 + (x1 - x0) * (y0 - miss) / (y0 - y1)
    return None


def headroom(rows: Sequence[Row], everything: str) -> tuple[float, float] | None:
    """(miss rate of the initial detector, of one trained on the whole labelled pool)."""
    for (name, _), run in by_run(rows).items():
        if name == everything and len(run) > 1:
            return run[0].miss, run[1].miss
    return None


def miss_after(curve: Sequence[tuple[float, float]], frames: float) -> float | None:
    """The miss rate after so many frames, linearly between cycles; None beyond the curve."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x0 <= frames <= x1:
            return y0 + (y1 - y0) * (frames - x0) / (x1 - x0)
    return None
