"""Trying an ONNX file in a child process, before it may run in this one.

A few kilobytes can hold a loop without end, or ask for gigabytes. The child has limits of time
and memory by the size of the file, and what it got through is remembered by its sha256.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from framesift.detectors.onnx.attempt import MEMORY
from framesift.detectors.weights import store
from framesift.errors import EnvironmentProblem, InputError
from framesift.product.processes import command_for

SECONDS = 5.0
"""Processor time for a small model; a large one gets a second more for every so many bytes."""
BYTES_A_SECOND = 4 << 20
PATIENCE = 8
"""Wall-clock seconds for each second of processor time: other programs want it, too."""
ROOM = 768 << 20
"""Bytes of memory for a small model; a large one gets four times its size more."""
SLACK = 256 << 20
"""What the child holds beside the model."""
_known: set[str] = set()


def try_out(name: str, content: bytes) -> None:
    """Raises InputError for a model that does not end or wants too much memory when it is
    loaded and shown a picture. One that fails otherwise is left to whoever loads it."""
    key = hashlib.sha256(content).hexdigest()
    if key in _known or key in _remembered():
        return
    seconds, room = SECONDS + len(content) / BYTES_A_SECOND, ROOM + 4 * len(content)
    with tempfile.TemporaryFile() as file:
        file.write(b"%d\n" % room)
        file.write(content)
        file.seek(0)
        try:
            child = subprocess.Popen(
                command_for("try-onnx"),
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise EnvironmentProblem(
                f"Cannot start a process to try the model {name} in ({error.strerror}); close "
                "other programs and try again."
            ) from error
        try:
            excess = _watch(child, seconds, room)
        finally:
            child.kill()
            status = child.wait()
    if excess is None and status == MEMORY:
        excess = f"wants more than {room >> 20} MB of memory for a picture"
    if excess is not None:
        raise InputError(f"The model {name} {excess}; export it again, or get another.")
    _known.add(key)
    _remember(key)


def _watch(child: subprocess.Popen[bytes], seconds: float, room: int) -> str | None:
    """Waits for the child; what it did too much of."""
    end = time.monotonic() + PATIENCE * seconds
    watched = psutil.Process(child.pid)
    base = 0
    while child.poll() is None:
        with contextlib.suppress(psutil.Error):
            times, held = watched.cpu_times(), watched.memory_info().rss
            base = base or held
            if held > base + room + SLACK:
                return f"wants more than {room >> 20} MB of memory for a picture"
            if times.user + times.system > seconds or time.monotonic() > end:
                return f"does not end with a picture within {seconds:.0f} s of processor time"
        time.sleep(0.02)
    return None


def _file() -> Path:
    return store.folder().parent / "tried-onnx"


def _remembered() -> set[str]:
    with contextlib.suppress(OSError, ValueError):
        return {*_file().read_text("ascii").split()}
    return set()


def _remember(key: str) -> None:
    # Without the file a model is tried again next time, and that is all.
    with contextlib.suppress(OSError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        with _file().open("a", encoding="ascii") as file:
            file.write(f"{key}\n")
