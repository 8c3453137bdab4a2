"""From predictions, or a detector and pictures, to an Evaluation."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, Prediction, as_array
from framesift.errors import InputError
from framesift.evaluation.bootstrap import Prepared, blocks_of, draw, interval, reweighted
from framesift.evaluation.classes import Renamed
from framesift.evaluation.coco import CocoFrame, mean_average_precision
from framesift.evaluation.matching import (
    Matches,
    match_frame,
    select_detections,
    select_labels,
)
from framesift.evaluation.result import ClassResult, Evaluation, Key
from framesift.evaluation.settings import WORKING_HEIGHT, EvaluationSettings
from framesift.records import Notice, Progress, RateMeter

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


class FrameKeyLike(Protocol):
    @property
    def video(self) -> str: ...
    @property
    def frame(self) -> int: ...


BestIou = Callable[[Sequence[Box], tuple[int, int]], NDArray[Any]]
"""Labels and the frame's native (height, width) → the best IoU reachable for each."""


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


def evaluate_predictions(
    items: Iterable[Measured | tuple[Any, ...]],
    settings: EvaluationSettings | None = None,
    *,
    classes: Sequence[str] = ("pedestrian",),
    best_iou: BestIou | None = None,
    headline_iou: float | None = None,
    detector: str = "",
) -> Evaluation:
    """Measures given predictions.

    items: Measured, or tuples (key, Prediction, boxes) or (key, Prediction, boxes, (height,
    width)), boxes in native pixels; without a size they count as working pixels. `classes`:
    what the predictions' category numbers mean. `best_iou`: for the share of labels that the
    detector's boxes can reach. `headline_iou`: where the settings name none; 0.3 if absent.

    Raises InputError when there is no frame.

    Example:
        >>> found = Prediction(np.array([[20, 20, 40, 70]]), np.array([0.9]), np.array([0]))
        >>> label = Box(20, 20, 40, 70)
        >>> evaluate_predictions([(("clip", 0), found, [label])]).miss_rate()
        0.0
    """
    settings = settings or EvaluationSettings()
    collector = Collector(classes, settings)
    for item in items:
        measured = item if isinstance(item, Measured) else Measured(*item)
        if measured.reach is None and best_iou is not None and measured.size is not None:
            measured = replace(measured, reach=best_iou(measured.boxes, measured.size))
        collector.add(measured)
    *_, last = collector.finish(_headline(settings, headline_iou), detector)
    assert isinstance(last, Evaluation)
    return last


def evaluate(
    detector: Detector,
    items: Iterable[tuple[FrameKeyLike | Key, NDArray[np.uint8], Sequence[Box]]],
    settings: EvaluationSettings | None = None,
    *,
    total: int | None = None,
    class_map: Mapping[str, str] | None = None,
) -> Iterator[Progress | Notice | Evaluation]:
    """Runs the detector over `items` (key, image uint8 H×W×3, boxes), taken lazily, a batch of
    equally large pictures at a time. Yields Progress after every batch, the Evaluation last.

    `total`: how many items there are, for the time left; `class_map`: the labels' name of a
    class by the detector's. Raises InputError when there is none.

    Example:
        >>> items = [(("clip", 0), video[0], [Box(20, 20, 40, 70)])]
        >>> framesift.last(evaluate(detector, items), Evaluation).frames
        1
    """
    settings = settings or EvaluationSettings()
    if settings.working_height is None and detector.working_height is not None:
        settings = replace(settings, working_height=float(detector.working_height))
    renamed = Renamed.of(detector.classes, class_map or {})
    collector = Collector(renamed.names, settings)
    meter = RateMeter(total if total is not None else _length(items), stage="detecting")
    yield meter.progress()
    batches = _Batches(items, settings.batch)
    for batch in batches:
        frames = np.stack([image for _, image, _ in batch])
        try:
            predictions = detector.predict(frames, settings.threshold, settings.flip)
        except RuntimeError as error:
            if "OutOfMemory" not in type(error).__name__ or batches.size == 1:
                raise
            batches.smaller(batch)
            yield Notice(
                f"The device's memory is short; going on with {batches.size} frames at a time."
            )
            continue
        size = (frames.shape[1], frames.shape[2])
        for (key, _, boxes), prediction in zip(batch, predictions, strict=True):
            reach = np.asarray(detector.best_iou(boxes, size))
            # A detector without a working height works in native pixels.
            scaled = None if settings.working_height is None else size
            collector.add(Measured(key, renamed(prediction), boxes, scaled, reach))
        yield meter.advance(len(batch))
    headline = _headline(settings, 0.5 if detector.regresses_boxes else 0.3)
    yield from collector.finish(headline, detector.identity())


Item = tuple[Any, NDArray[np.uint8], Sequence[Box]]


class _Batches:
    """Groups consecutive items of one picture size; a failed batch can be given back."""

    def __init__(self, items: Iterable[Item], size: int) -> None:
        self.size = size
        self._items = iter(items)
        self._waiting: list[Item] = []

    def smaller(self, failed: list[Item]) -> None:
        self.size = max(1, self.size // 2)
        self._waiting = failed + self._waiting

    def __iter__(self) -> Iterator[list[Item]]:
        while batch := self._next():
            yield batch

    def _next(self) -> list[Item]:
        batch: list[Item] = []
        while len(batch) < self.size:
            item = self._waiting.pop(0) if self._waiting else next(self._items, None)
            if item is None:
                break
            if batch and item[1].shape != batch[0][1].shape:
                self._waiting.insert(0, item)
                break
            batch.append(item)
        return batch


def _headline(settings: EvaluationSettings, usual: float | None) -> float:
    if settings.headline_iou is not None:
        return settings.headline_iou
    iou = 0.3 if usual is None else usual
    return iou if iou in settings.ious else settings.ious[0]


def _length(items: object) -> int | None:
    try:
        return len(items)  # type: ignore[arg-type]
    except TypeError:
        return None


def _plain_key(key: FrameKeyLike | Key) -> Key:
    if isinstance(key, tuple):
        return str(key[0]), int(key[1])
    return str(key.video), int(key.frame)
