"""The window of the bundle, driven from outside by keys and clicks: the demo is opened, a frame
scored, a label drawn; the process is killed, and the label is there when it starts again."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from smoking.screen import Screen, wait_until
from smoking.subject import Subject

DRAWING_S = 900.0
PATIENCE_S = 180.0
"""For a busy machine; on an idle one all of it takes a minute."""
PICTURE = 2000
"""Colours that only a frame of a video has, the window's own words and lines have not."""
_BOX = ((640, 260), (700, 400))
"""Where a box is drawn, on the picture in the middle of the window."""


class Window:
    """One run of the window on a screen."""

    def __init__(self, subject: Subject, screen: Screen, title: str, *arguments: str) -> None:
        self.screen, self.process = screen, subject.start(*arguments, display=screen.name)
        began = time.monotonic()
        try:
            self.number = screen.wait_for_window(title, PATIENCE_S)
        except AssertionError as error:
            self.process.kill()
            raise AssertionError(f"{error}; it said: {self.process.communicate()}") from None
        self.seconds = time.monotonic() - began
        screen.focus(self.number)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        wait_until(
            lambda: not self.screen.tool("search", "--name", "Framesift"),
            "the window to go",
            PATIENCE_S,
        )

    def quit(self) -> None:
        """Ends it as a user would."""
        self.screen.focus(self.number)
        self.screen.keys("ctrl+q")
        try:
            _, err = self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the window does not close") from None
        assert self.process.returncode == 0, f"{self.process.returncode}: {err}"
        assert "Traceback" not in err, err


def window(subject: Subject, pictures: Path) -> str:
    """All of it; pictures go to a folder."""
    screen = Screen()
    running: list[Window] = []
    try:
        first = Window(subject, screen, "Framesift")
        running.append(first)
        screen.picture(pictures / "1-start.png")
        project = subject.home / ".local" / "share" / "framesift" / "demo"
        screen.keys("alt+f", "d")
        wait_until(
            lambda: _number(project, "SELECT sum(scored) FROM series"),
            "a frame of the demo to be scored",
            DRAWING_S,
        )
        screen.picture(pictures / "2-demo.png")
        _draw_label(screen, first, project, pictures)
        first.kill()
        again = Window(subject, screen, "demo", str(project))
        running.append(again)
        assert _labels(project) == 1, "the label that was drawn before the kill is gone"
        wait_until(lambda: screen.colours() > PICTURE, "the demo's picture again", PATIENCE_S)
        screen.picture(pictures / "4-reopened.png")
        # The journal came back, too: the label can be undone.
        screen.keys("ctrl+z")
        wait_until(lambda: _labels(project) == 0, "the label to be undone", PATIENCE_S)
        again.quit()
        _no_reports(subject)
        return f"painted after {first.seconds:.1f} s and again {again.seconds:.1f} s"
    finally:
        for program in running:
            if program.process.poll() is None:
                program.process.kill()
                program.process.communicate()
        screen.close()


def _draw_label(screen: Screen, shown: Window, project: Path, pictures: Path) -> None:
    wait_until(lambda: screen.colours() > PICTURE, "the demo's picture", PATIENCE_S)
    screen.focus(shown.number)
    screen.keys("b")
    screen.drag(*_BOX)
    wait_until(lambda: _labels(project) == 1, "the label on the disk", PATIENCE_S)
    screen.picture(pictures / "3-label.png")


def _labels(project: Path) -> int:
    return _number(project, "SELECT sum(boxes) FROM labels")


def _number(project: Path, question: str) -> int:
    """What the project's file answers; 0 while there is none."""
    path = project / "project.sqlite"
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            return int(database.execute(question).fetchone()[0] or 0)
    except sqlite3.OperationalError:
        # It is being made.
        return 0


def _no_reports(subject: Subject) -> None:
    """Nothing went wrong inside, and an orderly end leaves nothing behind."""
    folder = subject.home / ".local" / "share" / "framesift" / "crashes"
    reports = [*folder.glob("*.txt")]
    assert not reports, "\n".join(path.read_text(encoding="utf-8") for path in reports)


def possible() -> bool:
    """Whether the window can be driven here."""
    return sys.platform.startswith("linux")
