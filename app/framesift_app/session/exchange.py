"""Labels in and out of the project, in the formats of other programs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.project import Project


class Exchange(Part):
    """Imports and exports labels in the background."""

    imported = Signal()

    def __init__(self, jobs: Jobs, files: Worker, messages: Messages) -> None:
        super().__init__()
        self._jobs, self._files, self._messages = jobs, files, messages
        self._empty: tuple[str, ...] = ()

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
            left = sum(result.left_out.values())
            sentence = self.tr("{0} boxes in {1} frames came in.").format(
                result.boxes, result.frames
            )
            if left:
                sentence += " " + self.tr("{0} things were left out.").format(left)
            if result.derived:
                sentence += " " + self.tr(
                    "{0} boxes between keyframes are no labels until you confirm them."
                ).format(result.derived)
            self._messages.report(
                sentence, [*counted(result.left_out), *result.notes, *result.found_by]
            )

    def export_labels(self, out: str | Path, format: str, **options: Any) -> None:
        """Writes the labels as a new folder, read back and compared."""
        project = self._project
        if project is None:
            return

        def make() -> Iterator[Any]:
            from framesift.loop import export_labels

            with project.borrowed() as borrowed:
                self._empty = unheld(borrowed, format, str(options.get("part", "both")))
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
            sentence = self.tr("{0} boxes in {1} frames were written to {2}.").format(
                result.boxes, result.frames, result.folder
            )
            if self._empty:
                sentence += " " + self.tr(
                    "The format cannot say “nothing there”: {0} frames are left out."
                ).format(len(self._empty))
            lines = [*counted(result.left_out), *self._empty]
            self._messages.report(sentence, lines, result.folder)


def counted(left_out: Mapping[str, int]) -> list[str]:
    """What was left out, as lines of count and reason, the most first."""
    return [f"{count} {why}" for why, count in sorted(left_out.items(), key=lambda x: -x[1])]


def unheld(project: Project, format: str, part: str) -> tuple[str, ...]:
    """The frames with nothing there that a format cannot hold, as "video, frame n"."""
    from framesift.formats import FORMATS

    member = FORMATS.get(format)
    if member is None or member.capability.nothing:
        return ()
    names = {video.id: video.name for video in project.videos.all()}
    return tuple(
        f"{names[key.video]}, frame {key.frame}"
        for key, labels in project.labels.all().items()
        if labels.state == "nothing"
        and (part == "both" or (part == "measuring") == project.evaluation.holds(key))
    )
