"""The hypothesis under the method, without any retraining: are scores high where the detector
errs? Spearman's rank correlation of a score with a frame's false positives plus negatives."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.evaluation import Evaluation
from framesift.evaluation.bootstrap import draw, interval
from framesift.evaluation.ranks import spearman as spearman
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores import every_score
from framesift.selection.choosing import smoothed_series
from framesift.series import filled
from framesift.simulate.keys import ALL
from framesift.simulate.pool import frames
from framesift.simulate.pool_scores import scores_of
from framesift.simulate.resampling import blocks_of
from framesift.simulate.settings import Experiment
from framesift.simulate.stage import Stage
from framesift.simulate.variants import Variant

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer

RESAMPLES = 1000
LEAST = 5
"""Frames below which nothing is correlated."""
SEGMENT_S = 5.0
"""Seconds drawn together in the bootstrap, over which errors hang together; of a single drive
each second is drawn by itself."""


BASELINE = "detections"
"""What every signal stands beside: the number of boxes at the threshold for FPPI = 1."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """One score of one detector: `rho` with false positives plus false negatives per frame at
    FPPI = 1, and with either alone, over `frames` frames: all of them, or (`among`: "people")
    those with labels. Each with its 95 % interval from drawing segments of five seconds again,
    of a single drive its seconds (None: nothing to draw). `errors`: mean errors in a frame;
    `lift`: mean errors among the tenth of frames with the highest scores over the mean of
    all."""

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
    missed_low: float | None = None
    missed_high: float | None = None
    false_low: float | None = None
    false_high: float | None = None
    among: str = "all"


def correlate(
    stage: Stage,
    detectors: Mapping[str, tuple[Variant, int, int]],
) -> Iterator[Progress | Notice | Correlation]:
    """Measures scores for each of `detectors` (name → variant, seed and cycle that it is the
    outcome of) on frames whose labels are known. A score that a detector does not give is
    named."""
    experiment = stage.experiment
    whole = stage.pool if experiment.correlate_on == "pool" else stage.evaluation
    pool = replace(whole, every=whole.every * max(1, experiment.correlate_every))
    rules = experiment.rules_of(Variant("any"), 0)
    for name, (variant, seed, cycle) in detectors.items():
        detector = stage.detector(variant, seed, cycle)
        evaluation = yield from stage.measured(detector, pool)
        counts = counted(evaluation)
        yield from correlated(evaluation, counts.boxes, name, BASELINE, rates=pool.rates)
        with closing(frames(pool, pool.places[:1])) as read:
            picture = next(iter(read))[1]
        scorers = yield from _scorers(experiment, detector, picture, name)
        all_of_them, _ = yield from scores_of(whole, stage.store, detector, scorers)
        for score, series in all_of_them.items():
            raw = filled(series)
            smooth = {key: smoothed_series(values, rules) for key, values in raw.items()}
            for smoothed, values in ((False, raw), (True, smooth))[: 1 + rules.smoothing]:
                of_frames = np.array([values[key][n] for key, n in pool.places])
                yield from correlated(
                    evaluation, of_frames, name, score, smoothed, rates=pool.rates
                )


def _scorers(
    experiment: Experiment, detector: Detector, picture: NDArray[np.uint8], name: str
) -> Generator[Notice, None, dict[str, FrameScorer]]:
    """What is correlated, by its signal: what the variants choose by, as the first of them says
    it, and what the experiment names; a picture tells whether the detector gives it."""
    from framesift.scores import FrameScorer

    scorers: dict[str, FrameScorer] = {}
    for variant in experiment.variants:
        if not variant.ablation:
            scorers = {**experiment.scorers_of(variant), **scorers}
    named = experiment.correlate_by
    for signal in every_score() if ALL in named else named:
        scorers.setdefault(signal, FrameScorer(signal, top=0, **experiment.score))
    given = {}
    for signal in every_score():
        if signal not in scorers:
            continue
        try:
            scorers[signal].settings(detector)
            if scorers[signal].apart is None:
                scorers[signal].score(detector, picture[None])
        except InputError as problem:
            yield Notice(f"{name}: {signal} is not correlated. {problem}")
        else:
            given[signal] = scorers[signal]
    return given


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """float64 F each, at FPPI = 1: labels missed, false positives, labels, and boxes."""

    missed: NDArray[np.float64]
    false: NDArray[np.float64]
    labels: NDArray[np.float64]
    boxes: NDArray[np.float64]


def counted(evaluation: Evaluation) -> Counts:
    """What happens in each frame at the headline's IoU, over all classes."""
    missed, false, detected = (np.zeros(evaluation.frames) for _ in range(3))
    for result in evaluation.at(evaluation.headline):
        errors = result.errors()
        missed += errors.missed
        false += errors.false
        detected += errors.detected
    return Counts(missed, false, missed + detected, false + detected)


