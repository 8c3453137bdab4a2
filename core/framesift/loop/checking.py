"""Checking a project's labels: what its detector disagrees with most, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from framesift.boxes import Box, as_array, iou
from framesift.errors import InputError
from framesift.evaluation.check_settings import PARTS, CheckSettings, Part
from framesift.evaluation.classes import Renamed, unmeasured
from framesift.evaluation.detecting import detected
from framesift.evaluation.disagreement import Disagreement, FrameCheck, disagreements
from framesift.labels import FrameKey, FrameLabels, with_denied
from framesift.loop.evaluating import evaluation_frames
from framesift.project import Project
from framesift.records import Notice, Progress, RateMeter

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

LEAST_SCORE = 0.05
BATCH = 4
SETTLED = 0.5
"""IoU from which a box is the one that somebody said no to before."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A disagreement with the labels of a frame. `label`: the id of the doubted box in the
    frame, None for a box that no label has; `measuring`: the frame is only measured on."""

    key: FrameKey
    disagreement: Disagreement
    label: int | None
    measuring: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """Labels that were checked, and what is doubted of them, worst first. `labels`: how many
    were checked; `out_of_reach`: those that no box of the detector's could match;
    `settled`: disagreements that somebody has decided on before."""

    doubts: tuple[Doubt, ...]
    frames: int
    labels: int
    out_of_reach: int
    settled: int
    detector: str


def check_labels(
    project: Project,
    detector: Detector,
    settings: CheckSettings | None = None,
    *,
    part: Part = "all",
    class_map: Mapping[str, str] | None = None,
) -> Iterator[Progress | Notice | Checked]:
    """Runs a detector over the labelled frames and lists what it disagrees with. Nothing is
    changed; what somebody kept or denied before (`FrameLabels.upheld`, `Weak.denied`) is not
    doubted again.

    Args:
        project: an open project.
        detector: whose opinion is asked.
        settings: when a label is doubted; None: the defaults.
        part: the frames that train ("training"), those that are only measured on
            ("measuring": its unmatched boxes are the false positives, its unmatched labels the
            false negatives), or "all".
        class_map: the project's name of a class by the detector's ({"person": "pedestrian"}).

    Yields:
        Progress and Notices, and last the Checked.

    Raises:
        InputError: no frame of the part is labelled, or none of the labels is of a class that
            the detector knows.

    Example:
        >>> check_labels(project, detector).close()
    """
    settings = settings or CheckSettings()
    measured = project.evaluation.labelled(project.labels)
    labels = _labelled(project, measured, part)
    renamed = Renamed.of(detector.classes, class_map or {})
    unknown = unmeasured(renamed.names, [value.boxes for value in labels.values()])
    if unknown is not None:
        yield Notice(unknown)
    meter = RateMeter(len(labels), stage="detecting")
    yield meter.progress()
    doubts: list[Doubt] = []
    checked = out = settled = 0
    for part_of in detected(detector, evaluation_frames(project, labels), BATCH, LEAST_SCORE):
        if isinstance(part_of, Notice):
            yield part_of
            continue
        for seen in part_of:
            check = disagreements(
                renamed(seen.prediction),
                seen.boxes,
                renamed.names,
                settings,
                reach=seen.reach,
            )
            told, known = _told(seen.key, check, labels[seen.key], seen.key in measured)
            doubts += told
            settled += known
            checked, out = checked + check.labels, out + check.out_of_reach
        yield meter.advance(len(part_of))
    doubts.sort(key=lambda doubt: -doubt.disagreement.severity)
    yield Checked(tuple(doubts), len(labels), checked, out, settled, detector.identity())


def _labelled(
    project: Project, measured: Mapping[FrameKey, FrameLabels], part: Part
) -> dict[FrameKey, FrameLabels]:
    if part not in PARTS:
        raise InputError(
            f"{part!r} is no part of the labels; choose one of {', '.join(PARTS)}."
        )
    every = {key: value for key, value in project.labels.all().items() if value.trains}
    chosen = {
        key: value
        for key, value in every.items()
        if part == "all" or (key in measured) == (part == "measuring")
    }
    if not chosen:
        where = {"training": " that trains", "measuring": " of the measuring set"}.get(part, "")
        raise InputError(f"No frame{where} is labelled yet; label some of them first.")
    return chosen


def _told(
    key: FrameKey, check: FrameCheck, labels: FrameLabels, measuring: bool
) -> tuple[list[Doubt], int]:
    """The doubts of a frame that are open, and how many somebody has decided on."""
    doubts = []
    for disagreement in check.disagreements:
        number = None if disagreement.label is None else labels.ids[disagreement.label]
        if not _settled(disagreement.box, number, labels):
            doubts.append(Doubt(key, disagreement, number, measuring))
    return doubts, len(check.disagreements) - len(doubts)


def _settled(box: Box, number: int | None, labels: FrameLabels) -> bool:
    if number is not None:
        return number in labels.upheld
    denied = [other for other in labels.weak.denied if other.category == box.category]
    return bool(denied) and bool(iou(as_array([box]), as_array(denied)).max() >= SETTLED)


def is_open(labels: FrameLabels, doubt: Doubt) -> bool:
    """Whether a doubt still stands: its label is as it was and nobody upheld it, or its box
    is still denied by nobody, and without a label.

    Args:
        labels: the frame's, as they are now.
        doubt: what was found in a check.

    Returns:
        Whether it does.
    """
    box, number = doubt.disagreement.box, doubt.label
    if _settled(box, number, labels):
        return False
    if number is not None:
        return number in labels.ids and labels.box(number) == box
    alike = [other for other in labels.boxes if other.category == box.category]
    return not alike or bool(iou(as_array([box]), as_array(alike)).max() < SETTLED)


def kept(labels: FrameLabels, doubt: Doubt) -> FrameLabels:
    """The labels as they are, with the answer that they are right: the doubted label is upheld,
    or the detector's box denied. It is not asked again.

    Args:
        labels: the frame's, as they are now.
        doubt: what somebody has decided on.

    Returns:
        The labels.
    """
    if doubt.label is not None:
        return labels.with_upheld(doubt.label)
    return with_denied(labels, doubt.disagreement.box)


def mended(labels: FrameLabels, doubt: Doubt) -> FrameLabels:
    """The labels as the detector has them: its box becomes a label, or the doubted label lies
    where its box does. A label that the detector has no box for stays.

    Args:
        labels: the frame's, as they are now.
        doubt: what somebody has decided on.

    Returns:
        The labels.
    """
    detected = doubt.disagreement.detected
    if detected is None:
        return labels
    if doubt.label is None:
        return labels.with_boxes(replace(detected, origin="confirmed"))
    box = labels.box(doubt.label)
    moved = replace(box, x1=detected.x1, y1=detected.y1, x2=detected.x2, y2=detected.y2)
    return labels.with_box(doubt.label, moved).with_upheld(doubt.label)
