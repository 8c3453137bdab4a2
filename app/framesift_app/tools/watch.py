"""What the measurements of the window share: the event loop watched, and run until something
holds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

PATIENCE_S = 900.0
TICK_MS = 5


class Watch:
    """Delays of a timer that ought to tick every 5 ms."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.delays: list[float] = []
        self._last: float | None = None
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def _tick(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self.delays.append(max(0.0, 1000 * (now - self._last) - TICK_MS))
        self._last = now

    def during(self, holds: Callable[[], object]) -> str:
        """Watches until something holds; the figures, in words."""
        self.delays, self._last = [], None
        self._timer.start()
        until(holds)
        self._timer.stop()
        return f"{spread(self.delays)} ({len(self.delays)} ticks)"


def until(holds: Callable[[], object], every_ms: int = 50) -> None:
    """Runs the event loop until something holds, which is looked at every so many ms."""
    from PySide6.QtCore import QEventLoop, QTimer

    end = time.monotonic() + PATIENCE_S
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(every_ms)

    def look() -> None:
        if holds():
            loop.quit()
        elif time.monotonic() > end:
            loop.exit(1)

    timer.timeout.connect(look)
    timer.start()
    if not holds() and loop.exec():
        raise TimeoutError("the work did not come to an end")


def spread(taken_ms: Sequence[float]) -> str:
    """Median, 99th percentile and largest of times in ms, in words."""
    taken = sorted(taken_ms) or [0.0]
    return (
        f"p50 {statistics.median(taken):.1f} ms, p99 {taken[int(0.99 * (len(taken) - 1))]:.1f} "
        f"ms, max {taken[-1]:.1f} ms"
    )
