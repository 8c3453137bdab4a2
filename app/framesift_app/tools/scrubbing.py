"""How soon pictures come while somebody goes through a video of 1080p with a key frame every
250 frames, and how quick the window stays meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift_app.tools.watch import Watch, spread, until

if TYPE_CHECKING:
    from framesift_app.window import MainWindow

WIDTH, HEIGHT = 1920, 1080
FRAMES, GOP = 500, 250
JUMPS = 30
DRAG_S, DRAG_MS, DRAG_FRAMES = 6.0, 16, 5
"""How long somebody drags, after how many ms the pointer moves on, and by how many frames."""
FIRST_MS, EXACT_MS, BUSY_MS = 100, 600, 1000
"""What is promised: a picture, the exact one, and that while scoring."""
P99_MS, MOST_MS = 33, 100
"""What is promised of the window's thread."""


def write_clip(path: Path) -> None:
    """Writes a video of 1080p with H.264, B-frames and a key frame every 250 frames: a texture
    that moves, and a grain that changes."""
    import av

    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 216, (HEIGHT // 8, (WIDTH + FRAMES) // 8 + 1), np.uint8)
    ground = np.kron(coarse, np.ones((8, 8), np.uint8))
    grain = rng.integers(0, 4, (8, HEIGHT, WIDTH), np.uint8)
    chroma = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 4_000_000
        stream.options = {
            "preset": "superfast",
            "x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0",
        }
        for number in range(FRAMES):
            luma = ground[:, number : number + WIDTH] + grain[number % len(grain)]
            picture = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), "yuv420p")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


@dataclass
class Jumps:
    """Jumps to frames far from each other, one after the other. `first_ms`, `exact_ms`: from
    each request until a picture, and until the exact one, was painted; `processor_ms`: what all
    threads of this process worked until then."""

    window: MainWindow
    first_ms: list[float] = field(default_factory=list)
    exact_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)

    def go(self, numbers: Sequence[int]) -> None:
        """Shows each of these frames of the first drive."""
        session = self.window.session
        drive = session.footage.drives[0].key
        session.pictures.previewReady.connect(self._came)
        session.pictures.frameReady.connect(self._exact)
        for number in numbers:
            self._asked, self._early, self._there = time.perf_counter(), False, False
            self._worked = time.process_time()
            session.playhead.go_to(drive, number)
            until(lambda: self._there, every_ms=1)
        session.pictures.previewReady.disconnect(self._came)
        session.pictures.frameReady.disconnect(self._exact)

    def _came(self, *_: object) -> None:
        # The viewer heard of it first.
        self.window.docks.panels.viewer.canvas.repaint()
        if not self._early:
            self._early = True
            self.first_ms.append(1000 * (time.perf_counter() - self._asked))

    def _exact(self, *_: object) -> None:
        self._came()
        self._there = True
        self.exact_ms.append(1000 * (time.perf_counter() - self._asked))
        self.processor_ms.append(1000 * (time.process_time() - self._worked))

    def words(self, exact_ms: int) -> Iterator[str]:
        """The figures, with their bounds."""
        yield f"first picture {spread(self.first_ms)} (bound {FIRST_MS} ms)"
        yield f"exact picture {spread(self.exact_ms)} (bound {exact_ms} ms)"
        yield f"processor time until the exact picture {spread(self.processor_ms)}"


class Drag:
    """Drags the playhead through a drive, forth and back, as a hand on the ruler does."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._session = window, window.session
        self._shown: list[float] = []

    def go(self, watch: Watch) -> Iterator[str]:
        """The figures: the window's thread meanwhile, and how long no new picture came."""
        from PySide6.QtCore import QTimer

        canvas = self._window.docks.panels.viewer.canvas
        drive, self._shown = self._session.footage.drives[0].key, [time.perf_counter()]
        there_and_back = [*range(0, FRAMES, DRAG_FRAMES), *range(FRAMES, 0, -DRAG_FRAMES)]
        way = iter(there_and_back * 9)
        seen = [canvas.picture.key]
        end = time.monotonic() + DRAG_S

        def move() -> None:
            self._session.playhead.go_to(drive, next(way))
            if canvas.picture.key != seen[-1]:
                seen.append(canvas.picture.key)
                self._shown.append(time.perf_counter())

        timer = QTimer()
        timer.timeout.connect(move)
        timer.start(DRAG_MS)
        yield (
            f"window's thread {watch.during(lambda: time.monotonic() > end)} "
            f"(bounds: p99 {P99_MS} ms, max {MOST_MS} ms)"
        )
        timer.stop()
        self._shown.append(time.perf_counter())
        waits = 1000 * np.diff(self._shown)
        yield (
            f"{(len(self._shown) - 2) / DRAG_S:.0f} pictures a second, longest wait "
            f"{waits.max():.0f} ms"
        )


def scrubbing(folder: Path) -> Iterator[str]:
    """The figures: jumps and drags, idle and while the video is scored."""
    from framesift_app.dialogs.new_project import default_detector
    from framesift_app.window import MainWindow

    clip = folder / "long.mp4"
    write_clip(clip)
    window = MainWindow()
    window.resize(1440, 900)
    window.show()
    session, watch = window.session, Watch()
    rng = np.random.default_rng(1)
    try:
        session.new_project(folder / "scrubbed", ["pedestrian"], default_detector())
        until(lambda: session.folder)
        session.footage.add([clip])
        until(lambda: session.footage.drives and session.detector.view)
        until(lambda: session.jobs.active("add") is None)
        yield from _rows("idle", window, watch, rng, EXACT_MS)
        session.scores.start(every=1)
        until(lambda: session.scores.raw and np.isfinite(session.scores.raw["long"]).any())
        yield from _rows("while scoring", window, watch, rng, BUSY_MS)
        assert session.jobs.active("score") is not None
    finally:
        window.close()


def _rows(
    when: str, window: MainWindow, watch: Watch, rng: np.random.Generator, exact_ms: int
) -> Iterator[str]:
    title = f"scrub 1080p, a key frame every {GOP}, {when}: "
    jumps = Jumps(window)
    jumps.go([int(number) for number in rng.permutation(FRAMES)[:JUMPS]])
    for line in (*jumps.words(exact_ms), *Drag(window).go(watch)):
        yield title + line
