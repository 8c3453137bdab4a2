"""The application as its user starts it: a window on a real (virtual) screen, driven from
outside by another program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
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
PATIENCE_S = 120.0
DRAG = ((560, 200), (620, 260), (660, 360))


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

    def does(self, *words: object) -> str:
        """One command of xdotool."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            capture_output=True,
            text=True,
            env={**os.environ, "DISPLAY": self.name},
            check=False,
            timeout=PATIENCE_S,
        )
        return done.stdout.strip()

    def close(self) -> None:
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


def _labels(folder: Path) -> dict[Any, FrameLabels]:
    with Project.open(folder, readonly=True) as project:
        return dict(project.labels.all())


def _cycles(folder: Path) -> int:
    with Project.open(folder, readonly=True) as project:
        return len(project.ledger)


def test_a_cycle_from_outside(scored: Any, screen: Screen, tmp_path: Path) -> None:
    folder = scored.folder
    scored.close()
    output = tmp_path / "output"
    with (
        output.open("w") as words,
        subprocess.Popen(
            [sys.executable, "-m", "framesift_app", str(folder)],
            stdout=words,
            stderr=words,
            env={**os.environ, "DISPLAY": screen.name, "QT_QPA_PLATFORM": "xcb"},
        ) as app,
    ):
        try:
            _drive(screen, folder)
            app.wait(PATIENCE_S)
        finally:
            app.kill()
    assert app.returncode == 0, output.read_text()
    assert output.read_text() == ""
    labels = _labels(folder)
    assert sorted(one.state for one in labels.values()) == ["labelled", "nothing"]
    (box,) = next(one for one in labels.values() if one.boxes).boxes
    assert box.category == "pedestrian"
    # The mouse went further down than to the right, over a picture of 128×96.
    assert 0 < box.width < box.height < 96


def _drive(screen: Screen, folder: Path) -> None:
    window = _until(
        lambda: screen.does("search", "--onlyvisible", "--name", "^week – Framesift$"),
        "a window",
    )
    screen.does("windowmove", window, 0, 0)
    screen.does("windowfocus", "--sync", window)

    def does(*keys: str) -> None:
        screen.does("key", "--delay", 300, *keys)
        time.sleep(1)

    def taken() -> bool:
        does("ctrl+t")
        return _cycles(folder) == 1

    def drawn() -> bool:
        does("b")
        screen.does("mousemove", *DRAG[0], "mousedown", 1)
        for place in DRAG[1:]:
            screen.does("mousemove", *place)
        screen.does("mouseup", 1)
        time.sleep(2)
        return len(_labels(folder)) == 1

    def nothing() -> bool:
        does("Escape", "shift+x", "space", "n")
        return len(_labels(folder)) == 2

    # Nobody tells from outside when the window is ready for the next: it is asked again.
    _until(taken, "a cycle")
    _until(drawn, "a box")
    _until(nothing, "nothing there")
    screen.does("key", "ctrl+z")
    _until(lambda: len(_labels(folder)) == 1, "undo")
    screen.does("key", "ctrl+shift+z")
    _until(lambda: len(_labels(folder)) == 2, "redo")
    screen.does("key", "ctrl+q")
