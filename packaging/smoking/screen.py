"""A screen that nobody sees (Xvfb), keys and clicks on it (xdotool), and pictures of it."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

SIZE = (1600, 1000)
NEEDED = ("Xvfb", "xdotool")
_POLL_S = 0.02


class Screen:
    """An X server of its own, with its content in a file that can be read from outside."""

    def __init__(self) -> None:
        missing = [name for name in NEEDED if shutil.which(name) is None]
        if missing:
            raise AssertionError(f"the window needs {' and '.join(missing)}; install it")
        self._folder = tempfile.mkdtemp(prefix="framesift-screen-")
        # The server chooses a free number and says it.
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                f"{SIZE[0]}x{SIZE[1]}x24",
                "-fbdir",
                self._folder,
                "-nolisten",
                "tcp",
            ],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise AssertionError("Xvfb did not start")
        self.name = f":{number}"

    def close(self) -> None:
        """Ends the server."""
        self._server.terminate()
        self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def pixels(self) -> tuple[int, int, int, memoryview]:
        """Width, height, bytes of a row and the rows, four bytes (blue, green, red, none) a
        pixel."""
        data = (Path(self._folder) / "Xvfb_screen0").read_bytes()
        head = struct.unpack(">25I", data[:100])
        begin = head[0] + head[19] * 12
        return head[4], head[5], head[12], memoryview(data)[begin : begin + head[5] * head[12]]

    def colours(self) -> int:
        """How many different colours the screen shows, every fourth pixel looked at."""
        _, _, _, rows = self.pixels()
        return len(set(rows.cast("I")[::4]))

    def picture(self, path: Path) -> Path:
        """Writes the screen as a PNG file."""
        width, height, stride, rows = self.pixels()
        lines = bytearray()
        for y in range(height):
            row = rows[y * stride : y * stride + 4 * width]
            line = bytearray(3 * width)
            line[0::3], line[1::3], line[2::3] = row[2::4], row[1::4], row[0::4]
            lines += b"\0" + line
        parts = [
            (b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(lines), 6)),
            (b"IEND", b""),
        ]
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + b"".join(
                struct.pack(">I", len(data))
                + kind
                + data
                + struct.pack(">I", zlib.crc32(kind + data))
                for kind, data in parts
            )
        )
        return path

    def tool(self, *arguments: str) -> str:
        """Runs xdotool; what it said. It says nothing where it fails."""
        done = subprocess.run(
            ["xdotool", *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, "DISPLAY": self.name},
            check=False,
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def wait_for_window(self, title: str, patience_s: float) -> str:
        """The number of the visible window whose title matches, once it is painted."""
        windows: list[str] = []

        def there() -> bool:
            windows[:] = self.tool("search", "--onlyvisible", "--name", title).split()
            return bool(windows) and self.colours() > 16

        wait_until(there, f"a window titled {title}", patience_s)
        return windows[0]

    def focus(self, window: str) -> None:
        """Gives a window the keyboard; no window manager does it here."""
        self.tool("windowfocus", "--sync", window)

    def keys(self, *names: str) -> None:
        """Presses keys, one after the other."""
        for name in names:
            self.tool("key", name)
            time.sleep(0.1)

    def click(self, x: int, y: int) -> None:
        self.tool("mousemove", str(x), str(y), "click", "1")

    def drag(self, begin: tuple[int, int], end: tuple[int, int]) -> None:
        """Draws with the left button, in steps as a hand does."""
        self.tool("mousemove", *map(str, begin), "mousedown", "1")
        steps = 8
        for step in range(1, steps + 1):
            x, y = (round(a + (b - a) * step / steps) for a, b in zip(begin, end, strict=True))
            self.tool("mousemove", str(x), str(y))
            time.sleep(0.03)
        self.tool("mouseup", "1")


def wait_until(holds: Callable[[], object], what: str, patience_s: float) -> float:
    """Waits until something holds; the seconds it took. AssertionError when it never does."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > patience_s:
            raise AssertionError(f"waited {patience_s:g} s in vain for {what}")
        time.sleep(_POLL_S)
    return time.monotonic() - began
