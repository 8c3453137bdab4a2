"""The playhead: which frame is looked at."""

from __future__ import annotations

from PySide6.QtCore import Signal

from framesift.labels import FrameKey
from framesift_app.session.footage import Footage
from framesift_app.session.part import Part


class Playhead(Part):
    """`place`: (drive, frame in it), `key`: the same frame's key; None while there is none."""

    moved = Signal()

    def __init__(self, footage: Footage) -> None:
        super().__init__()
        self._footage = footage
        footage.changed.connect(self._keep_up)

    def _clear(self) -> None:
        self.place: tuple[str, int] | None = None
        self.key: FrameKey | None = None

    def announce(self) -> None:
        if self._footage.drives:
            self.begin()
        else:
            self.moved.emit()

    def begin(self) -> None:
        """Goes to the first frame, unless it is somewhere already."""
        if self.place is None and self._footage.drives:
            self.go_to(self._footage.drives[0].key, 0)

    def _keep_up(self) -> None:
        """Stays at its frame, wherever that is by now: drives are joined and parted. Where it
        has left, at the first frame of what there is, or nowhere."""
        if self.key is None:
            return
        place = self._footage.place_of(self.key)
        if place == self.place:
            return
        self.place, self.key = place, self.key if place else None
        if self.place is None and self._footage.drives:
            self.begin()
        else:
            self.moved.emit()

    def go_to(self, drive: str, frame: int) -> None:
        """Moves to a frame, kept inside the drive."""
        stored = self._footage.drive(drive)
        if stored is None:
            return
        frame = max(0, min(frame, len(stored) - 1))
        if self.place == (drive, frame):
            return
        self.place, self.key = (drive, frame), stored.key_of(frame)
        self.moved.emit()

    def go_to_key(self, key: FrameKey) -> None:
        """Moves to a frame by its key."""
        place = self._footage.place_of(key)
        if place is not None:
            self.go_to(*place)

    def step(self, n: int) -> None:
        """Moves by `n` frames."""
        if self.place is not None:
            drive, frame = self.place
            self.go_to(drive, frame + n)
