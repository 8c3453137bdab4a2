"""The boxes of the frame: the tool in hand, the selected box, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, Signal

from framesift.labels import FrameKey
from framesift_app.session.labels import Labels
from framesift_app.workbench.box_editing import IGNORED, BoxEditor, Change, Tool


class Boxes(QObject):
    """Each finished gesture of the editor becomes one edit of the labels."""

    changed = Signal()

    def __init__(
        self,
        labels: Labels,
        key: Callable[[], FrameKey | None],
        editor: BoxEditor,
        taken: Callable[[FrameKey, Change], bool],
    ) -> None:
        """`key`: the frame whose boxes may be changed; None while none may. `taken`: whether
        somebody else has carried a change out: it is about a track."""
        super().__init__()
        self._labels, self._key, self._taken = labels, key, taken
        self.editor = editor

    def commit(self, change: Change | None, kind: str = "") -> None:
        """Stores a finished gesture as one edit; `kind`: what the journal calls it. The first
        box of a frame starts it: that it is the only one has still to be said."""
        key = self._key()
        if change is not None and key is not None and not self._taken(key, change):
            labels = change.labels.started(self._labels.of(key))
            kind = kind or ("draw" if change.done == "drawn" else "edit")
            self._labels.change(key, labels, self._text(change), kind)
        self.changed.emit()

    def _text(self, change: Change) -> str:
        what = self.tr("ignore region") if change.what == IGNORED else change.what
        words = {
            "drawn": self.tr("{0} drawn"),
            "moved": self.tr("{0} moved"),
            "resized": self.tr("{0} resized"),
            "deleted": self.tr("{0} deleted"),
            "classified": self.tr("class {0}"),
            "marked": self.tr("marked {0}"),
            "unmarked": self.tr("no longer {0}"),
        }
        return words[change.done].format(what)

    @property
    def _editable(self) -> bool:
        return self._key() is not None

    # The tool

    @property
    def tool(self) -> Tool:
        return self.editor.tool

    def set_tool(self, tool: Tool) -> None:
        """Takes a tool in hand."""
        self.editor.tool = tool
        self.changed.emit()

    def toggle_draw(self) -> None:
        """Draw boxes, or stop drawing."""
        self.set_tool("select" if self.tool == "draw" else "draw")

    def toggle_centre(self) -> None:
        """Draw boxes from their centre, or stop drawing."""
        self.set_tool("select" if self.tool == "centre" else "centre")

    def toggle_ignore(self) -> None:
        """The selected box becomes an ignore region or a box again; without one: draw ignore
        regions."""
        if self._editable and self.editor.box() is not None:
            self.toggle("ignore")
        else:
            self.set_tool("select" if self.tool == "ignore" else "ignore")

    def escape(self) -> None:
        """Drops the gesture, else the tool, else the selection."""
        if self.editor.busy:
            self.editor.cancel()
        elif self.tool != "select":
            self.editor.tool = "select"
        else:
            self.editor.selected = None
        self.changed.emit()

    # The selected box

    def select(self, number: int | None) -> None:
        """Selects a box by its id."""
        self.editor.selected = number if number in self.editor.labels.ids else None
        self.changed.emit()

    def next(self) -> None:
        self.editor.select_next(1)
        self.changed.emit()

    def previous(self) -> None:
        self.editor.select_next(-1)
        self.changed.emit()

    def digit(self, n: int) -> None:
        """The n-th class (from 1) for the selected box and new ones."""
        if 1 <= n <= len(self._labels.classes):
            self.set_class(self._labels.classes[n - 1])

    def set_class(self, name: str) -> None:
        """A class for the selected box and new ones."""
        if self._editable:
            self.commit(self.editor.classify(name))
        else:
            self.editor.category = name
            self.changed.emit()

    def delete(self) -> None:
        """Deletes it."""
        if self._editable:
            self.commit(self.editor.delete())

    def nudge(self, dx: float, dy: float, *, resize: bool = False) -> None:
        """Moves it, or its right bottom corner."""
        if self._editable:
            self.commit(self.editor.nudge(dx, dy, resize=resize))

    def toggle(self, attribute: Literal["occluded", "truncated", "ignore"]) -> None:
        """Turns an attribute of it over."""
        if self._editable:
            self.commit(self.editor.toggle(attribute))
