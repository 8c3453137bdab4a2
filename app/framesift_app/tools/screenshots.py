"""`python -m framesift_app.tools.screenshots OUT [WIDTHxHEIGHT ...]`: the window's pictures,
light and dark, 1440×900 unless sizes are named.

Draws three drives, scores them, takes picks, labels some with the drawn truth, tracks one,
fine-tunes, checks the labels, and takes pictures at each station: of the window in each size,
of dialogs once. Those of sizes after the first have the size in their name. Everything happens
in a temporary folder and offscreen; QT_SCALE_FACTOR=2 gives pictures for screens of high
density.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from framesift_app.tools.camera import Camera, shown_dialog

if TYPE_CHECKING:
    from framesift.labels import FrameKey
    from framesift.synth import SynthDrive
    from framesift_app.window import MainWindow

SIZE = (1440, 900)
PATIENCE_S = 900.0
FRAMES = 150
EVERY = 5
LOW = 24


class Stations:
    """Goes from station to station of a first cycle; `shoot(name)` takes the pictures."""

    def __init__(self, window: MainWindow, folder: Path, shoot: Callable[[str], None]) -> None:
        self.window, self.session = window, window.session
        self.folder, self.shoot = folder, shoot
        self.truth: dict[str, SynthDrive] = {}

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Lets the window live until something holds."""
        from PySide6.QtCore import QEventLoop
        from PySide6.QtWidgets import QApplication

        end = time.monotonic() + PATIENCE_S
        while not holds():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
            time.sleep(0.01)
            if time.monotonic() > end:
                raise TimeoutError(what)

    def rest(self, seconds: float = 0.6) -> None:
        """Lets late pictures arrive."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end, "a pause")

    def seen(self) -> None:
        """Waits until the picture at the playhead and its heat map, where it is on, are shown,
        and lets thumbnails and proposals arrive."""
        from framesift_app.workbench import Workbench

        picture = self.window.docks.panels.viewer.canvas.picture
        hot = Workbench.of(self.session).view.heat
        self.until(lambda: picture.key == self.session.playhead.key, "a picture")
        self.until(lambda: picture.heat is not None or not hot, "a heat map")
        self.rest(3)

    def run(self) -> None:
        """All stations."""
        self.rest(0.2)
        self.shoot("welcome")
        self._dialogs(("new",))
        self._footage()
        self._score()
        self._pick()
        self._label()
        self._dialogs(("train", "plan", "import", "export", "settings", "keys", "about"))
        self._train()
        self._again()

    def _dialogs(self, names: tuple[str, ...]) -> None:
        for name in names:
            self.window.trigger(name)
            self.rest(0.3)
            dialog = shown_dialog()
            self.shoot(f"dialog-{name}")
            if dialog is not None:
                dialog.close()

    def _footage(self) -> None:
        from framesift.synth import drive, write_drive

        paths = []
        for name, seed, look in (
            ("monday_am", 7, "source"),
            ("monday_pm", 11, "target"),
            ("tuesday_am", 5, "source"),
        ):
            drawn = drive(seed=seed, look=look, frames=FRAMES)
            paths.append(self.folder / f"{name}.mp4")
            for _ in write_drive(drawn, paths[-1]):
                pass
            self.truth[name] = drawn
        from framesift_app.dialogs.new_project import default_detector

        self.session.new_project(
            self.folder / "week47", ["pedestrian", "rider"], default_detector()
        )
        self.until(lambda: self.session.folder is not None, "a project")
        self.rest()
        self.shoot("empty-project")
        self.session.footage.add(paths)
        self.until(
            lambda: len(self.session.footage.drives) == 3 and self.session.detector.view,
            "footage",
        )
        self.session.footage.sample_evaluation(12)
        self.until(lambda: self.session.footage.sampled, "evaluation frames")

    def _score(self) -> None:
        self.session.selection.set_rules(budget=14, delta1="0.2s", delta2="0.2s")
        self.session.scores.start(every=EVERY)
        frames = sum(len(d) for d in self.session.footage.drives) / EVERY

        def some() -> bool:
            job = self.session.jobs.active("score")
            done = job.progress.done if job is not None and job.progress is not None else 0
            return job is None or done > 0.55 * frames

        self.until(some, "half of the scores")
        self.rest()
        self.shoot("scoring")
        self.until(lambda: self.session.jobs.active("score") is None, "scores")

    def _pick(self) -> None:
        self.session.playhead.go_to(*self._best())
        self.window.trigger("heat")
        self.seen()
        self.shoot("timeline")
        self.window.trigger("heat")

    def _best(self) -> tuple[str, int]:
        pick = self.session.picks.all[0]
        return pick.drive, pick.drive_frame

    def _label(self) -> None:
        session = self.session
        session.picks.take()
        self.until(lambda: session.cycles.all and not session.selection.choosing, "a cycle")
        keys = sorted((pick.key for pick in session.picks.all), key=self._largest)
        more = (
            drive.key_of(n) for drive in session.footage.drives for n in range(5, FRAMES, 48)
        )
        for key in (*keys[2:-1], *session.footage.sampled, *more):
            self._label_truly(key)
        self.until(lambda: not session.journal.writing, "labels on the disk")
        session.playhead.go_to_key(keys[-1])
        self.seen()
        self._label_truly(keys[-1])
        labels = session.labels.of(keys[-1])
        if labels.ids:
            from framesift_app.workbench import Workbench

            best = max(labels.ids, key=lambda number: labels.box(number).height)
            Workbench.of(session).boxes.select(best)
        self.rest()
        self.shoot("labelling")
        self._track(keys[-1])
        self.window.docks.raise_panel("frames")
        self.rest(2)
        self.shoot("frames")

    def _track(self, key: FrameKey) -> None:
        """The largest person is followed, and seen half a second later."""
        from framesift_app.workbench import Workbench

        session, bench = self.session, Workbench.of(self.session)
        bench.tracks.toggle()
        self.until(lambda: bench.tracks.hand is not None, "a track in hand")
        bench.tracks.follow()
        self.rest()
        self.until(lambda: session.jobs.active("follow") is None, "a followed track")
        self.until(lambda: not session.journal.writing, "the track on the disk")
        session.playhead.go_to(key.video, min(key.frame + 15, FRAMES - 1))
        self.seen()
        self.shoot("track")
        bench.tracks.lay_down()

    def _largest(self, key: FrameKey) -> float:
        """The area of the largest person in a frame."""
        boxes = self.truth[key.video].labels(key.frame)
        return max((box.width * box.height for box in boxes if not box.ignore), default=0.0)

    def _label_truly(self, key: FrameKey) -> None:
        from framesift.labels import FrameLabels

        boxes = self.truth[key.video].labels(key.frame)
        self.session.labels.change(key, FrameLabels.of(boxes), f"{len(boxes)} boxes")

    def _train(self) -> None:
        from framesift.training import TrainSettings

        session = self.session
        session.detector.evaluate(min_height=LOW)
        self.until(lambda: session.jobs.active("evaluate") is None, "a measurement")
        self.window.docks["training"].raise_()
        session.training.start(
            TrainSettings(
                epochs=3, batch=4, min_height=LOW, learning_rate=1e-4, final_learning_rate=1e-5
            )
        )
        self.until(
            lambda: (
                session.jobs.active("train") is None
                or (
                    len(session.training.view.losses) >= 14
                    and len(session.training.view.validated) >= 2
                )
            ),
            "some epochs",
        )
        self.rest()
        self.shoot("training")
        self.until(lambda: session.jobs.active("train") is None, "training")

    def _again(self) -> None:
        session = self.session
        self.until(
            lambda: (
                session.detector.view
                and session.detector.view.source == session.detector.source
            ),
            "a detector",
        )
        session.scores.start(every=EVERY)
        self.until(lambda: session.jobs.active("score") is None, "scores")
        session.detector.evaluate(min_height=LOW)
        self.until(lambda: session.jobs.active("evaluate") is None, "a measurement")
        self.rest()
        self.window.docks["cycles"].raise_()
        if session.picks.all:
            session.playhead.go_to_key(session.picks.all[0].key)
        self.seen()
        self.shoot("cycles")
        self.window.trigger("check")
        self.rest()
        self.until(lambda: session.jobs.active("check") is None, "checked labels")
        self.rest(2)
        self.shoot("check")
        self.window.trigger("map")
        self.until(lambda: session.frame_maps.latest, "a map")
        self.rest()
        self.shoot("dialog-map")


def shots(out: Path, sizes: Sequence[tuple[int, int]] = (SIZE,)) -> Iterator[Path]:
    """Takes all pictures, of a window in these sizes in pixels; yields their paths."""
    from PySide6.QtWidgets import QApplication

    from framesift_app.window import MainWindow

    app = QApplication.instance() or QApplication([])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="framesift-shots-") as folder:
        os.environ["FRAMESIFT_SETTINGS"] = str(Path(folder) / "settings.ini")
        window = MainWindow()
        window.resize(*sizes[0])
        window.show()
        camera = Camera(window, out, sizes)
        try:
            Stations(window, Path(folder), camera).run()
        finally:
            window.close()
            app.processEvents()
    yield from camera.made


def main() -> int:
    """Takes the pictures into the folder that the command line names."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    out, *sizes = sys.argv[1:] or [""]
    asked = [re.fullmatch(r"(\d+)x(\d+)", size) for size in sizes]
    if not out or out.startswith("-") or None in asked:
        sys.stdout.write(
            "usage: python -m framesift_app.tools.screenshots OUT [WIDTHxHEIGHT ...]\n"
        )
        return 2
    chosen = [(int(size[1]), int(size[2])) for size in asked if size is not None]
    for path in shots(Path(out), chosen or (SIZE,)):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
