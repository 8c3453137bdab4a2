"""What a project's budget will cost on this machine, with this person."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from framesift.bench.planner import (
    EPOCHS,
    LABEL_SECONDS,
    Costs,
    Plan,
    Timing,
    make_plan,
    measure_scoring,
    measure_training,
    seconds_per_gesture,
    seconds_per_label,
)
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project import Project
from framesift.records import Notice, Progress
from framesift.training.data import Sample

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

SAMPLES = 4
GESTURE_OF = {
    "box_seconds": "draw",
    "extreme_seconds": "extremes",
    "point_seconds": "point",
    "answer_seconds": "verify",
    "tag_seconds": "tag",
}
"""The settings of a plan that the journal knows, and the kind of gesture that they are of."""
GESTURES = 5000


def plan_project(
    project: Project,
    detector: Detector,
    *,
    budget: int,
    epochs: int = EPOCHS,
    hours: float | None = None,
    every: int = 1,
    label_seconds: float | None = None,
) -> Iterator[Progress | Notice | Plan]:
    """Measures scoring and training on frames of the project, takes the seconds per label from
    its journal (the paper's 35 s until there are enough), and plans.

    Args:
        project: an open project.
        detector: the one to plan for.
        budget: labels, 1 or more.
        epochs: of one training, 1 or more.
        hours: what there is of a person's time; None: no limit.
        every: each how many-th frame is scored, 1 or more.
        label_seconds: seconds per label; None: as measured.

    Yields:
        Progress and Notices, and last the Plan.

    Raises:
        InputError: there is no footage, or none can be read.

    Example:
        >>> plan_project(project, detector, budget=100).close()
    """
    pool = project.videos.all("pool")
    if not pool:
        raise InputError("There is no footage to plan for; add some with `framesift add`.")
    samples = _samples(project)
    frames = np.stack([sample.image for sample in samples])
    timings: list[Timing] = []
    yield from _timed(measure_scoring(detector, frames), timings)
    if detector.trainable:
        yield from _timed(measure_training(detector, samples), timings)
    measured = seconds_per_label(_finished(project))
    seconds = label_seconds or measured or LABEL_SECONDS
    costs = Costs(
        timings[0].ms,
        timings[1].ms if len(timings) > 1 else 0.0,
        seconds,
        True,
        bool(label_seconds or measured),
    )
    yield make_plan(
        sum(len(video) for video in pool),
        budget,
        costs,
        epochs,
        hours=hours,
        every=every,
        labelled=len(project.split.frames()),
    )


def measured_seconds(project: Project) -> dict[str, float]:
    """What one label of each kind cost in this project, from the times of its gestures.

    Args:
        project: an open project.

    Returns:
        By the name of the plan's setting (`box_seconds`, `point_seconds` …) the seconds; only
        those of which eight or more were made.

    Example:
        >>> with framesift.Project.create("nothing-yet") as bare:
        ...     measured_seconds(bare)
        {}
    """
    made = [
        (group.time, group.kind)
        for group in project.journal.gestures(GESTURES)
        if group.status == "done"
    ]
    known = {name: seconds_per_gesture(made, kind) for name, kind in GESTURE_OF.items()}
    return {name: seconds for name, seconds in known.items() if seconds is not None}


def _timed(
    records: Iterator[Progress | Notice | Timing], timings: list[Timing]
) -> Iterator[Progress | Notice]:
    for record in records:
        if isinstance(record, Timing):
            timings.append(record)
        else:
            yield record


def _samples(project: Project) -> list[Sample]:
    """Some frames of the first video of the pool that opens, with their labels."""
    for record in project.videos.all("pool"):
        with contextlib.suppress(InputError), project.videos.open(record.id) as video:
            numbers = np.linspace(0, len(video) - 1, SAMPLES).astype(int)
            first = video[int(numbers[0])]
            samples = []
            for number in numbers:
                image = video[int(number)]
                key = FrameKey(record.id, int(number))
                if image.shape == first.shape:
                    samples.append(Sample(image, project.labels.get(key).counted, key))
            return samples
    raise InputError(
        "None of the project's videos can be opened; say where they are with "
        "`framesift add` from their new place."
    )


def _finished(project: Project) -> list[float]:
    """When labelled frames were finished, by the journal (imports say nothing about it)."""
    return [
        group.time
        for group in project.journal.gestures(GESTURES)
        if group.status == "done" and group.frames and group.kind not in ("import", "classes")
    ]
