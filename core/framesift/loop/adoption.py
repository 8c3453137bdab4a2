"""Whether a newly trained detector takes the place of the one in use."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from framesift.errors import EnvironmentProblem, InputError
from framesift.evaluation import (
    Comparison,
    Evaluation,
    EvaluationSettings,
    comparing,
    evaluate,
)
from framesift.loop.detectors import current_detector
from framesift.loop.evaluating import evaluation_frames, segments
from framesift.records import Notice, Progress, closing
from framesift.training.data import TrainingSet, VideoSource
from framesift.training.schedule import ENOUGH

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.project import Project
    from framesift.training import TrainJob

LEVEL = 0.9
"""Confidence of the interval that has to lie above zero; with several classes, of all of them
together."""
Where = Literal["evaluation", "validation", "nothing"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A new detector against the one in use, on frames that neither learnt from.

    where: the evaluation set, or the validation frames where that has too few labels, or
    nothing. objects: labels that count, of the class that is told of: the one whose miss rate
    rose most surely. before, after: its miss rates at FPPI 1; low, high: the interval of their
    paired difference. worse: that interval lies above 0.
    """

    where: Where = "nothing"
    category: str = ""
    objects: int = 0
    before: float = 0.0
    after: float = 0.0
    low: float = 0.0
    high: float = 0.0
    worse: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    def sentence(self) -> str:
        """What it rests on, for people."""
        if self.where == "nothing":
            return (
                "The new detector is in use. Whether it is better is not known: that takes "
                f"{ENOUGH} labelled objects in the evaluation set or the validation frames."
            )
        frames = {"evaluation": "evaluation set", "validation": "validation frames"}[self.where]
        numbers = (
            f"miss rate {100 * self.before:.1f} % before, {100 * self.after:.1f} % after "
            f"(difference {100 * self.low:+.1f} to {100 * self.high:+.1f} points, "
            f"{100 * LEVEL:.0f} % interval, {self.objects} labels of the {frames})"
        )
        if self.worse:
            return (
                f"The new detector is measurably worse: {numbers}. Both are kept, and the one "
                "from before stays in use."
            )
        return f"The new detector is in use: {numbers}."


def judged(
    project: Project, job: TrainJob, checkpoint: str
) -> Generator[Progress | Notice, None, Verdict]:
    """Measures what a job made and the project's detector on the same frames; labels count as
    they do in training. A detector that cannot be measured is told of, and nothing claimed."""
    try:
        new, old = (
            current_detector(project, device=job.device, name=source, exact=True)
            for source in (checkpoint, project.detector)
        )
    except (InputError, EnvironmentProblem) as error:
        yield Notice(f"The new detector is not compared with the one in use: {error}")
        return Verdict()
    train = job.settings
    measuring = EvaluationSettings(
        coco=False,
        resamples=0,
        min_height=train.min_height,
        aspect=train.aspect,
        aspect_classes=train.aspect_classes,
        discard=train.filtered == "discard",
    )
    labels = project.evaluation.labelled(project.labels)
    if labels:
        settings = measuring.with_(**segments(project, labels))

        def items() -> Iterator[Any]:
            return evaluation_frames(project, labels)

        verdict = yield from compared(new, old, items, len(labels), settings, "evaluation")
        if verdict.where != "nothing":
            return verdict
    dataset = TrainingSet.load(job.training_set)
    with VideoSource(dataset, "validation", folder=job.training_set.parent) as source:

        def samples() -> Iterator[Any]:
            for index in range(len(source)):
                sample = source.sample(index)
                yield sample.key, sample.image, sample.boxes

        if len(source) == 0:
            return Verdict()
        return (yield from compared(new, old, samples, len(source), measuring, "validation"))


def compared(
    new: Detector,
    old: Detector,
    items: Any,
    total: int,
    settings: EvaluationSettings,
    where: Where,
) -> Generator[Progress | Notice, None, Verdict]:
    """The verdict on the frames that `items()` gives (key, picture, labels), read twice."""
    try:
        after = yield from _measured(new, items(), total, settings)
        names = [name for name in after.classes if after.result(name).labels >= ENOUGH]
        if not names:
            return Verdict()
        before = yield from _measured(old, items(), total, settings)
        # So that all intervals together hold with the level, each is wider.
        level = 1 - (1 - LEVEL) / len(names)
        after = replace(after, settings=after.settings.with_(level=level))
        with closing(comparing(before, after)) as records:
            for record in records:
                if isinstance(record, Comparison):
                    return verdict_of(record, where)
                yield record
    except InputError as error:  # a class that one of them lacks
        yield Notice(f"The new detector is not compared with the one in use: {error}")
    return Verdict()


def _measured(
    detector: Detector, items: Iterator[Any], total: int, settings: EvaluationSettings
) -> Generator[Progress | Notice, None, Evaluation]:
    with closing(evaluate(detector, items, settings, total=total)) as records:
        for record in records:
            if isinstance(record, Evaluation):
                return record
            yield record
    raise AssertionError("an evaluation ends with its result")


def verdict_of(comparison: Comparison, where: Where) -> Verdict:
    """The verdict that a comparison gives, by the classes with labels enough."""
    names = [
        name
        for name in comparison.after.classes
        if name in comparison.before.classes and comparison.after.result(name).labels >= ENOUGH
    ]
    verdicts = []
    for name in names:
        difference = comparison.difference(name)
        if difference.interval is None:
            continue
        low, high = difference.interval.low, difference.interval.high
        verdicts.append(
            Verdict(
                where,
                name,
                comparison.after.result(name).labels,
                difference.before,
                difference.after,
                low,
                high,
                low > 0,
            )
        )
    return max(verdicts, key=lambda verdict: verdict.low, default=Verdict())
