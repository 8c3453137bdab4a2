"""The demo: a drawn drive in a project of its own. What was left half done goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framesift.files import held
from framesift.project import Project
from framesift.selection import Rules
from framesift_app.session.adding import adding
from framesift_app.session.part import OpenProject
from framesift_app.session.scores import STORED_EVERY
from framesift_app.session.selection import STORED_RULES

SEED = 7
EVERY = 3
BUDGET = 12
FRAMES = 450


def demo_project(folder: Path, detector: str) -> Project:
    """The demo's project in a folder, made where there is none."""
    project = Project.open_or_create(folder, classes=["pedestrian"], detector=detector)
    if project.settings.get(STORED_EVERY) is None:
        project.settings.set(STORED_EVERY, EVERY)
        project.settings.set(STORED_RULES, Rules(budget=BUDGET).settings())
    return project


def drawing(project: OpenProject, frames: int) -> Iterator[Any]:
    """Draws the demo's drive, unless it is there, and adds it."""
    from framesift.synth import drive, write_drive

    path = held(project.folder, "footage", "demo-drive.mp4")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        yield from write_drive(drive(seed=SEED, frames=frames), path)
    with project.borrowed() as borrowed:
        yield from adding(borrowed, [path], "pool")
