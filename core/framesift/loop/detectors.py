"""Which detector a project works with now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.project import Project

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def initial_name(project: Project) -> str:
    """The detector that every cycle starts from (w_l): a bundled name or a file."""
    return project.settings.detector


def detector_source(project: Project, name: str | None = None) -> str:
    """What load_detector is given for the current detector, or for a name: a checkpoint of the
    project (its number, file name or identity), "initial", a bundled name or a file."""
    from framesift.errors import InputError

    if name == "initial":
        return initial_name(project)
    if name:
        try:
            return str(project.checkpoints.find(name).path)
        except InputError:
            return name
    return project.detector


def current_detector(project: Project, *, device: str = "auto", precision: str = "auto",
                     name: str | None = None) -> Detector:
    """Loads the current detector, or the one of a name (see `detector_source`).

    Raises InputError when there is none such.
    """
    from framesift.checkpoint import load_detector

    return load_detector(detector_source(project, name), device=device, precision=precision)
