"""How long this machine takes: generators that work for a few seconds and say so."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.records import Notice, Progress

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer
    from framesift.training.data import Sample
    from framesift.training.settings import TrainSettings

LEAST_RUNS = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """The median time of a frame in milliseconds, over `runs` batches after a warm-up; `what`
    is "scoring" or "training"."""

    what: str
    ms: float
    runs: int


def measure_scoring(
    detector: Detector,
    frames: NDArray[np.uint8],
    scorer: FrameScorer | None = None,
    *,
    seconds: float = 5.0,
) -> Iterator[Progress | Timing]:
    """Scores the same batch, uint8 N×H×W×3, for about `seconds` (three times at least).
    Yields Progress after every run, the Timing last."""
    if scorer is None:
        from framesift.scores import FrameScorer
        from framesift.scores.strategies import usual_strategy

        scorer = FrameScorer(usual_strategy())
    clock = _Clock("scoring", len(frames), seconds)
    while clock.wanted:
        with clock:
            scorer.score(detector, frames)
        yield clock.progress()
    yield clock.timing()


def measure_training(
    detector: Detector,
    samples: Sequence[Sample],
    settings: TrainSettings | None = None,
    *,
    seconds: float = 10.0,
) -> Iterator[Progress | Notice | Timing]:
    """Trains a copy of the detector on the same samples, used as one batch, for about
    `seconds` (three steps at least); the detector itself stays as it is. Yields Progress
    after every part of a step, the Timing last. Raises InputError for a detector that cannot
    be trained."""
    from framesift.training.settings import TrainSettings
    from framesift.training.update import Updater

    if not detector.trainable:
        raise InputError(f"The detector {detector.name} cannot be trained; choose another one.")
    settings = settings or TrainSettings()
    copy = detector.with_classes(detector.classes)
    clock = _Clock("training", len(samples), seconds)
    try:
        updater = Updater(copy, settings, settings.micro_batch or len(samples))
        step = 0
        while clock.wanted:
            with clock:
                for notice in updater.update(samples, step, settings.learning_rate):
                    yield notice if notice is not None else clock.progress()
            step += 1
            yield clock.progress()
    finally:
        copy.release()
    yield clock.timing()


class _Clock:
    """Times runs of the same work; the first is a warm-up and does not count."""

    def __init__(self, what: str, frames: int, seconds: float) -> None:
        self._what, self._frames, self._seconds = what, frames, seconds
        self._runs: list[float] = []
        self._start = self._begun = time.perf_counter()

    @property
    def wanted(self) -> bool:
        spent = time.perf_counter() - self._start
        return len(self._runs) <= LEAST_RUNS or spent < self._seconds

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._runs.append(time.perf_counter() - self._begun)

    def progress(self) -> Progress:
        return Progress(len(self._runs), None, "runs", stage=f"measuring {self._what}")

    def timing(self) -> Timing:
        counted = self._runs[1:]
        median = statistics.median(counted)
        return Timing(self._what, 1000 * median / self._frames, len(counted))
