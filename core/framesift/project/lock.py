"""One writer at a time: a lock of the operating system, which dies with its process."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
import time
from pathlib import Path

from framesift.errors import EnvironmentProblem
from framesift.files import cannot_write

NAME = "writer.lock"
_HELD = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK)

if sys.platform == "win32":
    import msvcrt

    _FAR = 0x7FFF0000

    def _lock(handle: int) -> None:
        # Windows keeps others from reading locked bytes: lock one beyond the text.
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class WriterLock:
    """Holds the right to write a folder from construction to `release`.

    The file says who holds it, for the sentence that a second writer gets (`noun` and
    `way_out` are words of it); what counts is the operating system's lock on it. Raises
    EnvironmentProblem when another has it or the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        noun: str = "project",
        way_out: str = "close it there first, or open it for reading only",
    ) -> None:
        path = folder / NAME
        try:
            self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise _unwritable(folder, noun, error) from error
        try:
            _lock(self._handle)
            self._sign()
        except OSError as error:
            sentence = _refusal(folder, noun, way_out, error)
            self.release()
            raise sentence from error

    def _sign(self) -> None:
        assert self._handle is not None
        text = json.dumps(
            {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "program": Path(sys.argv[0]).name or "python",
                "since": time.strftime("%Y-%m-%d %H:%M:%S"),
            }
        )
        # A full disk is no reason to refuse reading and undoing; the lock itself is held.
        with contextlib.suppress(OSError):
            os.ftruncate(self._handle, 0)
            os.write(self._handle, text.encode())

    def release(self) -> None:
        """Gives the right back; twice is no harm. The file stays: to remove it would let a
        third process lock a new one while a second waits for the old."""
        if self._handle is not None:
            # Only closing: unlocking in a forked child would unlock the parent's, too.
            os.close(self._handle)
            self._handle = None


def _unwritable(folder: Path, noun: str, error: OSError) -> EnvironmentProblem:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EnvironmentProblem(
            f"The {noun} {folder} cannot be written ({error.strerror}); open it for reading "
            "only, or copy it to a folder that you may write to."
        )
    return cannot_write(folder, error)


def _refusal(folder: Path, noun: str, way_out: str, error: OSError) -> EnvironmentProblem:
    if error.errno not in _HELD:
        return EnvironmentProblem(
            f"The disk of {folder} cannot lock files ({error.strerror}), as some network disks "
            f"cannot; copy the {noun} to a local disk."
        )
    try:
        holder = json.loads((folder / NAME).read_text(encoding="utf-8"))
        who = (
            f"{holder['program']}, process {int(holder['pid'])} on {holder['host']}, "
            f"since {holder['since']}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return EnvironmentProblem(
        f"The {noun} {folder} is being changed by another program ({who}); {way_out}."
    )
