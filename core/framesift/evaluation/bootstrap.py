"""Confidence intervals: frames (or blocks of them) drawn again with replacement.

A resample is a weight per frame, so nothing is matched twice, and only detections up to the
last false positive that FPPI = 1 admits are summed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.evaluation.curve import LAMR_POINTS, log_average
from framesift.evaluation.matching import FALSE, FOUND, Matches
from framesift.evaluation.settings import EvaluationSettings

CHUNK = 2_000_000
"""Weights held at once; bounds memory and the time between two looks at a stop."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile bootstrap interval at confidence `level`."""

    low: float
    high: float
    level: float


def blocks_of(
    keys: Sequence[tuple[str, int]],
    settings: EvaluationSettings,
) -> NDArray[np.int64]:
    """int64 F: the block that each frame is drawn with."""
    if settings.blocks == "frames":
        return np.arange(len(keys))
    names: dict[tuple[str, int], int] = {}
    drives = settings.blocks == "drives"
    return np.array(
        [
            names.setdefault((video, 0 if drives else frame // settings.segment), len(names))
            for video, frame in keys
        ],
        np.int64,
    )


def draw(
    blocks: NDArray[np.int64],
    resamples: int,
    seed: int,
) -> Iterator[NDArray[np.int64]]:
    """Chunks of int64 r×F: how often each frame occurs in each resample, the same for the same
    seed whatever is measured with them. One block or none: nothing to draw, nothing yielded."""
    count = int(blocks.max()) + 1 if len(blocks) else 0
    if count < 2:
        return
    random = np.random.default_rng(seed)
    step = max(1, CHUNK // len(blocks))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = random.integers(count, size=(rows, count))
        drawn += np.arange(rows)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count)
        yield times[:, blocks]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One class's matches, ordered for fast re-weighting."""

    false_frame: NDArray[np.int32]
    found_frame: NDArray[np.int32]
    found_above: NDArray[np.int64]
    labels: NDArray[np.int64]

    @staticmethod
    def of(matches: Matches) -> Prepared:
        order = np.argsort(-matches.detection_score.astype(np.float64), kind="stable")
        state, score = matches.detection_state[order], matches.detection_score[order]
        frame = matches.detection_frame[order]
        false, hit = state == FALSE, state == FOUND
        # How many true positives score strictly more than each false positive.
        above = np.searchsorted(-score[hit], -score[false], side="left")
        return Prepared(
            frame[false],
            frame[hit],
            above.astype(np.int64),
            np.bincount(matches.label_frame, minlength=matches.frames).astype(np.int64),
        )


def reweighted(
    prepared: Prepared,
    weights: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Miss rate at FPPI = 1 and log-average miss rate, float64 r each, of r×F frame weights;
    NaN where a resample holds no label."""
    frames = weights.sum(axis=1)
    labels = weights @ prepared.labels
    cumulated = np.zeros((len(weights), len(prepared.found_frame) + 1), np.int64)
    np.cumsum(weights[:, prepared.found_frame], axis=1, out=cumulated[:, 1:])
    points = np.append(LAMR_POINTS, 1.0)
    limits = _most_false(points[None, :], frames[:, None])
    false = _cumulative_false(prepared, weights, int(limits.max()))
    above = np.append(prepared.found_above, len(prepared.found_frame))
    # A row that never exceeds its limit admits every detection.
    above[false.shape[1] :] = len(prepared.found_frame)
    first = np.stack(
        [
            np.searchsorted(row, limit, side="right")
            for row, limit in zip(false, limits, strict=True)
        ]
    )
    hits = np.take_along_axis(cumulated, above[first], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        miss = 1.0 - hits / labels[:, None]
    miss[labels == 0] = np.nan
    return miss[:, -1], log_average(miss[:, :-1])


def _most_false(fppi: NDArray[np.float64], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """The largest k with k / frames ≤ fppi, as the division says it (k = fppi · frames can be
    off by one in the last place)."""
    k = np.floor(fppi * frames).astype(np.int64) + 1
    for _ in range(2):
        k = np.where(k / frames > fppi, k - 1, k)
    return k


def _cumulative_false(
    prepared: Prepared,
    weights: NDArray[np.int64],
    limit: int,
) -> NDArray[np.int64]:
    """Running sums of weighted false positives, as many columns as it takes for every row to
    exceed `limit`, or all."""
    columns = 2 * weights.shape[1]
    while True:
        sums = np.cumsum(weights[:, prepared.false_frame[:columns]], axis=1)
        if columns >= len(prepared.false_frame) or bool((sums[:, -1] > limit).all()):
            return sums
        columns *= 2


def interval(values: NDArray[np.float64], level: float) -> Interval | None:
    """The central `level` of the resampled values; None where fewer than two are known."""
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)
