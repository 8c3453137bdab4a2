"""Which detector a project works with now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.project import Project

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def initial_name(project: Project) -> str:
    """The detector that every cycle starts from (w_l): a bundled name or a file."""
    return project.settings.detector


def current_detector(project: Project, *, device: str = "auto", precision: str = "auto",
                     name: str | None = None) -> Detector:
    """Loads the current detector, or the one of a name: a checkpoint of the project (its
    number, file name or identity), "initial", a bundled name or a file.

    Raises InputError when there is none such.
    """
    from framesift.checkpoint import load_detector
    from framesift.errors import InputError

    source = project.detector
    if name == "initial":
        source = initial_name(project)
    elif name:
        try:
            source = str(project.checkpoints.find(name).path)
        except InputError:
            source = name
    return load_detector(source, device=device, precision=precision)
