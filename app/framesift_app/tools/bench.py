"""`python -m framesift_app.tools.bench [PART ...]`: how quick the window stays.

Prints one figure a line, of all parts or of those named. `start`: the start, where Xvfb and
xdotool are installed; `million`: panning and selecting again on a timeline of a million frames;
`scrub`: going through a video of 1080p; `work`: the event loop while a drawn drive is scored,
and while the detector trains.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from framesift_app.tools.scrubbing import scrubbing
from framesift_app.tools.watch import Watch, until

MILLION = 1_000_000


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
        session.footage.add([folder / "drive.mp4"])
        until(lambda: session.footage.drives and session.detector.view)
        session.selection.set_rules(budget=6, delta1=6)
        session.scores.start(every=3)
        yield "window while scoring: " + watch.during(
            lambda: session.jobs.active("score") is None
        )
        session.picks.take()
        until(lambda: session.cycles.all)
        for pick in session.picks.all:
            boxes = drawn.labels(pick.drive_frame)
            session.labels.change(
                pick.key,
                session.labels.of(pick.key).with_boxes(
                    *(box for box in boxes if box.category in session.labels.classes)
                ),
                "drawn",
            )
        session.training.start(
            TrainSettings(epochs=3, batch=2, min_height=20, validate_every=0)
        )
        yield "window while training: " + watch.during(
            lambda: session.jobs.active("train") is None
        )
    finally:
        window.close()


def million() -> Iterator[str]:
    """Times on a timeline of a million frames: a redraw while it is panned, and from a rule's
    change to the picks redrawn."""
    from PySide6.QtWidgets import QApplication

    from framesift.project import StoredDrive, VideoRecord
    from framesift_app.panels.timeline import TimelinePanel
    from framesift_app.session import Session

    video = VideoRecord(
        "v",
        "v.mp4",
        Path("v.mp4"),
        "0",
        "file",
        None,
        MILLION,
        30.0,
        640,
        480,
        "pool",
        "v",
        0,
        0.0,
    )
    noise = np.random.default_rng(0).random(MILLION)
    session = Session()
    panel = TimelinePanel(session)
    panel.resize(1440, 260)
    panel.show()
    QApplication.processEvents()
    session.footage.drives = (StoredDrive("v", (video,)),)
    raw = np.convolve(noise, np.ones(30) / 30, "same").astype(np.float32)
    session.scores.signals = {signal: {"v": raw} for signal in session.scores.strategy.signals}
    session.scores.taken = {"v": tuple(range(0, MILLION, 5000))}
    session.projectChanged.emit()
    session.footage.changed.emit()
    session.selection.set_rules(budget=200, look_alike="off")
    session.scores.changed.emit("v")
    view, screen = panel.view, panel.windowHandle()
    until(lambda: session.selection.settled and screen is not None and screen.isExposed())

    def panned(span: int) -> Callable[[int], None]:
        def pan(step: int) -> None:
            start = (step * span / 40) % (MILLION - span + 1)
            view.viewport.show_range(start, start + span)
            view.canvas.viewport().repaint()

        return pan

    def ruled(rule: str, values: Sequence[object]) -> Callable[[int], None]:
        def rule_by(step: int) -> None:
            session.selection.set_rules(**{rule: values[step % len(values)]})
            while not session.selection.settled:
                QApplication.processEvents()
            view.canvas.viewport().repaint()

        return rule_by

    for span in (MILLION - 1, 300_000, 20_000, 600):
        yield f"panning, {span:,} of 1,000,000 frames shown: {times(panned(span))}"
    view.viewport.fit()
    for rule, values in (
        ("budget", [100, 150, 200, 250, 300]),
        ("delta1", ["1s", "2s", "5s", "10s", "20s"]),
        ("delta2", ["1s", "2s", "5s", "10s", "20s"]),
        ("sigma", [5.0, 8.0, 12.0, 20.0]),
        ("half_window", [10, 15, 20, 30]),
    ):
        yield f"{rule} on 1,000,000 frames: {times(ruled(rule, values))}"
    panel.close()
    session.close()


def starting(runs: int = 5) -> Iterator[str]:
    """The time from starting the program until its window is seen from outside, on a screen
    of Xvfb, by xdotool; nothing where these are not installed."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        return
    ends, begins = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(begins), "-nolisten", "tcp"],
        pass_fds=[begins],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(begins)
        with os.fdopen(ends) as pipe:
            screen = f":{pipe.readline().strip()}"
        around = {**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
        look = ["xdotool", "search", "--onlyvisible", "--name", "Framesift"]
        taken = []
        for _ in range(runs):
            began = time.perf_counter()
            with subprocess.Popen([sys.executable, "-m", "framesift_app"], env=around) as app:
                while not subprocess.run(
                    look, env=around, capture_output=True, check=False
                ).stdout:
                    time.sleep(0.02)
                taken.append(time.perf_counter() - began)
                app.terminate()
        server.terminate()
    yield (
        f"window seen after the start: first {taken[0]:.2f} s, then median "
        f"{statistics.median(taken[1:]):.2f} s, max {max(taken[1:]):.2f} s"
    )


def times(work: Callable[[int], None], count: int = 40) -> str:
    """How long steps of work take, in words."""
    taken = []
    for step in range(count):
        began = time.perf_counter()
        work(step)
        taken.append(1000 * (time.perf_counter() - began))
    return f"median {statistics.median(taken):.1f} ms, max {max(taken):.1f} ms"


PARTS: dict[str, Callable[[Path], Iterator[str]]] = {
    "start": lambda _: starting(),
    "million": lambda _: million(),
    "scrub": scrubbing,
    "work": measure,
}


def main() -> int:
    """Prints the figures of all parts, or of those that the command line names."""
    named = sys.argv[1:] or list(PARTS)
    if not PARTS.keys() >= set(named):
        sys.stdout.write(
            f"usage: python -m framesift_app.tools.bench [{' | '.join(PARTS)} …]\n"
        )
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="framesift-bench-") as folder:
        os.environ["FRAMESIFT_SETTINGS"] = str(Path(folder) / "settings.ini")
        from PySide6.QtWidgets import QApplication

        app = QApplication.instance() or QApplication([])
        for name in named:
            for line in PARTS[name](Path(folder)):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
        del app
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
