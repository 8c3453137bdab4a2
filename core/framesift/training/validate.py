"""Measuring the detector on the validation frames between epochs."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from framesift.evaluation import Evaluation, EvaluationSettings, evaluate
from framesift.records import Notice, Progress
from framesift.training.data import Source
from framesift.training.device import controlled
from framesift.training.settings import TrainSettings

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def measuring(settings: TrainSettings) -> EvaluationSettings:
    """How validation frames are measured: by the labels that training counts."""
    return EvaluationSettings(
        resamples=0,
        coco=False,
        batch=min(settings.batch, 8),
        min_height=settings.min_height,
        aspect=settings.aspect,
        aspect_classes=settings.aspect_classes,
        discard=settings.filtered == "discard",
    )


def measure(
    detector: Detector,
    source: Source,
    settings: TrainSettings,
) -> Generator[Progress | Notice, None, tuple[float | None, float]]:
    """(miss rate at FPPI = 1 or None where undefined, IoU) on the frames of `source`, which
    is read in its order; yields Progress after every batch."""

    def items() -> Iterator[tuple[Any, Any, Any]]:
        for index in range(len(source)):
            sample = source.sample(index)
            yield sample.key, sample.image, sample.boxes

    records = evaluate(detector, items(), measuring(settings), total=len(source))
    while True:
        with controlled(settings, detector.device):
            record = next(records)
        if isinstance(record, Evaluation):
            rate = record.miss_rate()
            return (None if math.isnan(rate) else rate), record.headline
        yield record


class Pace:
    """How long a step and a validation take, as an average that forgets."""

    def __init__(self) -> None:
        self.step_s: float | None = None
        self.validation_s = 0.0
        self._mark = time.monotonic()

    def start(self) -> None:
        self._mark = time.monotonic()

    def lap(self) -> float:
        """Seconds since the last start or lap."""
        now = time.monotonic()
        spent, self._mark = now - self._mark, now
        return spent

    def step_took(self, seconds: float) -> None:
        self.step_s = seconds if self.step_s is None else 0.9 * self.step_s + 0.1 * seconds

    def remaining(self, steps: int, validations: int) -> float | None:
        """Seconds for so many more steps and validations; None before the first step."""
        if self.step_s is None:
            return None
        return steps * self.step_s + validations * self.validation_s
