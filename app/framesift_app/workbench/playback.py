"""Playing a drive: the playhead follows the clock, and waits for the decoder."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from framesift.labels import FrameKey
from framesift_app.session.footage import Footage
from framesift_app.session.playhead import Playhead

AROUND_S = 3.0
"""Seconds played before and after a pick."""
FASTEST = 8
PATIENCE_S = 2.0
"""A frame that takes longer than this is given up waiting for."""


class Playback(QObject):
    """Plays on from the playhead, or around a pick, over and over."""

    changed = Signal()

    def __init__(
        self,
        footage: Footage,
        playhead: Playhead,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._footage, self._playhead, self._clock = footage, playhead, clock
        self.speed = 1.0
        self.pinned: FrameKey | None = None
        self._range = (0, 0)
        self._direction, self._pace = 1, 1
        self._from = (0.0, 0)
        self._expected: tuple[str, int] | None = None
        self._asked_at: float | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def toggle(self) -> None:
        """Plays from the playhead to the drive's end, or stops."""
        if self.playing:
            self.stop()
        elif self._playhead.place is not None:
            key, frame = self._playhead.place
            drive = self._footage.drive(key)
            if drive is not None and not math.isnan(drive.fps):
                start = 0 if frame >= len(drive) - 1 else frame
                self._start(key, start, (0, len(drive) - 1), None)

    def shuttle(self, direction: int) -> None:
        """Plays on (1) or back (−1); once more the same way: twice as fast, up to 8×."""
        if self.playing and self.pinned is None and self._direction == direction:
            self._pace = min(FASTEST, self._pace * 2)
            self._from = self._clock(), (self._expected or ("", 0))[1]
            return
        self.stop()
        self._direction = direction
        if self._playhead.place is not None:
            key, frame = self._playhead.place
            drive = self._footage.drive(key)
            if drive is not None and not math.isnan(drive.fps):
                self._start(key, frame, (0, len(drive) - 1), None)

    def around(self, key: FrameKey, seconds: float = AROUND_S) -> None:
        """Plays the seconds around a frame over and over; its boxes stay in sight."""
        place = self._footage.place_of(key)
        if place is None:
            return
        drive = self._footage.drive(place[0])
        if drive is None or math.isnan(drive.fps):
            return
        reach = round(seconds * drive.fps)
        limits = max(0, place[1] - reach), min(len(drive) - 1, place[1] + reach)
        self._start(drive.key, limits[0], limits, key)

    def stop(self) -> None:
        """Stops; after playing around a pick the playhead goes back to it."""
        if not self.playing:
            return
        self._timer.stop()
        self._direction, self._pace = 1, 1
        pinned, self.pinned = self.pinned, None
        if pinned is not None:
            self._playhead.go_to_key(pinned)
        self.changed.emit()

    def step(self, n: int) -> None:
        """Stops, and moves by `n` frames."""
        self.stop()
        self._playhead.step(n)

    def home(self) -> None:
        """Stops, and goes to the drive's first frame."""
        self._jump(0)

    def end(self) -> None:
        """Stops, and goes to the drive's last frame."""
        self._jump(-1)

    def _jump(self, frame: int) -> None:
        self.stop()
        if self._playhead.place is not None:
            key = self._playhead.place[0]
            drive = self._footage.drive(key)
            if drive is not None:
                self._playhead.go_to(key, frame % len(drive))

    def set_speed(self, speed: float) -> None:
        """1.0 = as it was recorded."""
        self.speed = speed
        if self._expected is not None:
            self._from = self._clock(), self._expected[1]

    def _start(
        self, drive: str, frame: int, limits: tuple[int, int], pinned: FrameKey | None
    ) -> None:
        self.pinned, self._range = pinned, limits
        self._go(drive, frame)
        self._from = self._clock(), frame
        self._timer.start(10)
        self.changed.emit()

    def _go(self, drive: str, frame: int) -> None:
        self._expected = drive, frame
        if self._playhead.place != self._expected:
            self._asked_at = self._clock()
            self._playhead.go_to(drive, frame)

    def arrived(self, drive: str, frame: int, image: object) -> None:
        """Hears of a decoded frame; goes on where it waited for that one."""
        if (drive, frame) == self._expected:
            self._asked_at = None

    def _tick(self) -> None:
        playhead = self._playhead.place
        drive = None if playhead is None else self._footage.drive(playhead[0])
        if playhead is None or drive is None:
            self.stop()
            return
        now = self._clock()
        if playhead != self._expected:
            # Somebody else moved it: play on from there.
            if self.pinned is not None:
                self.pinned = None
                self.stop()
                return
            self._expected, self._from = playhead, (now, playhead[1])
            self._range = 0, len(drive) - 1
            self._asked_at = None
        if self._asked_at is not None and now - self._asked_at < PATIENCE_S:
            return
        began, first = self._from
        ahead = int((now - began) * drive.fps * self.speed * self._pace)
        frame = first + self._direction * ahead
        if frame == playhead[1]:
            return
        if frame < self._range[0]:
            self._go(playhead[0], self._range[0])
            self.stop()
            return
        if frame > self._range[1]:
            if self.pinned is None:
                self._go(playhead[0], self._range[1])
                self.stop()
                return
            frame = self._range[0]
            self._from = now, frame
        self._go(playhead[0], frame)
