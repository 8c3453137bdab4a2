"""Detections against labels, after Dollár et al. (Caltech toolbox, bbGt 'evalRes')."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, FloatArray, covered, iou
from framesift.evaluation.settings import EvaluationSettings

FOUND, FALSE, IGNORED = 1, 0, -1
"""States of a detection: true positive, false positive, neither."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """All detections and counted labels of one class at one IoU threshold over `frames` frames.

    detection_frame int32 D (index of the frame), detection_score float32 D, detection_state
    int8 D (FOUND, FALSE or IGNORED), detection_box float32 D×4 native pixels, by frame, best
    first within one; label_frame int32 L, label_box float32 L×4, label_score float32 L: score
    of the detection that found the label, NaN where none did; label_reach float32 L: the best
    IoU that any of the detector's boxes could have with it, NaN where not known.

    Since matching goes best first, what counts at a threshold t is what has a score ≥ t.
    """

    frames: int
    detection_frame: NDArray[np.int32]
    detection_score: NDArray[np.float32]
    detection_state: NDArray[np.int8]
    detection_box: NDArray[np.float32]
    label_frame: NDArray[np.int32]
    label_box: NDArray[np.float32]
    label_score: NDArray[np.float32]
    label_reach: NDArray[np.float32]

    @property
    def labels(self) -> int:
        return len(self.label_frame)

    def errors(self, threshold: float) -> FrameErrors:
        """Counts per frame of what happens at a score threshold."""
        at = self.detection_score >= threshold

        def count(frames: NDArray[np.int32]) -> NDArray[np.int64]:
            return np.bincount(frames, minlength=self.frames).astype(np.int64)

        hits = count(self.detection_frame[at & (self.detection_state == FOUND)])
        false = count(self.detection_frame[at & (self.detection_state == FALSE)])
        return FrameErrors(hits, count(self.label_frame) - hits, false)

    def overlaps(self, threshold: float) -> NDArray[np.float64]:
        """The IoU of each label that is found at a score threshold with the box that found
        it, in the labels' order."""
        labels = np.flatnonzero(self.label_score >= threshold)
        hits = np.flatnonzero(self.detection_state == FOUND)
        made = np.zeros(len(labels))
        for row, label in enumerate(labels):
            by = hits[
                (self.detection_frame[hits] == self.label_frame[label])
                & (self.detection_score[hits] == self.label_score[label])
            ]
            # Of boxes with one score in one frame the label's own lies nearest.
            made[row] = iou(self.detection_box[by], self.label_box[label][None]).max()
        return made


@dataclass(frozen=True, slots=True, eq=False)
class FrameErrors:
    """int64 F each: labels found, labels missed (FN), false positives (FP) per frame."""

    detected: NDArray[np.int64]
    missed: NDArray[np.int64]
    false: NDArray[np.int64]

    @property
    def total(self) -> NDArray[np.int64]:
        """FN + FP per frame."""
        return self.missed + self.false


def select_labels(
    boxes: Sequence[Box],
    category: str,
    classes: Sequence[str],
    settings: EvaluationSettings,
    scale: float,
) -> tuple[list[int], NDArray[np.bool_]]:
    """The labels that concern a class: their indices, and bool M: which of them are ignored.

    `scale` turns native into working pixels. An ignore region holds for its own category, or
    for all `classes` where it is none of them, as in training; labels outside the filters are
    ignored or, with `discard`, absent.
    """
    indices: list[int] = []
    ignored: list[bool] = []
    for index, box in enumerate(boxes):
        if box.ignore:
            out = box.category == category or box.category not in classes
            if not out:
                continue
        elif box.category != category:
            continue
        else:
            out = _filtered(box, settings, scale)
            if out and settings.discard:
                continue
        indices.append(index)
        ignored.append(out)
    return indices, np.array(ignored, np.bool_)


def _filtered(box: Box, settings: EvaluationSettings, scale: float) -> bool:
    height = box.height * scale
    if height < settings.min_height:
        return True
    if settings.max_height is not None and height > settings.max_height:
        return True
    if settings.ignore_occluded and box.occluded:
        return True
    if settings.aspect is None or box.category not in settings.aspect_classes:
        return False
    return not settings.aspect[0] <= box.aspect <= settings.aspect[1]


def select_detections(
    boxes: FloatArray,
    scores: FloatArray,
    settings: EvaluationSettings,
    scale: float,
) -> NDArray[np.int64]:
    """Indices of the detections that take part, best first (ties: as given)."""
    scores64, boxes64 = np.asarray(scores, np.float64), np.asarray(boxes, np.float64)
    heights = (boxes64[:, 3] - boxes64[:, 1]) * scale
    fit = (scores64 >= settings.threshold) & (
        heights >= settings.min_height / settings.height_slack
    )
    if settings.max_height is not None:
        fit &= heights <= settings.max_height * settings.height_slack
    order = np.argsort(-scores64, kind="stable")
    return order[fit[order]][: settings.max_detections]


def match_frame(
    boxes: FloatArray,
    labels: FloatArray,
    ignored: NDArray[np.bool_],
    threshold: float,
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Matches one frame's detections (N×4, best first) to its labels (M×4, bool M ignored).

    Each detection takes the free label of highest IoU ≥ `threshold` (ties: the later label);
    else, where an ignore region covers at least that share of it, it is IGNORED; else FALSE.
    Returns int8 N states and int64 M: the detection that took each label, −1 for none.
    """
    states = np.zeros(len(boxes), np.int8)
    taken = np.full(len(labels), -1, np.int64)
    if len(boxes) == 0 or len(labels) == 0:
        return states, taken
    real = np.flatnonzero(~ignored)
    overlap = iou(boxes, labels[real])
    over_region = (covered(boxes, labels[ignored]) >= threshold).any(axis=1)
    states[over_region] = IGNORED
    # Only detections that reach some label can need the sequential part.
    for detection in np.flatnonzero((overlap >= threshold).any(axis=1)):
        row = np.where(taken[real] < 0, overlap[detection], -1.0)
        best = len(row) - 1 - int(np.argmax(row[::-1]))
        if row[best] >= threshold:
            states[detection] = FOUND
            taken[real[best]] = detection
    return states, taken
