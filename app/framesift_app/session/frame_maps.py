"""The map of frames: all that the project knows the looks of, alike ones close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from framesift.errors import InputError
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.loop import FrameMap


class FrameMaps(Part):
    """`latest`: the map that was made last; None before one is there. `problem`: why there is
    none, in a sentence."""

    changed = Signal()

    def __init__(self, files: Worker, messages: Messages) -> None:
        super().__init__()
        self._files, self._messages = files, messages

    def _clear(self) -> None:
        self.latest: FrameMap | None = None
        self.problem = ""

    def announce(self) -> None:
        self.changed.emit()

    def make(self) -> None:
        """Makes the map of now, in the background."""
        project = self._project
        if project is None:
            return
        folder = project.folder

        def make() -> FrameMap:
            from framesift.loop import frame_map
            from framesift.project import Project

            with Project.open(folder, readonly=True) as reader:
                return frame_map(reader)

        self._files.submit(
            make,
            project.while_open(self._take),
            project.while_open(self._fail),
            key="frame_map",
        )

    def _take(self, made: FrameMap) -> None:
        self.latest, self.problem = made, ""
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, InputError):
            self.latest, self.problem = None, str(error)
            self.changed.emit()
        else:
            self._messages.fail(error)
