"""What the panels share beside the project: the tool in hand, the selected box, what is shown.

Every key of the window that labels or looks is a slot here.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from framesift.labels import UNSEEN, FrameKey, Proposal
from framesift.project import CameraMask
from framesift_app.box_editing import IGNORED, BoxEditor, Change, Tool
from framesift_app.mask_editing import MaskEditor, Shape
from framesift_app.playback import Playback
from framesift_app.session import Session


class Workbench(QObject):
    """Acts on the frame at the playhead, through the session."""

    changed = Signal()
    """Tool, class, selection, proposal or what is shown changed."""
    viewAsked = Signal(str)  # noqa: N815 (Qt's way of naming)
    """"fit", "in", "out" or "go": what the viewer shall do."""

    def __init__(self, session: Session) -> None:
        """Use `of`."""
        super().__init__(session)
        self.session = session
        self.editor = BoxEditor()
        self.playback = Playback(session, self)
        self.key: FrameKey | None = None
        self.heat = self.maxima = False
        self.boxes = False
        self.confidence = 0.5
        self.heat_opacity = 0.6
        self.mask: MaskEditor | None = None
        self._proposal: int | None = None
        self._sized: FrameKey | None = None
        session.playheadChanged.connect(self._follow)
        session.projectChanged.connect(self._project_changed)
        session.labelsChanged.connect(self._labels_changed)
        session.proposalsChanged.connect(self._labels_changed)
        session.frameReady.connect(self._frame_ready)
        self.playback.changed.connect(self.changed)
        self._project_changed()

    @staticmethod
    def of(session: Session) -> Workbench:
        """The session's one workbench."""
        found = session.findChild(Workbench)
        return found if isinstance(found, Workbench) else Workbench(session)

    # Following the session

    def _project_changed(self) -> None:
        self.mask = None
        if self.session.classes and self.editor.category not in self.session.classes:
            self.editor.category = self.session.classes[0]
        self._follow()

    def _follow(self) -> None:
        key = self.session.current_key
        if key != self.key:
            self.key = key
            self.editor.cancel()
            self.editor.selected = None
            self._proposal = None
        self._show()

    def _show(self) -> None:
        if self.key is None:
            self.editor.show(UNSEEN, 0, 0)
        else:
            width, height = self._size(self.key)
            self.editor.show(self.session.labels(self.key), width, height)
        self.changed.emit()

    def _size(self, key: FrameKey) -> tuple[float, float]:
        if self._sized == key:
            return self.editor.width, self.editor.height
        for drive in (*self.session.drives, *self.session.evaluation):
            for clip in drive.clips:
                if clip.id == key.video:
                    return clip.width, clip.height
        return 0, 0

    def _labels_changed(self, key: FrameKey) -> None:
        if key == self.key:
            self._show()

    def _frame_ready(self, drive: str, frame: int, image: NDArray[np.uint8]) -> None:
        # Stills of one folder differ in size: the picture itself counts.
        if self.session.playhead == (drive, frame):
            self._sized = self.key
            height, width = image.shape[:2]
            self.editor.width, self.editor.height = float(width), float(height)

    # Labels

    @property
    def shown_key(self) -> FrameKey | None:
        """The frame whose boxes are shown: the pick's while it is played around."""
        return self.playback.pinned or self.key

    @property
    def editable(self) -> bool:
        return self.key is not None and not self.playback.playing and self.mask is None

    def commit(self, change: Change | None) -> None:
        """Stores a finished gesture as one edit."""
        if change is not None and self.key is not None:
            self.session.change_labels(self.key, change.labels, self._text(change))
        self.changed.emit()

    def _text(self, change: Change) -> str:
        what = self.tr("ignore region") if change.what == IGNORED else change.what
        said = {"drawn": self.tr("{0} drawn"), "moved": self.tr("{0} moved"),
                "resized": self.tr("{0} resized"), "deleted": self.tr("{0} deleted"),
                "classified": self.tr("class {0}"), "marked": self.tr("marked {0}"),
                "unmarked": self.tr("no longer {0}")}
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

    # Looking

    @Slot()
    def toggle_heat(self) -> None:
        self.heat = not self.heat
        self.changed.emit()

    @Slot()
    def toggle_boxes(self) -> None:
        self.boxes = not self.boxes
        self.changed.emit()

    @Slot()
    def toggle_maxima(self) -> None:
        self.maxima = not self.maxima
        self.changed.emit()

    def set_heat_opacity(self, share: float) -> None:
        self.heat_opacity = share
        self.changed.emit()

    def set_confidence(self, least: float) -> None:
        self.confidence = least
        self.changed.emit()

    @Slot()
    def fit(self) -> None:
        self.viewAsked.emit("fit")

    @Slot()
    def zoom_in(self) -> None:
        self.viewAsked.emit("in")

    @Slot()
    def zoom_out(self) -> None:
        self.viewAsked.emit("out")

    @Slot()
    def go_to_frame(self) -> None:
        self.viewAsked.emit("go")

    @Slot()
    def toggle_play(self) -> None:
        self.playback.toggle()

    @property
    def playing(self) -> bool:
        return self.playback.playing

    @Slot()
    def play_around(self) -> None:
        """Plays ±3 s around the pick, or stops."""
        if self.playback.playing:
            self.playback.stop()
        elif self.key is not None:
            self.playback.around(self.key)

    def step(self, n: int) -> None:
        self.playback.stop()
        self.session.step(n)

    @Slot()
    def home(self) -> None:
        self._end(0)

    @Slot()
    def end(self) -> None:
        self._end(-1)

    def _end(self, frame: int) -> None:
        self.playback.stop()
        if self.session.playhead is not None:
            key, _ = self.session.playhead
            drive = self.session.drive(key)
            if drive is not None:
                self.session.go_to(key, frame % len(drive))

    # The camera's mask

    @property
    def masking(self) -> bool:
        return self.mask is not None

    def begin_mask(self) -> None:
        """Begins drawing the mask of the camera whose picture is shown."""
        if self.key is None or not self.editor.width:
            return
        self.playback.stop()
        stored = self.stored_mask()
        self.mask = MaskEditor(self.editor.width, self.editor.height,
                               stored.shapes if stored else ())
        self.changed.emit()

    def end_mask(self, *, keep: bool) -> None:
        """Stores the mask, or drops what was drawn."""
        mask, stored = self.mask, self.stored_mask()
        if mask is None:
            return
        self.mask = None
        shapes: tuple[Shape, ...] = tuple(mask.shapes)
        if keep and shapes != (stored.shapes if stored else ()):
            self.session.set_mask(CameraMask(int(mask.width), int(mask.height), shapes,
                                             stored.drive if stored else ""))
        self.changed.emit()

    def stored_mask(self) -> CameraMask | None:
        """The stored mask that holds for the frame shown."""
        place = self.session.playhead
        size = self.editor.width, self.editor.height
        fitting = [mask for mask in self.session.masks if (mask.width, mask.height) == size
                   and mask.drive in ("", place[0] if place else "")]
        return max(fitting, key=lambda mask: mask.drive != "", default=None)
