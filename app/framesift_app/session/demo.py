"""The demo: a drawn drive in a project of its own. What was left half done goes on.

The drive's first second is a clip of its own, so that it is looked at and scored while the rest
is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framesift.files import held
from framesift.project import Project
from framesift.selection import Rules
from framesift_app.session.footage import Footage
from framesift_app.session.jobs import Jobs
from framesift_app.session.part import OpenProject
from framesift_app.session.scores import STORED_EVERY, Scores
from framesift_app.session.selection import STORED_RULES
from framesift_app.workers.threads import Worker

SEED = 7
EVERY = 3
BUDGET = 12
FRAMES = 450
FIRST = 12
"""Frames of the first clip: what two cores draw within seconds."""
DRIVE = "demo-drive"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A clip of the demo's drive is there to be looked at."""

    path: Path


def demo_project(folder: Path, detector: str) -> Project:
    """The demo's project in a folder, made where there is none."""
    project = Project.open_or_create(folder, classes=["pedestrian"], detector=detector)
    if project.settings.get(STORED_EVERY) is None:
        project.settings.set(STORED_EVERY, EVERY)
        project.settings.set(STORED_RULES, Rules(budget=BUDGET).settings())
    return project


def clip_paths(folder: Path) -> tuple[Path, Path]:
    """Where the clips of the demo's drive lie in its folder."""
    first, rest = (held(folder, "footage", f"{DRIVE}-{n}.mp4") for n in (1, 2))
    return first, rest


def drawing(project: OpenProject, frames: int) -> Iterator[Any]:
    """Draws the clips of the demo's drive that are not there, and adds each that the project
    never had as it is done; nothing where somebody removed the drive."""
    from framesift.synth import drive, write_drive

    with project.borrowed() as borrowed:
        known = {video.name for video in borrowed.videos.every()}
        if known and DRIVE not in {drive.key for drive in borrowed.videos.drives()}:
            return

    drawn = drive(seed=SEED, frames=frames)
    first = min(FIRST, frames // 2)
    paths = clip_paths(project.folder)
    spans = ((0, first), (first, frames))
    for number, (path, (start, stop)) in enumerate(zip(paths, spans, strict=True), 1):
        if path.name in known:
            continue
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            yield from write_drive(drawn, path, start=start, stop=stop)
        _add(project, path, first=number == 1)
        yield Drawn(path)


def _add(project: OpenProject, path: Path, *, first: bool) -> None:
    from framesift.video import open_video

    # The demo's own set-up is nothing to undo: the drive grows, no clip is joined to it.
    with open_video(path) as video, project.borrowed() as borrowed:
        if first:
            borrowed.videos.add_drive([video], key=DRIVE)
        else:
            borrowed.videos.extend_drive(DRIVE, [video])


class Demo:
    """Draws the demo's drive in the background, and scores what is there of it."""

    def __init__(self, footage: Footage, scores: Scores, jobs: Jobs, files: Worker) -> None:
        self._footage, self._scores, self._jobs, self._files = footage, scores, jobs, files

    def go_on(self, project: OpenProject, title: str, frames: int) -> None:
        """Draws what is missing, unless the demo has all of its drive, or never had this one's
        clips: earlier versions drew it whole."""
        names = {clip.name for drive in self._footage.drives for clip in drive.clips}
        rest = clip_paths(project.folder)[1].name
        if rest in names or (names and not any(name.startswith(DRIVE + "-") for name in names)):
            return
        self._jobs.start(
            "demo",
            title,
            lambda: drawing(project, frames),
            self._files,
            project=project,
            on_records=lambda records: self._look(project, records),
        )

    def _look(self, project: OpenProject, records: list[Any]) -> None:
        if not any(isinstance(record, Drawn) for record in records):
            return
        self._footage.reload()
        if self._jobs.active("score") is None:
            self._scores.start()
            return

        def over(kind: str, _: object) -> None:
            if kind == "score":
                self._jobs.finished.disconnect(over)
                project.while_open(lambda _: self._scores.start())(None)

        self._jobs.finished.connect(over)
