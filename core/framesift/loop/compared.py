"""What signals of several detectors compare a project's detector with: detectors that the
project holds, where nobody names others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.loop.detectors import detector_source, initial_name
from framesift.project import CheckpointRecord, Project

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

NEED = "checkpoints"
"""What strategies and scores that compare detectors say they need."""
MOST = 3
"""Detectors of the project that are compared with where nobody names others: each costs a pass
over every frame."""
INITIAL = "initial"


@dataclass(frozen=True, slots=True)
class OtherDetector:
    """A detector to compare with. `name`: what settings call it, wherever the project lies;
    `source`: a file, or a name that comes with Framesift; `checkpoint`: the project's record,
    None for the detector that the project began with; `usual`: whether it is compared with
    where nobody names others."""

    name: str
    source: str
    checkpoint: CheckpointRecord | None = None
    usual: bool = False


def other_detectors(
    held: Sequence[CheckpointRecord], initial: str, detector: Detector
) -> tuple[OtherDetector, ...]:
    """The detectors of a project that one can be compared with: those that know the same
    classes, itself left out.

    Args:
        held: the checkpoints that the project holds, the earliest first.
        initial: what the project began with, as `initial_name` gives it.
        detector: the one that is compared.

    Returns:
        The checkpoints, the latest first, then what the project began with; the first three
        are the usual ones.

    Example:
        >>> others = other_detectors(project.checkpoints.all(), "pedestrian", detector)
        >>> [other.name for other in others if other.usual]
        ['initial']
    """
    known = {_identity(detector)}
    others = []
    for record in reversed(held):
        if record.classes == detector.classes and record.identity not in known:
            known.add(record.identity)
            others.append(OtherDetector(record.path.name, str(record.path), record))
    if _first(initial, detector.classes) not in {None, *known}:
        others.append(OtherDetector(INITIAL, initial))
    return tuple(
        OtherDetector(other.name, other.source, other.checkpoint, at < MOST)
        for at, other in enumerate(others)
    )


def compared_with(
    project: Project, detector: Detector, names: Sequence[str] = ()
) -> tuple[str, ...]:
    """The detectors that signals of several detectors look at a project's frames by, beside
    the one that scores.

    Args:
        project: an open project.
        detector: the one that scores.
        names: the project's checkpoints (their numbers, file names or identities), "initial",
            or files; (): the usual ones of `other_detectors`.

    Returns:
        Files, or names that come with Framesift.

    Raises:
        InputError: nobody names one, and the project holds none.

    Example:
        >>> compared_with(project, detector, ["initial"])
        ('pedestrian',)
    """
    if names:
        return tuple(detector_source(project, name) for name in names)
    others = other_detectors(project.checkpoints.all(), initial_name(project), detector)
    if not others:
        raise InputError(nothing_to_compare(detector.classes))
    return tuple(other.source for other in others if other.usual)


def nothing_to_compare(classes: Sequence[str]) -> str:
    """The sentence for a project that holds no second detector.

    Args:
        classes: those of the detector that there is.

    Returns:
        What is missing, and what to do.

    Example:
        >>> print(nothing_to_compare(["pedestrian"]))
        The project holds no second detector of pedestrian to compare with; train a cycle first,
        or name a checkpoint file as another detector (--ensemble FILE).
    """
    return (
        f"The project holds no second detector of {', '.join(classes)} to compare with; train "
        "a cycle first, or name a checkpoint file as another detector (--ensemble FILE)."
    )


def _identity(detector: Detector) -> str:
    from framesift.detectors.tiled import Tiled

    return (detector.plain if isinstance(detector, Tiled) else detector).identity()


def _first(initial: str, classes: Sequence[str]) -> str | None:
    """The identity of what a project began with; None where it is untrained, gone or knows
    other classes."""
    from framesift.detectors import DETECTORS
    from framesift.detectors.files.checkpoint import load_detector

    if initial in DETECTORS:
        return None
    try:
        return load_detector(initial, "cpu", backend="torch", classes=classes).identity()
    except InputError:
        return None
