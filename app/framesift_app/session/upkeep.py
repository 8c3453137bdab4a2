"""Upkeep of a project: its classes, and the videos that it has. Each is one gesture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift_app.session.footage import Footage
from framesift_app.session.journal import Journal
from framesift_app.session.part import Part

if TYPE_CHECKING:
    from framesift.project import Project


class Upkeep(Part):
    """Asks the engine for changes of classes and videos; undo takes each back."""

    def __init__(self, footage: Footage, journal: Journal) -> None:
        super().__init__()
        self._footage, self._journal = footage, journal

    def _write(self, change: Callable[[Project], Any]) -> None:
        self._journal.write(lambda project: as_gesture(project, change))

    # Classes

    def add_class(self, name: str) -> None:
        """Adds a class behind those there are."""
        self._write(lambda project: project.class_list.add([name]))

    def rename_class(self, name: str, to: str) -> None:
        """Gives a class another name, in all labels too."""
        self._write(lambda project: project.class_list.rename(name, to))

    def merge_class(self, name: str, into: str) -> None:
        """Makes all labels of a class labels of another, and drops the class."""
        self._write(lambda project: project.class_list.merge([name], into))

    def recolor_class(self, name: str, color: str | None) -> None:
        """Draws a class in another color, "#rrggbb"; None: in the program's choice."""
        self._write(lambda project: project.class_list.recolor(name, color))

    # Videos

    def remove_drive(self, key: str) -> None:
        """Takes a drive out of the project; its files, labels and scores are kept."""
        drive = self._footage.drive(key)
        if drive is not None:
            ids = [clip.id for clip in drive.clips]
            self._write(lambda project: project.videos.remove(*ids))

    def relink(self, video: str, path: Path) -> None:
        """Says where a video lies now."""
        self._write(lambda project: project.videos.relink(video, path))

    def join(self, keys: Sequence[str]) -> None:
        """Makes one drive of several, in this order."""
        drives = [drive for drive in map(self._footage.drive, keys) if drive is not None]
        ids = [clip.id for drive in drives for clip in drive.clips]

        def join(project: Project) -> Any:
            from framesift.project.regrouping import join_clips

            return join_clips(project, ids)

        self._write(join)

    def part(self, video: str) -> None:
        """Makes a drive of its own of a clip."""

        def part(project: Project) -> Any:
            from framesift.project.regrouping import part_clips

            return part_clips(project, [video])

        self._write(part)


def as_gesture(project: Project, change: Callable[[Project], Any]) -> Any:
    """Carries a change out; the gesture that it left in the journal, None without one."""
    before = project.journal.position
    change(project)
    if project.journal.position == before:
        return None
    groups = project.journal.groups(1)
    return groups[-1][1] if groups else None
