"""The workbench: the frame at the playhead, and the tools that act on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from framesift.labels import UNSEEN, FrameKey
from framesift_app.session import Session
from framesift_app.workbench.box_editing import BoxEditor
from framesift_app.workbench.boxes import Boxes
from framesift_app.workbench.doubts import Doubts
from framesift_app.workbench.mask import Mask
from framesift_app.workbench.playback import Playback
from framesift_app.workbench.proposals import Proposals
from framesift_app.workbench.tracks import Tracks
from framesift_app.workbench.view import View
from framesift_app.workbench.weak import WeakLabels


class Workbench(QObject):
    """What the panels share beside the project. `key`: the frame at the playhead."""

    changed = Signal()
    """Tool, class, selection, proposal or what is shown changed."""

    def __init__(self, session: Session) -> None:
        """Use `of`."""
        super().__init__(session)
        self.session = session
        self.key: FrameKey | None = None
        self._sized: FrameKey | None = None
        self._asked: tuple[FrameKey, int] | None = None
        self.view = View()
        self.playback = Playback(session.footage, session.playhead)
        editor = BoxEditor()
        self.tracks = Tracks(
            session.tracks, session.labels, session.messages, editor, self._editable_key
        )
        self.boxes = Boxes(session.labels, self._editable_key, editor, self.tracks.takes)
        self.mask = Mask(session.footage, session.playhead, self._size_shown)
        self.proposals = Proposals(session.proposals, self._resting_key, self._editable_key)
        self.doubts = Doubts(
            session.checking, session.playhead, self.boxes.select, self._editable_key
        )
        self.weak = WeakLabels(
            self.boxes,
            session.labels,
            session.proposals,
            session.messages,
            self._editable_key,
        )
        for part in (
            self.weak,
            self.tracks,
            self.doubts,
            self.view,
            self.playback,
            self.boxes,
            self.mask,
            self.proposals,
        ):
            part.setParent(self)
            part.changed.connect(self.changed)
        session.pictures.frameReady.connect(self.playback.arrived)
        session.projectChanged.connect(self.playback.stop)
        session.messages.failed.connect(self.playback.stop)
        session.playhead.moved.connect(self._follow)
        session.projectChanged.connect(self._project_changed)
        session.labels.changed.connect(self._labels_changed)
        session.labels.classesChanged.connect(self._classes_changed)
        session.proposals.changed.connect(self._labels_changed)
        session.pictures.frameReady.connect(self._frame_ready)
        self._project_changed()

    @staticmethod
    def of(session: Session) -> Workbench:
        """The session's one workbench."""
        known = session.findChild(Workbench)
        return known if isinstance(known, Workbench) else Workbench(session)

    @property
    def shown_key(self) -> FrameKey | None:
        """The frame whose boxes are shown: the pick's while it is played around."""
        return self.playback.pinned or self.key

    @property
    def editable(self) -> bool:
        """Whether labels may be changed: a frame is there, nothing plays, no mask is drawn."""
        return self._editable_key() is not None

    def _resting_key(self) -> FrameKey | None:
        return None if self.playback.playing else self.key

    def _editable_key(self) -> FrameKey | None:
        return None if self.mask.drawn else self._resting_key()

    # Following the session

    def _project_changed(self) -> None:
        self.mask.editor = self.tracks.hand = None
        classes, editor = self.session.labels.classes, self.boxes.editor
        if classes and editor.category not in classes:
            editor.category = classes[0]
        self._follow()

    def _classes_changed(self) -> None:
        classes, editor = self.session.labels.classes, self.boxes.editor
        if classes and editor.category not in classes:
            editor.category = classes[0]
        self._show()

    def _follow(self) -> None:
        key = self.session.playhead.key
        if key != self.key:
            self.key, self._asked = key, None
            self.boxes.editor.cancel()
            self.boxes.editor.selected = None
            self.proposals.forget()
            self.weak.forget()
            if key is not None:
                self.tracks.reach_frame(self.session.labels.of(key))
        self._show()

    def _show(self) -> None:
        editor = self.boxes.editor
        if self.key is None:
            editor.show(UNSEEN, 0, 0)
        else:
            width, height = self._size(self.key)
            editor.show(self.session.labels.of(self.key), width, height)
        self.changed.emit()

    def _size(self, key: FrameKey) -> tuple[float, float]:
        if self._sized == key:
            return self._size_shown()
        footage = self.session.footage
        for drive in (*footage.drives, *footage.evaluation):
            for clip in drive.clips:
                if clip.id == key.video:
                    return clip.width, clip.height
        return 0, 0

    def _size_shown(self) -> tuple[float, float]:
        return self.boxes.editor.width, self.boxes.editor.height

    def show_stored(self) -> None:
        """Shows the labels as they are stored: a gesture has changed nothing."""
        if not self.boxes.editor.busy:
            self._show()

    def _labels_changed(self, key: FrameKey) -> None:
        if key == self.key:
            self._show()

    def _frame_ready(self, drive: str, frame: int, image: NDArray[np.uint8]) -> None:
        # Stills of one folder differ in size: the picture itself counts.
        if self.session.playhead.place == (drive, frame):
            self._sized = self.key
            height, width = image.shape[:2]
            self.boxes.editor.width, self.boxes.editor.height = float(width), float(height)

    # Keys whose meaning depends on what is in hand

    def delete(self) -> None:
        """Deletes the selected box; while a mask is drawn, its last shape or corner."""
        if self.mask.drawn:
            self.mask.remove_last()
        elif not (self._doubted_selected() and self.doubts.delete()):
            self.boxes.delete()

    def _doubted_selected(self) -> bool:
        doubt = self.doubts.current
        return doubt is not None and doubt.label == self.boxes.editor.selected

    def escape(self) -> None:
        """Drops the gesture, else the tool, else the selection."""
        if self.mask.drawn:
            self.mask.escape()
        elif not self.weak.step_back():
            idle = self.boxes.tool == "select" and self.boxes.editor.selected is None
            if idle and self.tracks.hand is not None:
                self.tracks.lay_down()
            self.boxes.escape()

    def accept(self) -> None:
        """Accepts one proposal, or says that it is right; while a polygon of the mask is
        drawn, closes it."""
        if self.mask.drawn:
            self.mask.close()
        elif not self._answered(yes=True):
            self.proposals.accept()

    def reject(self) -> None:
        """Puts one proposal aside, or says that there is no such object."""
        if not self._answered(yes=False):
            self.proposals.reject()

    def _answered(self, *, yes: bool) -> bool:
        proposal = self.proposals.current()
        if self.boxes.tool != "verify" or proposal is None:
            return False
        self.weak.answer(proposal.id, yes)
        self.proposals.forget()
        return True

    def digit(self, n: int) -> None:
        """The n-th class: for boxes, or as a tag of the picture."""
        if self.boxes.tool == "tags":
            self.weak.tag(n)
        else:
            self.boxes.digit(n)

    def begin_mask(self) -> None:
        """Begins drawing the mask of the camera whose picture is shown."""
        if self.key is not None:
            self.playback.stop()
            self.mask.begin()

    def play_around(self) -> None:
        """Plays ±3 s around the frame, or stops."""
        if self.playback.playing:
            self.playback.stop()
        elif self.key is not None:
            self.playback.around(self.key)

    # The frame

    def finish(self) -> None:
        """Says that the frame's boxes, points or tags are all there are. With proposals open,
        or without any of them, nothing is said: the person is told what to do."""
        if not self.editable or self.key is None or self.weak.finish():
            return
        session, state = self.session, self.session.labels.of(self.key).state
        if state == "unseen":
            session.messages.tell(
                self.tr("There is no box here yet; press N when there is nothing to label.")
            )
        elif state == "started" and (left := len(self.proposals.all())):
            session.messages.tell(
                self.tr(
                    "{0} proposals are open: Shift+Enter accepts them, Shift+X rejects "
                    "them; then the frame is done."
                ).format(left)
            )
        elif state == "started":
            session.labels.finish(self.key)

    def next(self) -> None:
        """Is done with the frame where nothing is open, and goes to the next one to label."""
        started = self.key is not None and self.session.labels.of(self.key).state == "started"
        verifying = self.boxes.tool == "verify"
        if started and not self.proposals.all() and not verifying:
            self.finish()
        self.weak.finish_points()
        self.session.picks.next()

    def nothing(self) -> None:
        """Says that there is nothing in the frame. Where boxes would go, it asks: the key
        once more says so."""
        if not self.editable or self.key is None:
            return
        boxes = len(self.session.labels.of(self.key).boxes)
        if boxes and self._asked != (self.key, boxes):
            self._asked = self.key, boxes
            self.session.messages.tell(
                self.tr(
                    "This frame has {0} boxes. Press N once more to drop them and say that "
                    "there is nothing."
                ).format(boxes)
            )
            return
        self._asked = None
        self.session.labels.mark(self.key, "nothing")

    def skip(self) -> None:
        """Skips the frame, and goes to the next pick."""
        if self.editable and self.key is not None:
            self.session.labels.mark(self.key, "skipped")
            self.session.picks.next()

    def copy_last(self) -> None:
        """Copies the boxes of the frame that was labelled last."""
        if self.editable and self.key is not None:
            self.session.labels.copy_from_last(self.key)

    def drop_pick(self) -> None:
        """Declines the pick at the playhead."""
        if self.key is not None:
            self.session.picks.drop(self.key)

    def find_alike(self) -> None:
        """Lists the frames that look like the one at the playhead."""
        if self.key is not None:
            self.session.frames.find_alike(self.key)

    def add_pick(self) -> None:
        """Adds the frame at the playhead by hand."""
        if self.key is not None:
            self.session.picks.add(self.key)
