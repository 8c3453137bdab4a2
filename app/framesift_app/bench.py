"""`python -m framesift_app.bench`: how quick the window stays.

Watches the event loop while a drawn drive is scored and while the detector trains, and times
selecting again on a million frames. Prints one figure a line.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

PATIENCE_S = 900.0
TICK_MS = 5
MILLION = 1_000_000


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

    def during(self, holds: Callable[[], Any]) -> str:
        """Watches until something holds; the figures, in words."""
        self.delays, self._last = [], None
        self._timer.start()
        until(holds)
        self._timer.stop()
        found = sorted(self.delays) or [0.0]
        return (f"p50 {statistics.median(found):.1f} ms, p99 "
                f"{found[int(0.99 * (len(found) - 1))]:.1f} ms, max {found[-1]:.1f} ms "
                f"({len(found)} ticks)")


def until(holds: Callable[[], Any]) -> None:
    """Runs the event loop until something holds."""
    from PySide6.QtCore import QEventLoop, QTimer

    end = time.monotonic() + PATIENCE_S
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(50)

    def look() -> None:
        if holds():
            loop.quit()
        elif time.monotonic() > end:
            loop.exit(1)

    timer.timeout.connect(look)
    timer.start()
    if not holds() and loop.exec():
        raise TimeoutError("the work did not come to an end")


def measure(folder: Path) -> Iterator[str]:
    """The figures, one after the other."""
    from framesift.synth import drive, write_drive
    from framesift.training import TrainSettings
    from framesift_app.dialogs.new_project import default_detector
    from framesift_app.window import MainWindow

    drawn = drive(seed=3, frames=90)
    for _ in write_drive(drawn, folder / "drive.mp4"):
        pass
    window = MainWindow()
    window.resize(1440, 900)
    window.show()
    session, watch = window.session, Watch()
    try:
        session.new_project(folder / "project", ["pedestrian"], default_detector())
        until(lambda: session.folder)
        session.add_footage([folder / "drive.mp4"])
        until(lambda: session.drives and session.detector)
        session.set_rules(budget=6, delta1=6)
        session.score(every=3)
        yield "window while scoring: " + watch.during(lambda: session.job("score") is None)
        session.take_picks()
        until(lambda: session.cycles)
        for pick in session.picks:
            boxes = drawn.labels(pick.drive_frame)
            session.change_labels(
                pick.key, session.labels(pick.key).with_boxes(
                    *(box for box in boxes if box.category in session.classes)), "drawn")
        session.train(TrainSettings(epochs=3, batch=2, min_height=20, validate_every=0))
        yield "window while training: " + watch.during(lambda: session.job("train") is None)
    finally:
        window.close()


def selecting() -> Iterator[str]:
    """Times of selecting again on a million frames."""
    from framesift.picking import Rules
    from framesift.project import StoredDrive, VideoRecord
    from framesift_app.session.selecting import Ingredients, selected, smoothed

    video = VideoRecord("v", "v.mp4", Path("v.mp4"), "0", "file", None, MILLION, 30.0, 640, 480,
                        "pool", "v", 0, 0.0)
    drives = (StoredDrive("v", (video,)),)
    noise = np.random.default_rng(0).random(MILLION)
    raw = {"v": np.convolve(noise, np.ones(30) / 30, "same").astype(np.float32)}
    rules = Rules(budget=200, look_alike="off")
    curves = smoothed(drives, raw, rules)
    made_from = Ingredients(drives, raw, None, {"v": tuple(range(0, MILLION, 5000))}, {})
    yield (f"σ or window on 1,000,000 frames: "
           f"{timed(lambda: smoothed(drives, raw, rules)):.0f} ms")
    yield (f"b or Δt on 1,000,000 frames: "
           f"{timed(lambda: selected(made_from, curves, rules)):.0f} ms")


def timed(work: Callable[[], Any], times: int = 7) -> float:
    """The median time in ms."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def main() -> int:
    """Prints the figures."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="framesift-bench-") as folder:
        os.environ["FRAMESIFT_SETTINGS"] = str(Path(folder) / "settings.ini")
        from PySide6.QtWidgets import QApplication

        app = QApplication.instance() or QApplication([])
        for line in selecting():
            sys.stdout.write(line + "\n")
        for line in measure(Path(folder)):
            sys.stdout.write(line + "\n")
        del app
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
