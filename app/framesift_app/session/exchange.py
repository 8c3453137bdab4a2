"""Labels in and out of the project, in the formats of other programs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.workers.threads import Worker


class Exchange(Part):
    """Imports and exports labels in the background."""

    imported = Signal()

    def __init__(self, jobs: Jobs, files: Worker, messages: Messages) -> None:
        super().__init__()
        self._jobs, self._files, self._messages = jobs, files, messages

    def import_labels(self, path: str | Path, **options: Any) -> None:
        """Brings labels in; one gesture that undo takes back. Options as the engine's."""
        project = self._project
        if project is None:
            return

        def make() -> Iterator[Any]:
            from framesift.loop import import_labels

            with project.borrowed() as borrowed:
                yield from import_labels(borrowed, Path(path), **options)

        self._jobs.start(
            "import",
            self.tr("Importing labels"),
            make,
            self._files,
            project=project,
            on_end=self._imported,
            pausable=False,
        )

    def _imported(self, result: Any) -> None:
        self.imported.emit()
        with contextlib.suppress(AttributeError):
            self._messages.tell(
                self.tr("{0} boxes in {1} frames came in.").format(result.boxes, result.frames)
            )

    def export_labels(self, out: str | Path, format: str, **options: Any) -> None:
        """Writes the labels as a new folder, read back and compared."""
        project = self._project
        if project is None:
            return

        def make() -> Iterator[Any]:
            from framesift.loop import export_labels

            with project.borrowed() as borrowed:
                yield from export_labels(borrowed, Path(out), format=format, **options)

        self._jobs.start(
            "export",
            self.tr("Exporting labels"),
            make,
            self._files,
            project=project,
            on_end=self._exported,
            pausable=False,
        )

    def _exported(self, result: Any) -> None:
        with contextlib.suppress(AttributeError):
            self._messages.tell(
                self.tr("{0} boxes in {1} frames were written to {2}.").format(
                    result.boxes, result.frames, result.folder
                )
            )
