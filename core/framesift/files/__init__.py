"""Writing files so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framesift.errors import EnvironmentProblem, InputError
from framesift.files.printable import utf8

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EACCES: "permission is denied; choose a folder that you may write to",
    errno.EPERM: "permission is denied; choose a folder that you may write to",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def cannot_write(path: Path, error: OSError) -> EnvironmentProblem:
    """The sentence for an OSError that arose while writing `path`."""
    reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}; choose another place")
    return EnvironmentProblem(f"Cannot write {path}: {reason}.")


def cannot_read(path: Path, error: OSError) -> EnvironmentProblem:
    """The sentence for an OSError that arose while reading `path`."""
    reason = error.strerror or error
    return EnvironmentProblem(f"Cannot read {path} ({reason}); check its permissions.")


def held(folder: Path, *names: str) -> Path:
    """The path of `names` in a folder of somebody else's making, to be written: it lies there
    and no link on the way, nor it itself, leads elsewhere. Raises InputError."""
    path = folder.joinpath(*names)
    top = os.path.realpath(folder)
    straight = os.path.normpath(os.path.join(top, *names))
    inside = os.path.commonpath([top, straight]) == top and straight != top
    if not inside or os.path.realpath(path) != straight:
        raise InputError(
            f"{path} leads out of {folder} through a link, so nothing is written there; put "
            "what it leads to in its place."
        )
    return path


def make_folder(path: Path) -> Path:
    """Creates a folder and its parents; EnvironmentProblem when the machine refuses."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; on success it takes the place of `path` in one
    step, flushed to disk; on any exception it is removed and `path` is as it was.

    Raises EnvironmentProblem where the disk is full, read-only or not ours to write.
    """
    import tempfile

    make_folder(path.parent)
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name[:40]}.", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error
    part = Path(name)
    try:
        yield part
        flush_file(part)
        part.chmod(0o666 & ~umask())
        part.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise cannot_write(path, error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a whole file atomically."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Writes a whole UTF-8 file atomically, with the line ends as given; file names in it that
    are no UTF-8 stand there escaped."""
    write_bytes(path, utf8(text).encode("utf-8"))


def json_of(text: str | bytes) -> Any:
    """What a JSON text of anybody's making says; ValueError where it is none, or is nested too
    deep to be read."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def read_json(path: Path, most: int) -> Any:
    """What a JSON file of anybody's making says. Raises OSError where it cannot be read, and
    ValueError where it is no file, larger than `most` bytes, or no JSON."""
    if path.exists() and not path.is_file():
        raise ValueError("it is no file")
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"it is larger than {most >> 20} MB")
    return json_of(data)


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(text: str) -> str:
    """A text for a CSV cell: one that spreadsheets would take for a formula (it begins with
    = + - @, a tab or a return) gets an apostrophe before it. Numbers are no texts and stay."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def text_of_cell(value: str) -> str:
    """The text that `cell` made a cell of."""
    bare = value.removeprefix("'")
    return bare if bare.lstrip("'").startswith(_FORMULA) else value


if sys.platform == "win32":
    import msvcrt

    _FAR = 0x7FFF0000

    def hold(handle: int) -> None:
        """Locks an open file for this process, until it is closed; OSError where another
        process holds it."""
        # Windows keeps others from reading locked bytes: lock one beyond the text.
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)
else:
    import fcntl

    def hold(handle: int) -> None:
        """Locks an open file for this process, until it is closed; OSError where another
        process holds it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def umask() -> int:
    """The permissions that new files of this process lack."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def flush_file(path: Path) -> None:
    """Brings a file's content to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Brings a folder's entries, such as a rename in it, to the disk."""
    # Windows cannot open folders; there the rename itself is durable enough.
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
