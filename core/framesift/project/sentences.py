"""Sentences for what can go wrong with a project's SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from framesift.errors import EnvironmentProblem, FramesiftError, InputError

_CANNOT = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space and try again",
    sqlite3.SQLITE_IOERR: "the disk refuses to read or write; check that it is connected and "
    "has space, and try again",
    sqlite3.SQLITE_READONLY: "it is read-only; change its permissions, or copy the project to "
    "a place that you may write to",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check the folder's permissions",
    sqlite3.SQLITE_PERM: "permission is denied; check the folder's permissions",
    sqlite3.SQLITE_BUSY: "another program holds it; close that one and try again",
    sqlite3.SQLITE_LOCKED: "another program holds it; close that one and try again",
    sqlite3.SQLITE_PROTOCOL: "its disk cannot lock files, as some network disks; copy the "
    "project to a local disk",
    sqlite3.SQLITE_NOMEM: "the memory is used up; close other programs and try again",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_SHORT_READ = 522
# What else SQLite and its Python module say about a file whose tables were overwritten.
_NONSENSE = ("no such", "unsupported file format", "Could not decode")


def damaged(path: Path, why: str) -> InputError:
    """The sentence for a project file that cannot be read as one."""
    return InputError(f"{path} is damaged ({why}); restore it from a copy.")


def explained(path: Path, error: sqlite3.Error) -> FramesiftError | None:
    """The sentence for an SQLite error that the user or the machine caused; None for a bug."""
    extended = getattr(error, "sqlite_errorcode", 0) or 0
    code = extended & 0xFF
    if (
        code in _DAMAGED
        or code in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_TOOBIG)
        or extended == _SHORT_READ
        or (isinstance(error, sqlite3.OperationalError) and str(error).startswith(_NONSENSE))
    ):
        ended = code == sqlite3.SQLITE_INTERRUPT
        return damaged(path, "a query does not end" if ended else str(error))
    if code in _CANNOT:
        return EnvironmentProblem(f"Cannot use {path}: {_CANNOT[code]}.")
    return None


@contextlib.contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turns SQLite errors that are nobody's bug into InputError or EnvironmentProblem."""
    try:
        yield
    except sqlite3.Error as error:
        sentence = explained(path, error)
        if sentence is None:
            raise
        raise sentence from error
    except UnicodeDecodeError as error:
        raise damaged(path, "its texts cannot be read") from error
