"""The hypothesis under the method, without any retraining: are scores high where the detector
errs? Spearman's rank correlation of a score with a frame's false positives plus negatives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.evaluation import Evaluation, Interval
from framesift.evaluation.bootstrap import blocks_of, draw, interval
from framesift.records import Notice, Progress, RateMeter
from framesift.scores import SCORES
from framesift.selection.choosing import smoothed_series
from framesift.simulate.stage import Stage
from framesift.simulate.variants import Variant

if TYPE_CHECKING:
    from framesift.scores import FrameScorer

RESAMPLES = 1000
SEGMENT = 150
"""Frames drawn together in the bootstrap: five seconds, over which errors hang together."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """One score of one detector: `rho` with false positives plus false negatives per frame at
    FPPI = 1, and with either alone, over `frames` frames; intervals from drawing segments of
    five seconds again. `errors`: mean errors in a frame; `lift`: mean errors among the tenth of
    frames with the highest scores over the mean of all."""

    detector: str
    score: str
    smoothed: bool
    frames: int
    errors: float
    rho: float
    low: float | None
    high: float | None
    rho_missed: float
    rho_false: float
    lift: float


def spearman(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Rank correlation in [−1, 1], ties by mean rank; NaN where either is constant."""
    x, y = _ranks(a), _ranks(b)
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum() / size) if size > 0 else float("nan")


def _ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[place.ravel()]
    return ranks


def correlate(
    stage: Stage,
    detectors: Mapping[str, tuple[Variant, int, int]],
) -> Iterator[Progress | Notice | Correlation]:
    """Measures every score for each of `detectors` (name → variant, seed and cycle that it is
    the outcome of) on the pool, whose labels are known."""
    experiment = stage.experiment
    every = max(1, experiment.correlate_every)
    pool = replace(stage.pool, every=stage.pool.every * every)
    for name, (variant, seed, cycle) in detectors.items():
        detector = stage.detector(variant, seed, cycle)
        evaluation = yield from stage.measured(detector, pool)
        for score in SCORES:
            scorer = _scorer(stage, score)
            if scorer is None:
                continue
            raw, _ = yield from stage.scored(detector, scorer)
            rules = experiment.rules_of(Variant("any"), 0)
            smooth = {key: smoothed_series(values, rules) for key, values in raw.items()}
            for smoothed, series in ((False, raw), (True, smooth))[: 1 + rules.smoothing]:
                values = np.array([series[key][n] for key, n in pool.places])
                yield from _measured(evaluation, values, name, score, smoothed)


def _scorer(stage: Stage, score: str) -> FrameScorer | None:
    from framesift.scores.strategies import every_strategy

    named = [
        strategy.name for strategy in every_strategy().values() if score in strategy.signals
    ]
    settings = [v for v in stage.experiment.variants if v.strategy in named and not v.ablation]
    return stage.experiment.scorers_of(settings[0])[score] if settings else None


def _measured(
    evaluation: Evaluation,
    values: NDArray[np.float64],
    detector: str,
    score: str,
    smoothed: bool,
) -> Iterator[Progress | Correlation]:
    missed = np.zeros(evaluation.frames)
    false = np.zeros(evaluation.frames)
    for result in evaluation.at(evaluation.headline):
        errors = result.errors()
        missed += errors.missed
        false += errors.false
    total = missed + false
    settings = replace(evaluation.settings, blocks="segments", segment=SEGMENT)
    drawn: list[float] = []
    meter = RateMeter(RESAMPLES, "resamples", "correlating")
    for weights in draw(blocks_of(evaluation.keys, settings), RESAMPLES, 0):
        for counts in weights:
            again = np.repeat(np.arange(len(counts)), counts)
            drawn.append(spearman(values[again], total[again]))
            if len(drawn) % 50 == 0:
                yield meter.advance(50)
    bounds: Interval | None = interval(np.array(drawn), 0.95)
    top = np.argsort(-values, kind="stable")[: max(1, len(values) // 10)]
    mean = float(total.mean())
    yield Correlation(
        detector,
        score,
        smoothed,
        len(values),
        mean,
        spearman(values, total),
        bounds.low if bounds else None,
        bounds.high if bounds else None,
        spearman(values, missed),
        spearman(values, false),
        float(total[top].mean()) / mean if mean else float("nan"),
    )
