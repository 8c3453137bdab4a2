"""Which of a teacher's boxes are learnt from: by a score that is fitted to each class, and by
tracks that support them.

The tracking filter over an over-complete set of boxes is the survey's (Cetintas et al.); that
a track as a whole has to be sure, too, is ours.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, Prediction, as_array
from framesift.evaluation.matching import (
    FALSE,
    IGNORED,
    match_frame,
    select_detections,
    select_labels,
)
from framesift.records import Progress, RateMeter
from framesift.tracking import Detections, LinkSettings, link
from framesift.training.data import Source
from framesift.training.self_training_settings import SelfTraining
from framesift.training.settings import TrainSettings
from framesift.training.validate import measuring

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

MATCH_IOU = 0.5
FIXED_IOU = 0.3
"""Overlap at which a box of a detector with fixed box sizes counts as a label's."""
LONGEST_GAP = 1


def sure_from(scores: NDArray[np.float64], hits: NDArray[np.bool_], precision: float) -> float:
    """The lowest of the scores from which on at least `precision` of the boxes are hits; NaN
    where there is none. Boxes of one score stand or fall together.

    Example:
        >>> sure_from(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True]), 0.7)
        0.6
    """
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    share = np.cumsum(hits[order]) / np.arange(1, len(order) + 1)
    last = np.append(ordered[1:] < ordered[:-1], True)[: len(ordered)]
    fine = np.flatnonzero(last & (share >= precision))
    return float(ordered[fine[-1]]) if len(fine) else float("nan")


def fitted_scores(
    detector: Detector, source: Source, how: SelfTraining, settings: TrainSettings
) -> Generator[Progress, None, NDArray[np.float64]]:
    """For each of the detector's classes the score from which on `how.precision` of its boxes
    on the frames of `source` are labels, NaN where none is: float64 C."""
    measure = measuring(settings)
    iou = MATCH_IOU if detector.regresses_boxes else FIXED_IOU
    scores: list[list[float]] = [[] for _ in detector.classes]
    hits: list[list[bool]] = [[] for _ in detector.classes]
    meter = RateMeter(len(source), "frames", "fitting the teacher's scores")
    yield meter.progress()
    for index in range(len(source)):
        sample = source.sample(index)
        [predicted] = detector.predict(sample.image[None], threshold=how.low_score)
        scale = detector.geometry(*sample.image.shape[:2]).scale_y
        for column, name in enumerate(detector.classes):
            rows = np.flatnonzero(predicted.categories == column)
            rows = rows[
                select_detections(predicted.boxes[rows], predicted.scores[rows], measure, scale)
            ]
            chosen, ignored = select_labels(
                sample.boxes, name, detector.classes, measure, scale
            )
            labels = as_array([sample.boxes[n] for n in chosen])
            states, _ = match_frame(predicted.boxes[rows], labels, ignored, iou)
            counted = states != IGNORED
            scores[column] += predicted.scores[rows][counted].tolist()
            hits[column] += (states[counted] != FALSE).tolist()
        yield meter.advance()
    return np.array(
        [
            sure_from(np.array(values), np.array(good, np.bool_), how.precision)
            for values, good in zip(scores, hits, strict=True)
        ]
    )


def kept_rows(
    predictions: Sequence[Prediction], sure: NDArray[np.float64], how: SelfTraining
) -> NDArray[np.int64]:
    """Which boxes of the middle one of a run of frames are learnt from: row numbers, rising.

    `predictions`: of each frame in the order of time; `sure`: the score fitted to each class
    (NaN: none of it is sure)."""
    middle = len(predictions) // 2
    predicted = predictions[middle]
    confident = predicted.scores >= sure[predicted.categories]
    if how.keep == "score":
        return np.flatnonzero(confident)
    tracks = link(
        (Detections(n, float(n), frame) for n, frame in enumerate(predictions)),
        LinkSettings(match="overlap", min_score=how.low_score, max_gap=LONGEST_GAP),
    )
    kept = []
    for track in tracks.supported(how.track).tracks:
        rows = track.rows[track.frames == middle]
        best = float(np.nanmax(track.scores))
        sound = how.keep == "tracks" or best >= sure[track.category]
        if sound and len(rows) and rows[0] >= 0:
            kept.append(int(rows[0]))
    return np.array(sorted(kept), np.int64)


def pseudo_boxes(
    predicted: Prediction, rows: NDArray[np.int64], classes: Sequence[str]
) -> tuple[Box, ...]:
    """Rows of a prediction as boxes to learn from; no person made them."""
    return tuple(
        pseudo_box(predicted.boxes[row].tolist(), classes[predicted.categories[row]])
        for row in rows
    )


def pseudo_box(corners: Sequence[float], category: str) -> Box:
    """A box to learn from that no person made."""
    x1, y1, x2, y2 = corners
    return Box(x1, y1, x2, y2, category, origin="tracked")
