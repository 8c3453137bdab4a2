"""The small frozen records that every long-running generator of the engine may yield."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long job is.

    `done` and `total` count `unit`s (total None: unknown); `rate` is units per second over
    the recent past (0.0 until known); `remaining_s` seconds still needed, None until known.
    """

    done: int
    total: int | None
    unit: str = "frames"
    rate: float = 0.0
    remaining_s: float | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the user that does not end the job (a damaged frame, a smaller batch)."""

    text: str


@dataclass(slots=True)
class RateMeter:
    """Turns counts into Progress records; the rate is an average over about `window_s`."""

    total: int | None
    unit: str = "frames"
    stage: str = ""
    window_s: float = 10.0
    done: int = 0
    _marks: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._marks.append((time.monotonic(), self.done))

    def advance(self, count: int = 1) -> Progress:
        """Counts `count` more units as done and says how far the job is."""
        self.done += count
        now = time.monotonic()
        self._marks.append((now, self.done))
        while len(self._marks) > 2 and now - self._marks[1][0] > self.window_s:
            self._marks.pop(0)
        return self.progress()

    def progress(self) -> Progress:
        """The state of now, without counting anything."""
        (then, before), now = self._marks[0], time.monotonic()
        rate = (self.done - before) / (now - then) if now > then else 0.0
        remaining = None
        if self.total is not None and rate > 0:
            remaining = max(0, self.total - self.done) / rate
        return Progress(self.done, self.total, self.unit, rate, remaining, self.stage)


@contextlib.contextmanager
def closing(records: Iterator[Record]) -> Iterator[Iterator[Record]]:
    """Closes a generator of records when the block is left, however it is left: what it holds
    is released at once, and not when somebody collects the garbage."""
    try:
        yield records
    finally:
        close = getattr(records, "close", None)
        if close is not None:
            close()
