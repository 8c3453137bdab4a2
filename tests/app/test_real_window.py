"""The application as its user starts it: a window on a real (virtual) screen, under a window
manager where there is one, driven from outside by another program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from framesift.labels import FrameLabels
from framesift.project import Project

NEEDED = ("Xvfb", "xdotool")
pytestmark = pytest.mark.skipif(
    any(shutil.which(one) is None for one in NEEDED) or sys.platform != "linux",
    reason=f"needs {' and '.join(NEEDED)}",
)
SIZE = (1440, 900)
PATIENCE_S = 300.0
FIRST_DRIVE = (60, 86)
DRAG = ((560, 120), (620, 260), (700, 500))


class Screen:
    """A screen that nobody sees, and a hand on its mouse and keyboard."""

    def __init__(self) -> None:
        ends, begins = os.pipe()
        self._server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(begins),
                "-nolisten",
                "tcp",
                "-screen",
                "0",
                f"{SIZE[0]}x{SIZE[1]}x24",
            ],
            pass_fds=[begins],
            stderr=subprocess.DEVNULL,
        )
        os.close(begins)
        with os.fdopen(ends) as pipe:
            self.name = f":{pipe.readline().strip()}"
        self.around = {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}
        manager = shutil.which("openbox")
        self._manager = manager and subprocess.Popen(
            [manager], env=self.around, stderr=subprocess.DEVNULL
        )

    def does(self, *words: object) -> str:
        """One command of xdotool."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            capture_output=True,
            text=True,
            env=self.around,
            check=False,
            timeout=PATIENCE_S,
        )
        return done.stdout.strip()

    def has(self, title: str) -> bool:
        """Whether a window of this title is seen."""
        return bool(self.does("search", "--onlyvisible", "--name", f"^{title}$"))

    def close(self) -> None:
        if self._manager:
            self._manager.terminate()
            self._manager.wait()
        self._server.terminate()
        self._server.wait()


@pytest.fixture
def screen() -> Iterator[Screen]:
    made = Screen()
    yield made
    made.close()


def _until(holds: Any, what: str) -> Any:
    end = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < end, what
        time.sleep(0.1)
    return found


def _soon(holds: Callable[[], object]) -> bool:
    """Whether something holds within 10 s, so that nothing is asked for twice in haste."""
    end = time.monotonic() + 10
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _labels(folder: Path) -> dict[Any, FrameLabels]:
    with Project.open(folder, readonly=True) as project:
        return dict(project.labels.all())


def _cycles(folder: Path) -> int:
    with Project.open(folder, readonly=True) as project:
        return len(project.ledger)


def _checkpoints(folder: Path) -> int:
    with Project.open(folder, readonly=True) as project:
        return len(project.checkpoints.all())


def _videos(folder: Path) -> int:
    with Project.open(folder, readonly=True) as project:
        return len(project.videos.all())


def _run(
    screen: Screen, folder: Path, output: Path, *drive: Callable[[Screen, Path], None]
) -> None:
    """Starts the application with a project, goes through it, and looks how it ended."""
    with (
        output.open("w") as words,
        subprocess.Popen(
            [sys.executable, "-m", "framesift_app", str(folder)],
            stdout=words,
            stderr=words,
            env=screen.around,
        ) as app,
    ):
        try:
            for step in drive:
                step(screen, folder)
            screen.does("key", "ctrl+q")
            app.wait(PATIENCE_S)
        finally:
            app.kill()
    assert app.returncode == 0, output.read_text()
    assert output.read_text() == ""


@pytest.mark.timeout(900)
def test_a_cycle_from_outside(scored: Any, screen: Screen, tmp_path: Path) -> None:
    folder = scored.folder
    scored.close()
    _run(screen, folder, tmp_path / "output", _shown, _label, _export, _tune)
    labels = _labels(folder)
    assert sorted(one.state for one in labels.values()) == ["labelled", "nothing"]
    (box,) = next(one for one in labels.values() if one.boxes).boxes
    assert box.category == "pedestrian"
    # The mouse went further down than to the right, over a picture of 128×96.
    assert 0 < box.width < box.height < 96
    # Opened again, it is as it was left.
    _run(screen, folder, tmp_path / "again", _shown, _remove)
    assert _labels(folder) == labels
    assert (_cycles(folder), _checkpoints(folder)) == (1, 1)


def _shown(screen: Screen, folder: Path) -> None:
    window = _until(
        lambda: screen.does(
            "search", "--onlyvisible", "--name", f"^{folder.name} – Framesift$"
        ),
        "a window",
    )
    screen.does("windowmove", window, 0, 0)
    screen.does("windowfocus", "--sync", window)


def _keys(screen: Screen, *keys: str) -> None:
    screen.does("key", "--delay", 300, *keys)
    time.sleep(1)


def _remove(screen: Screen, folder: Path) -> None:
    """The last entry of the menu that the right button brings on a drive, and undone."""

    def removed() -> bool:
        screen.does("key", "Escape")
        screen.does("mousemove", *FIRST_DRIVE, "click", 3)
        time.sleep(1)
        _keys(screen, "Up", "Return")
        return _soon(lambda: _videos(folder) == 0)

    _until(removed, "a drive removed by its menu")
    screen.does("key", "ctrl+z")
    _until(lambda: _videos(folder) == 1, "the drive back")


def _export(screen: Screen, folder: Path) -> None:
    _answer(screen, "ctrl+e", "Export labels")
    _until((folder / "export-coco").exists, "an export")


def _tune(screen: Screen, folder: Path) -> None:
    _answer(screen, "ctrl+shift+t", "Fine-tune the detector", "1")
    _until(lambda: _checkpoints(folder), "a checkpoint")


def _answer(screen: Screen, key: str, title: str, *typed: str) -> None:
    """Opens a dialog by its key, types into its first field, and says yes once it may be."""

    def opened() -> bool:
        _keys(screen, key)
        return _soon(lambda: screen.has(title))

    def answered() -> bool:
        _keys(screen, *typed, "Return")
        return _soon(lambda: not screen.has(title))

    _until(opened, title)
    _until(answered, f"an answer to {title}")


def _label(screen: Screen, folder: Path) -> None:
    def does(*keys: str) -> None:
        _keys(screen, *keys)

    def taken() -> bool:
        does("ctrl+t")
        return _soon(lambda: _cycles(folder) == 1)

    def drawn() -> bool:
        does("Escape", "f", "b")
        screen.does("mousemove", *DRAG[0], "mousedown", 1)
        for place in DRAG[1:]:
            screen.does("mousemove", *place)
        screen.does("mouseup", 1)
        return _soon(lambda: len(_labels(folder)) == 1)

    def nothing() -> bool:
        does("Escape", "shift+x", "space", "n")
        return _soon(lambda: len(_labels(folder)) == 2)

    # Nobody tells from outside when the window is ready for the next: it is asked again.
    _until(taken, "a cycle")
    _until(drawn, "a box")
    _until(nothing, "nothing there")
    screen.does("key", "ctrl+z")
    _until(lambda: len(_labels(folder)) == 1, "undo")
    screen.does("key", "ctrl+shift+z")
    _until(lambda: len(_labels(folder)) == 2, "redo")
