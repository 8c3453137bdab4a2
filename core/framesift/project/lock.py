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

from framesift.errors import EnvironmentProblem, InputError
from framesift.files import cannot_write, hold, read_json

NAME = "writer.lock"
_HELD = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK)


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
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise _foreign(path)
        try:
            # Whatever took its place since then is not followed either.
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            self._handle: int | None = os.open(path, flags, 0o666)
        except OSError as error:
            raise _unwritable(folder, noun, error) from error
        try:
            hold(self._handle)
            self._sign()
        except OSError as error:
            sentence = _refusal(folder, noun, way_out, error)
            self.release()
            raise sentence from error

    def _sign(self) -> None:
        assert self._handle is not None
        if os.fstat(self._handle).st_nlink > 1:
            # The file has another name, somewhere else: held, but never written.
            return
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


def _foreign(path: Path) -> InputError:
    return InputError(
        f"{path} is a link or a device, which no Framesift made; remove it and try again."
    )


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
        holder = read_json(folder / NAME, 1 << 16)
        who = (
            f"{holder['program']}, process {int(holder['pid'])} on {holder['host']}, "
            f"since {holder['since']}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return EnvironmentProblem(
        f"The {noun} {folder} is being changed by another program ({who}); {way_out}."
    )