def correlated(
    evaluation: Evaluation,
    values: NDArray[np.float64],
    detector: str,
    score: str,
    smoothed: bool = False,
    *,
    rates: Mapping[str, float],
) -> Iterator[Progress | Correlation]:
    """The correlations of one score's values (float64, one per frame of the evaluation): over
    all frames, then among those with labels. `rates`: frames a second by drive. Yields Progress
    between."""
    counts = counted(evaluation)
    blocks = _blocks([(str(drive), int(number)) for drive, number in evaluation.keys], rates)
    every = np.ones(evaluation.frames, np.bool_)
    for among, rows in (("all", every), ("people", counts.labels > 0)):
        if rows.sum() >= LEAST:
            yield from _among(blocks, values, counts, rows, (detector, score, smoothed, among))


def _blocks(keys: list[tuple[str, int]], rates: Mapping[str, float]) -> NDArray[np.int64]:
    """int64 F: the block that each frame is drawn with."""
    if len({drive for drive, _ in keys}) < 2:
        return blocks_of(keys, rates)[0]
    places = []
    for drive, number in keys:
        rate = rates.get(drive, 1.0)
        length = max(1, round(SEGMENT_S * rate)) if np.isfinite(rate) else 1
        places.append((drive, number // length))
    numbers = {place: n for n, place in enumerate(dict.fromkeys(places))}
    return np.array([numbers[place] for place in places], np.int64)


def _among(
    blocks: NDArray[np.int64],
    values: NDArray[np.float64],
    counts: Counts,
    rows: NDArray[np.bool_],
    about: tuple[str, str, bool, str],
) -> Iterator[Progress | Correlation]:
    detector, score, smoothed, among = about
    values = values[rows]
    missed, false = counts.missed[rows], counts.false[rows]
    total = missed + false
    here = np.unique(blocks[rows], return_inverse=True)[1]
    drawn: list[list[float]] = []
    meter = RateMeter(RESAMPLES, "resamples", "correlating")
    for weights in draw(here, RESAMPLES, 0):
        for times in weights:
            again = np.repeat(np.arange(len(times)), times)
            drawn.append([spearman(values[again], of[again]) for of in (total, missed, false)])
            if len(drawn) % 50 == 0:
                yield meter.advance(50)
    bounds = [interval(np.array(column), 0.95) for column in zip(*drawn, strict=True)]
    (low, high), of_missed, of_false = (
        (None, None) if each is None else (each.low, each.high) for each in bounds or [None] * 3
    )
    top = np.argsort(-values, kind="stable")[: max(1, len(values) // 10)]
    mean = float(total.mean())
    yield Correlation(
        detector,
        score,
        smoothed,
        len(values),
        mean,
        spearman(values, total),
        low,
        high,
        spearman(values, missed),
        spearman(values, false),
        float(total[top].mean()) / mean if mean else float("nan"),
        missed_low=of_missed[0],
        missed_high=of_missed[1],
        false_low=of_false[0],
        false_high=of_false[1],
        among=among,
    )
