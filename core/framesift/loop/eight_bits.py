"""Detectors that score in 8 bits, as a project keeps it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from framesift.errors import EnvironmentProblem
from framesift.project import Project
from framesift.project.sentences import damaged

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

BY = "openvino"
"""The backend that computes in 8 bits."""


def in_eight_bits(detector: Detector, kept: Mapping[str, Any] | None) -> Detector:
    """The detector, run in 8 bits where these were kept for it and it runs on the processor and
    sees frames as a whole; otherwise as it is. `kept`: the project's setting. Raises ValueError
    for what is none."""
    if kept is None or kept["detector"] != detector.identity():
        return detector
    from framesift.detectors.backends import BACKENDS, eight_bit
    from framesift.detectors.backends.engine import Engine

    ranges = eight_bit.Ranges.from_json(kept["ranges"])
    if detector.device.type != "cpu" or detector.tiles != "1x1":
        return detector
    problem = BACKENDS[BY].why_unavailable()
    if problem is not None:
        raise EnvironmentProblem(problem)
    return detector.run_by(Engine(BACKENDS[BY], ranges))


def kept_eight_bits(project: Project) -> dict[str, Any] | None:
    """What a project keeps for `in_eight_bits`, checked; None: nothing. Raises InputError for a
    damaged project."""
    from framesift.detectors.backends.eight_bit import Ranges

    kept = project.settings.eight_bits
    if kept is None:
        return None
    try:
        Ranges.from_json(kept["ranges"])
        return {"detector": str(kept["detector"]), "ranges": kept["ranges"]}
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(project.folder, "its 8 bits are none") from error


def exactly(detector: Detector) -> Detector:
    """The detector without 8 bits; itself where it has none."""
    if of_detector(detector) is None:
        return detector
    from framesift.detectors.backends import BACKENDS
    from framesift.detectors.backends.engine import Engine

    return copy.copy(detector).run_by(Engine(BACKENDS[BY]))


def of_detector(detector: Detector) -> dict[str, Any] | None:
    """What `in_eight_bits` makes a detector like this one of; None: it is in no 8 bits."""
    ranges = None if detector.engine is None else detector.engine.ranges
    if ranges is None:
        return None
    return {"detector": detector.identity(), "ranges": ranges.to_json()}
