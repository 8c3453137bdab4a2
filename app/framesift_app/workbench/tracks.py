"""The track in hand: its boxes are placed by drawing, corrected by dragging, and followed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from framesift.boxes import Box
from framesift.labels import FrameKey, FrameLabels
from framesift_app.session.labels import Labels
from framesift_app.session.messages import Messages
from framesift_app.session.tracks import FAR
from framesift_app.session.tracks import Tracks as Stored
from framesift_app.workbench.box_editing import BoxEditor, Change, Point, covers


class Tracks(QObject):
    """`hand`: the id of the track in hand, None without one; `far`: how many frames it is
    followed."""

    changed = Signal()

    def __init__(
        self,
        stored: Stored,
        labels: Labels,
        messages: Messages,
        editor: BoxEditor,
        key: Callable[[], FrameKey | None],
    ) -> None:
        """`editor`: of the boxes of the frame that is shown; `key`: the frame whose labels may
        be changed."""
        super().__init__()
        self._stored, self._labels, self._messages = stored, labels, messages
        self._editor, self._key = editor, key
        self.hand: int | None = None
        self.far = FAR

    def derived(self) -> tuple[Box, ...]:
        """The boxes of tracks in the frame that nobody has confirmed; one that is being
        corrected is among the labels meanwhile."""
        return self._editor.labels.derived

    def toggle(self) -> None:
        """Takes the track of the selected box in hand, which begins one where it is of none;
        lays it down where it is in hand already."""
        key, number, box = self._key(), self._editor.selected, self._editor.box()
        if self.hand is not None and (box is None or box.track in (None, self.hand)):
            self.lay_down()
        elif key is None or number is None or box is None:
            self._messages.tell(self.tr("Select the box of the object to track first."))
        elif box.track is not None:
            self.take(box.track)
        else:
            self._stored.begin(key, number, self.take)

    def take(self, track: int) -> None:
        """Takes a track in hand."""
        self.hand = track
        self._messages.tell(
            self.tr(
                "Track {0} is in hand. Go to another frame (← →) and draw the object there: "
                "between, its boxes are interpolated. Shift+Z follows it {1} frames; "
                "Ctrl+Enter confirms the boxes of a frame."
            ).format(track, self.far)
        )
        self.changed.emit()

    def lay_down(self) -> None:
        """Lays the track in hand down."""
        self.hand = None
        self.changed.emit()

    def set_far(self, frames: int) -> None:
        """How many frames an object is followed."""
        self.far = frames

    def reach_frame(self, labels: FrameLabels) -> None:
        """Another frame is shown: the box of the track in hand is selected."""
        if self.hand is not None:
            self._editor.selected = _number(labels, self.hand)

    # Boxes

    def lift(self, at: Point, reach: float) -> bool:
        """Takes a derived box under a point in hand, to be dragged; False where there is none,
        or where a label is nearer."""
        editor = self._editor
        held = None if self.hand is None else editor.labels.of_track(self.hand)
        box = held if held in editor.labels.derived and covers(held, at, reach) else None
        if box is None and editor.hit(at) is None:
            under = [derived for derived in editor.labels.derived if covers(derived, at)]
            box = min(under, key=lambda b: b.width * b.height, default=None)
        if box is None or box.track is None:
            return False
        if self.hand != box.track:
            self.take(box.track)
        editor.labels = editor.labels.confirmed(box.track)
        editor.selected = _number(editor.labels, box.track)
        return True

    def takes(self, key: FrameKey, change: Change) -> bool:
        """Carries out a change of boxes that is about a track; False for one that is not."""
        before, after = self._labels.of(key), change.labels
        if change.done == "deleted":
            return self._deleted(key, before, after)
        changed = [
            box
            for number, box in zip(after.ids, after.boxes, strict=True)
            if number not in before.ids or before.box(number) != box
        ]
        box = changed[-1] if changed else None
        if box is None or box.ignore:
            return False
        track = box.track
        if change.done == "drawn" and track is None and self.hand is not None:
            there = before.of_track(self.hand)
            # A second box in the frame is another object's.
            track = self.hand if there is None or there in before.derived else None
        if track is None:
            return False
        self._stored.place(key, track, box)
        return True

    def _deleted(self, key: FrameKey, before: FrameLabels, after: FrameLabels) -> bool:
        gone = [number for number in before.ids if number not in after.ids]
        track = before.box(gone[0]).track if gone else None
        if track is None:
            return False
        self._stored.remove_key(key, track)
        return True

    # Following and confirming

    def follow(self) -> None:
        """Follows the object in hand from this frame on."""
        key, track = self._key(), self._in_hand()
        if key is None or track is None:
            self._messages.tell(self.tr("Select the box of an object, and press Z first."))
        else:
            self._stored.follow(key, track, self.far)

    def confirm(self) -> None:
        """The derived boxes of this frame become labels."""
        key = self._key()
        if key is not None and self._labels.of(key).derived:
            self._stored.confirm(key)

    def confirm_all(self) -> None:
        """All derived boxes of the track in hand, or of the selected box, become labels."""
        key, track = self._key(), self._in_hand()
        if key is not None and track is not None:
            self._stored.confirm_all(key, track)

    def remove(self) -> None:
        """Takes all boxes of that track away."""
        key, track = self._key(), self._in_hand()
        if key is not None and track is not None:
            self._stored.remove(key, track)
            self.lay_down()

    def _in_hand(self) -> int | None:
        box = self._editor.box()
        return self.hand if box is None or box.track is None else box.track


def _number(labels: FrameLabels, track: int) -> int | None:
    """The id of a track's box among a frame's labels."""
    pairs = zip(labels.ids, labels.boxes, strict=True)
    return next((number for number, box in pairs if box.track == track), None)
