"""From predictions, or a detector and pictures, to an Evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.evaluation.classes import Renamed
from framesift.evaluation.collector import Collector, FrameKeyLike, Measured
from framesift.evaluation.detecting import detected
from framesift.evaluation.result import Evaluation, Key
from framesift.evaluation.settings import EvaluationSettings
from framesift.records import Notice, Progress, RateMeter

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


BestIou = Callable[[Sequence[Box], tuple[int, int]], NDArray[Any]]
"""Labels and the frame's native (height, width) → the best IoU reachable for each."""


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

    Args:
        items: Measured, or tuples (key, Prediction, boxes) or (key, Prediction, boxes, (height,
            width)), boxes in native pixels; without a size they count as working pixels.
        settings: what counts, at which IoUs; None: the defaults.
        classes: what the predictions' category numbers mean.
        best_iou: (boxes, (height, width)) → the best IoU in [0, 1] that the detector's boxes
            can reach with each; for the share of labels in reach.
        headline_iou: where the settings name none; None: 0.3.
        detector: its identity, kept in the result.

    Returns:
        An Evaluation.

    Raises:
        InputError: there is no frame.

    Example:
        >>> from framesift.boxes import Prediction
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
    """Runs a detector over labelled frames and measures it. Frames are taken lazily, a batch of
    equally large pictures at a time.

    Args:
        detector: what `load_detector` gave.
        items: (key, picture uint8 H×W×3 (RGB), boxes in native pixels).
        settings: what counts, at which IoUs; None: the defaults.
        total: how many items there are, for the time left; None: their len(), if they have one.
        class_map: the labels' name of a class by the detector's ({"person": "pedestrian"}).

    Yields:
        Progress after every batch, Notices, and last the Evaluation.

    Raises:
        InputError: there is no item.

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
    # A detector without a working height works in native pixels.
    scaled = settings.working_height is not None
    for part in detected(detector, items, settings.batch, settings.threshold, settings.flip):
        if isinstance(part, Notice):
            yield part
            continue
        for seen in part:
            prediction = renamed(seen.prediction)
            size = seen.size if scaled else None
            collector.add(Measured(seen.key, prediction, seen.boxes, size, seen.reach))
        yield meter.advance(len(part))
    headline = _headline(settings, 0.5 if detector.regresses_boxes else 0.3)
    yield from collector.finish(headline, detector.identity())


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
