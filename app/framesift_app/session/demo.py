"""The demo: a drawn drive in a project of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framesift.project import Project
from framesift.selection.rules import Rules
from framesift_app.session.choosing import STORED_RULES
from framesift_app.session.examining import Examining
from framesift_app.session.footage import STORED_EVERY, adding

SEED = 7
EVERY = 3
BUDGET = 12


class Demo(Examining):
    """Opens the demo project; the first time, draws its footage and scores it."""

    def open_demo(self, folder: Path, detector: str, frames: int = 450) -> None:
        """Opens the demo project in a folder, or makes it. What was left half done goes on."""
        self._demo_frames = frames

        def opening() -> Project:
            project = Project.open_or_create(folder, classes=["pedestrian"], detector=detector)
            if project.settings.get(STORED_EVERY) is None:
                project.settings.set(STORED_EVERY, EVERY)
                project.settings.set(STORED_RULES, Rules(budget=BUDGET).settings())
            return project

        self.projectChanged.connect(self._demo_opened)
        self._open(opening)

    def _demo_opened(self) -> None:
        self.projectChanged.disconnect(self._demo_opened)
        if self.folder is None or self.drives:
            return
        path, frames = self.folder / "footage" / "demo-drive.mp4", self._demo_frames

        def make() -> Iterator[Any]:
            from framesift.synth import drive, write_drive

            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                yield from write_drive(drive(seed=SEED, frames=frames), path)
            with self._project.borrowed() as project:
                yield from adding(project, [path], "pool")

        def drawn(_: Any) -> None:
            self._footage_again()
            self.score()

        self._start_job(
            "demo", self.tr("Drawing a drive for the demo"), make, self._files, on_end=drawn
        )
