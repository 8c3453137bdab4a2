"""Frames as they are measured, one by one, and what the metrics need of them."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, Prediction, as_array
from framesift.errors import InputError
from framesift.evaluation.bootstrap import Prepared, blocks_of, draw, interval, reweighted
from framesift.evaluation.class_result import ClassResult
from framesift.evaluation.coco import CocoFrame, mean_average_precision
from framesift.evaluation.matching import (
    Matches,
    match_frame,
    select_detections,
    select_labels,
)
from framesift.evaluation.result import Evaluation, Key
from framesift.evaluation.settings import WORKING_HEIGHT, EvaluationSettings
from framesift.records import Progress, RateMeter


class FrameKeyLike(Protocol):
    @property
    def video(self) -> str: ...
    @property
    def frame(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One frame's predictions and labels. `size`: native (height, width), None: coordinates
    are working pixels already; `reach`: the best IoU reachable for each label, None: not known.
    """

    key: FrameKeyLike | Key
    prediction: Prediction
    boxes: Sequence[Box]
    size: tuple[int, int] | None = None
    reach: NDArray[Any] | None = None


class Collector:
    """Takes frames one by one and keeps what the figures need of them."""

    def __init__(self, classes: Sequence[str], settings: EvaluationSettings) -> None:
        self.classes, self.settings = tuple(classes), settings
        self.keys: list[Key] = []
        self._parts: dict[tuple[int, float], list[tuple[NDArray[Any], ...]]] = {
            (k, iou): [] for k in range(len(self.classes)) for iou in settings.ious
        }
        self._ignored = [0] * len(self.classes)
        self._coco: list[CocoFrame] = []

    def add(self, measured: Measured) -> None:
        frame, scale = len(self.keys), self._scale(measured.size)
        self.keys.append(_plain_key(measured.key))
        prediction = measured.prediction
        for k, category in enumerate(self.classes):
            kept = np.flatnonzero(prediction.categories == k)
            kept = kept[
                select_detections(
                    prediction.boxes[kept], prediction.scores[kept], self.settings, scale
                )
            ]
            boxes, scores = prediction.boxes[kept], prediction.scores[kept]
            indices, ignored = select_labels(
                measured.boxes, category, self.classes, self.settings, scale
            )
            labels = as_array([measured.boxes[i] for i in indices])
            self._ignored[k] += int(ignored.sum())
            reach = np.full(len(indices), np.nan, np.float32)
            if measured.reach is not None:
                reach = np.asarray(measured.reach, np.float32)[indices]
            for iou in self.settings.ious:
                states, taken = match_frame(boxes, labels, ignored, iou)
                at = np.where(taken < 0, np.nan, np.append(scores, np.nan)[taken])
                self._parts[k, iou].append(
                    (
                        np.full(len(kept), frame, np.int32),
                        scores,
                        states,
                        boxes,
                        np.full(int((~ignored).sum()), frame, np.int32),
                        labels[~ignored],
                        at[~ignored],
                        reach[~ignored],
                    )
                )
            if self.settings.coco:
                self._coco.append(CocoFrame(frame, k, boxes, scores, labels, ignored))

    def _scale(self, size: tuple[int, int] | None) -> float:
        working = self.settings.working_height or WORKING_HEIGHT
        return 1.0 if size is None else working / size[0]

    def _matches(self, k: int, iou: float) -> Matches:
        parts = self._parts[k, iou]
        types = (
            np.int32,
            np.float32,
            np.int8,
            np.float32,
            np.int32,
            np.float32,
            np.float32,
            np.float32,
        )
        columns = [
            np.concatenate(column).astype(kind, copy=False)
            for column, kind in zip(zip(*parts, strict=True), types, strict=True)
        ]
        return Matches(len(self.keys), *columns)

    def finish(
        self,
        headline: float,
        detector: str = "",
    ) -> Iterator[Progress | Evaluation]:
        """Yields Progress, the Evaluation last. Raises InputError when there are no frames."""
        if not self.keys:
            raise InputError(
                "There is no frame to measure on; give frames whose labels are known."
            )
        blocks = blocks_of(self.keys, self.settings)
        results = [
            ClassResult(self.classes[k], iou, self._matches(k, iou), self._ignored[k])
            for k in range(len(self.classes))
            for iou in self.settings.ious
        ]
        results = yield from _with_intervals(results, blocks, self.settings)
        coco = None
        if self.settings.coco:
            yield Progress(0, 1, "figures", stage="mean average precision")
            coco = mean_average_precision(self._coco, self.classes, len(self.keys))
        yield Evaluation(
            self.settings,
            self.classes,
            tuple(self.keys),
            tuple(results),
            headline,
            coco,
            detector,
            blocks,
        )


def _with_intervals(
    results: list[ClassResult],
    blocks: NDArray[np.int64],
    settings: EvaluationSettings,
) -> Generator[Progress, None, list[ClassResult]]:
    prepared = [Prepared.of(result.matches) for result in results]
    samples: list[list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = [[] for _ in results]
    meter = RateMeter(settings.resamples, "resamples", "confidence intervals")
    for weights in draw(blocks, settings.resamples, settings.seed):
        for kept, resampled in zip(prepared, samples, strict=True):
            resampled.append(reweighted(kept, weights))
        yield meter.advance(len(weights))
    return [
        result
        if not resampled
        else replace(
            result,
            miss_rate_interval=interval(
                np.concatenate([m for m, _ in resampled]), settings.level
            ),
            log_average_interval=interval(
                np.concatenate([a for _, a in resampled]), settings.level
            ),
        )
        for result, resampled in zip(results, samples, strict=True)
    ]


def _plain_key(key: FrameKeyLike | Key) -> Key:
    if isinstance(key, tuple):
        return str(key[0]), int(key[1])
    return str(key.video), int(key.frame)
