"""Labelling: boxes, proposals, states, picks."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Slot

from framesift.labels import Proposal
from framesift_app.workbench.box_editing import IGNORED, Change, Tool
from framesift_app.workbench.looking import Looking


class Labelling(Looking):
    """What is said about the frame."""

    # Labels

    def commit(self, change: Change | None) -> None:
        """Stores a finished gesture as one edit."""
        if change is not None and self.key is not None:
            self.session.change_labels(self.key, change.labels, self._text(change))
        self.changed.emit()

    def _text(self, change: Change) -> str:
        what = self.tr("ignore region") if change.what == IGNORED else change.what
        said = {
            "drawn": self.tr("{0} drawn"),
            "moved": self.tr("{0} moved"),
            "resized": self.tr("{0} resized"),
            "deleted": self.tr("{0} deleted"),
            "classified": self.tr("class {0}"),
            "marked": self.tr("marked {0}"),
            "unmarked": self.tr("no longer {0}"),
        }
        return said[change.done].format(what)

    @Slot()
    def toggle_draw(self) -> None:
        """Draw boxes, or stop drawing."""
        self.set_tool("select" if self.editor.tool == "draw" else "draw")

    @Slot()
    def toggle_centre(self) -> None:
        """Draw boxes from their centre, or stop drawing."""
        self.set_tool("select" if self.editor.tool == "centre" else "centre")

    @Slot()
    def toggle_ignore(self) -> None:
        """The selected box becomes an ignore region or a box again; without one: draw ignore
        regions."""
        if self.editable and self.editor.box() is not None:
            self.commit(self.editor.toggle("ignore"))
        else:
            self.set_tool("select" if self.editor.tool == "ignore" else "ignore")

    @property
    def tool(self) -> Tool:
        return self.editor.tool

    def set_tool(self, tool: Tool) -> None:
        """Takes a tool in hand."""
        self.editor.tool = tool
        self.changed.emit()

    def select(self, number: int | None) -> None:
        """Selects a box by its id."""
        self.editor.selected = number if number in self.editor.labels.ids else None
        self.changed.emit()

    @Slot(int)
    def digit(self, n: int) -> None:
        """The n-th class (from 1) for the selected box and new ones."""
        if 1 <= n <= len(self.session.classes):
            self.set_class(self.session.classes[n - 1])

    def set_class(self, name: str) -> None:
        """A class for the selected box and new ones."""
        if self.editable:
            self.commit(self.editor.classify(name))
        else:
            self.editor.category = name
            self.changed.emit()

    @Slot()
    def delete(self) -> None:
        """Deletes the selected box; while a mask is drawn, its last shape or corner."""
        if self.mask is not None:
            self.mask.remove_last()
            self.changed.emit()
        elif self.editable:
            self.commit(self.editor.delete())

    def nudge(self, dx: float, dy: float, *, resize: bool = False) -> None:
        """Moves the selected box, or its right bottom corner."""
        if self.editable:
            self.commit(self.editor.nudge(dx, dy, resize=resize))

    def toggle(self, attribute: Literal["occluded", "truncated", "ignore"]) -> None:
        """Turns an attribute of the selected box over."""
        if self.editable:
            self.commit(self.editor.toggle(attribute))

    @Slot()
    def toggle_occluded(self) -> None:
        self.toggle("occluded")

    @Slot()
    def toggle_truncated(self) -> None:
        self.toggle("truncated")

    @Slot()
    def next_box(self) -> None:
        self.editor.select_next(1)
        self.changed.emit()

    @Slot()
    def previous_box(self) -> None:
        self.editor.select_next(-1)
        self.changed.emit()

    @Slot()
    def escape(self) -> None:
        """Drops the gesture, else the tool, else the selection."""
        if self.mask is not None:
            if self.mask.corners:
                self.mask.cancel()
                self.changed.emit()
            else:
                self.end_mask(keep=False)
        elif self.editor.busy:
            self.editor.cancel()
        elif self.editor.tool != "select":
            self.editor.tool = "select"
        else:
            self.editor.selected = None
        self.changed.emit()

    @Slot()
    def nothing(self) -> None:
        """Says that there is nothing in the frame."""
        if self.editable and self.key is not None:
            self.session.mark(self.key, "nothing")

    @Slot()
    def skip(self) -> None:
        """Skips the frame, and goes to the next pick."""
        if self.editable and self.key is not None:
            self.session.mark(self.key, "skipped")
            self.session.next_pick()

    @Slot()
    def copy_last(self) -> None:
        """Copies the boxes of the frame that was labelled last."""
        if self.editable and self.key is not None:
            self.session.copy_from_last(self.key)

    # Proposals

    def proposals(self) -> tuple[Proposal, ...]:
        """The open proposals of the frame, the surest first."""
        if self.key is None or self.playback.playing:
            return ()
        return self.session.proposals(self.key)

    def proposal(self) -> Proposal | None:
        """The proposal that Enter accepts: the chosen one, else the surest."""
        found = self.proposals()
        return next((p for p in found if p.id == self._proposal), found[0] if found else None)

    def choose_proposal(self, number: int | None) -> None:
        self._proposal = number
        self.changed.emit()

    @Slot()
    def accept(self) -> None:
        """Accepts one proposal; while a polygon of the mask is drawn, closes it."""
        if self.mask is not None:
            self.mask.close()
            self.changed.emit()
            return
        self._decide(self.session.accept, one=True)

    @Slot()
    def accept_all(self) -> None:
        self._decide(self.session.accept, one=False)

    @Slot()
    def reject(self) -> None:
        """Rejects one proposal."""
        self._decide(self.session.reject, one=True)

    @Slot()
    def reject_all(self) -> None:
        self._decide(self.session.reject, one=False)

    def _decide(self, how: object, *, one: bool) -> None:
        proposal = self.proposal()
        if not self.editable or self.key is None or proposal is None or not callable(how):
            return
        how(self.key, [proposal.id] if one else None)
        self._proposal = None

    # Picks

    @Slot()
    def next_pick(self) -> None:
        self.session.next_pick()

    @Slot()
    def previous_pick(self) -> None:
        self.session.previous_pick()

    @Slot()
    def drop_pick(self) -> None:
        """Declines the pick at the playhead."""
        if self.key is not None:
            self.session.drop_pick(self.key)

    @Slot()
    def add_pick(self) -> None:
        """Adds the frame at the playhead by hand."""
        if self.key is not None:
            self.session.add_pick(self.key)
