"""Measuring a project's detector on the frames that are only ever measured on."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.evaluation import (
    Comparison,
    Evaluation,
    EvaluationSettings,
    comparing,
    comparison_section,
    curves_png,
    evaluate,
    evaluation_page,
    evaluation_section,
    load_evaluation,
    save_evaluation,
)
from framesift.evaluation.classes import Renamed, unmeasured
from framesift.files import write_bytes, write_text
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project
from framesift.records import Notice, Progress, closing
from framesift.video.decode import stream

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


@dataclass(frozen=True, slots=True)
class Measurement:
    """An evaluation that is on the disk and in the ledger, with what is compared to it."""

    evaluation: Evaluation
    before: Comparison | None
    folder: Path


def evaluate_project(
    project: Project,
    detector: Detector,
    changes: Mapping[str, Any] | None = None,
    *,
    cycle: int | None = None,
    class_map: Mapping[str, str] | None = None,
) -> Iterator[Progress | Notice | Measurement]:
    """Measures a detector on the evaluation set; curves, JSON and a page go to reports/, a line
    to the ledger. Where an earlier cycle's detector was measured, both are compared on the
    frames they share.

    Args:
        project: a project open for writing.
        detector: the one to measure.
        changes: fields of EvaluationSettings.
        cycle: whose detector it is, 0 the initial one; None: found by its identity.
        class_map: the project's name of a class by the detector's ({"person": "pedestrian"}).

    Yields:
        Progress and Notices, and last the Measurement.

    Raises:
        InputError: there is no evaluation set, or no label in it, or none is of a class that
            the detector knows.

    Example:
        >>> evaluate_project(project, detector).close()
    """
    labels = project.evaluation.labelled(project.labels)
    if not labels:
        raise InputError(_nothing(project))
    settings = EvaluationSettings(**segments(project, labels)).with_(**(changes or {}))
    renamed = Renamed.of(detector.classes, class_map or {})
    unknown = unmeasured(renamed.names, [value.boxes for value in labels.values()])
    if unknown is not None:
        yield Notice(unknown)
    identity = detector.identity()
    number = _cycle_of(project, detector.plain.identity()) if cycle is None else cycle
    evaluation: Evaluation | None = None
    items = evaluation_frames(project, labels)
    for record in evaluate(detector, items, settings, total=len(labels), class_map=class_map):
        if isinstance(record, Evaluation):
            evaluation = record
        else:
            yield record
    assert evaluation is not None
    before = yield from _compare(project, evaluation, number)
    folder = project.place("reports", f"evaluation-{number:03d}")
    save_evaluation(folder / "evaluation.json", evaluation)
    named = {f"cycle {number}" if number else "initial": evaluation}
    write_bytes(folder / "curves.png", curves_png(named))
    sections = [evaluation_section(named)]
    if before is not None:
        sections.append(comparison_section(before))
    write_text(
        folder / "report.html", evaluation_page(*sections, title=f"{project.name} · evaluation")
    )
    project.ledger.record(
        "evaluation",
        {
            "path": str((folder / "evaluation.json").relative_to(project.folder)),
            "detector": identity,
            "frames": evaluation.frames,
            **_summary(evaluation),
            **({"class_map": dict(class_map)} if class_map else {}),
        },
        cycle=number,
    )
    yield Measurement(evaluation, before, folder)


def segments(project: Project, labels: Collection[FrameKey]) -> dict[str, Any]:
    """Fields of EvaluationSettings that say what is drawn again: neighbouring frames of a whole
    video are no independent draws, so it is cut into segments of ten seconds at 30 frames/s, or
    of a tenth of it where that is less."""
    whole = set(project.evaluation.videos())
    last = {key.video: key.frame for key in sorted(labels) if key.video in whole}
    if not last:
        return {}
    longest = EvaluationSettings().segment
    return {
        "blocks": "segments",
        "segment": max(1, min(longest, sum(frame + 1 for frame in last.values()) // 10)),
    }


def _nothing(project: Project) -> str:
    if not project.evaluation.videos() and not project.evaluation.sampled():
        return (
            "There is nothing to measure on; add a video with `framesift add --evaluation` "
            "or draw frames with `framesift sample --evaluation 100`."
        )
    return "No frame of the evaluation set is labelled yet; label some of them first."


def _cycle_of(project: Project, identity: str) -> int:
    return next(
        (
            record.cycle
            for record in reversed(project.checkpoints.all())
            if record.identity == identity
        ),
        0,
    )


def _summary(evaluation: Evaluation) -> dict[str, Any]:
    return {"summary": evaluation.summary()}


def evaluation_frames(
    project: Project, labels: Mapping[FrameKey, FrameLabels]
) -> Iterator[Any]:
    """(key, picture, boxes) of labelled frames, video by video."""
    for video in sorted({key.video for key in labels}):
        numbers = sorted(key.frame for key in labels if key.video == video)
        with project.videos.open(video) as opened, closing(stream(opened, numbers)) as frames:
            for frame in frames:
                key = FrameKey(video, frame.number)
                yield key, frame.image, labels[key].boxes


def _compare(
    project: Project, evaluation: Evaluation, number: int
) -> Generator[Progress, None, Comparison | None]:
    """The comparison with the latest measured earlier cycle, as the generator's value."""
    for cycle in range(number - 1, -1, -1):
        events = project.ledger.events(cycle, "evaluation")
        paths = [project.folder / event.data["path"] for event in events]
        if paths and paths[-1].exists():
            result: Comparison | None = None
            with contextlib.suppress(InputError):
                for record in comparing(load_evaluation(paths[-1]), evaluation):
                    if isinstance(record, Comparison):
                        result = record
                    else:
                        yield record
            return result
    return None
