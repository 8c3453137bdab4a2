"""The project's SQLite file: connections and transactions.

One thread owns a connection, the one that opened it; used on another it fails at once
(`WrongThread`). A second thread opens the project a second time, for reading.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from framesift.errors import EnvironmentProblem, InputError
from framesift.files import json_of
from framesift.project.sentences import damaged, sentences

Row = tuple[Any, ...]

_WAIT_S = 10.0
_LOG_BYTES = 64 << 20
_OPERATIONS = 100_000
"""Of SQLite's machine between two looks at the clock: a few milliseconds."""
QUERY_S = 120.0
"""Seconds for one query; what takes longer was never made to end."""
_LONGEST = 1 << 28
"""Bytes of one value; nothing that is stored comes near it."""
_NO_WAL = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)


class WrongThread(sqlite3.ProgrammingError):
    """A project was used on another thread than the one that opened it: a bug of the caller."""


class Database:
    """A connection to the file, for writing or for reading only.

    Every committed transaction is on the disk (WAL, `synchronous=FULL`).
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path, self.readonly = path, readonly
        self._thread = threading.get_ident()
        self._depth, self._closed = 0, False
        self._end = math.inf
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        stat = path.stat()
        self._stat = stat.st_dev, stat.st_ino
        with sentences(path):
            self._connection = self._for_reading() if readonly else _connect(path, "rw")
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise

    def _prepare(self) -> None:
        run = self._connection.execute
        self._connection.set_progress_handler(lambda: time.monotonic() > self._end, _OPERATIONS)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        run("PRAGMA trusted_schema = OFF")
        run("PRAGMA cell_size_check = ON")
        run("PRAGMA foreign_keys = ON")
        if self.readonly:
            run("PRAGMA query_only = ON")
            return
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        # macOS: fsync alone leaves the data in the drive's cache.
        run("PRAGMA fullfsync = ON")

    def _still_there(self) -> None:
        """What is written to a file that was deleted goes with it, and SQLite says nothing."""
        if not self.path.exists():
            raise EnvironmentProblem(
                f"{self.path} is gone: its folder was moved, deleted or disconnected while it "
                "was open. What was done since then is not kept; put it back and try again."
            )

    def _for_reading(self) -> sqlite3.Connection:
        try:
            return _connect(self.path, "ro")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _NO_WAL:
                raise
            return self._from_readonly_folder()

    def _from_readonly_folder(self) -> sqlite3.Connection:
        """Write-ahead files cannot be made in such a folder. Where none is left over, nobody
        writes and SQLite may take the file as it is; otherwise a copy is read."""
        log = self.path.with_name(self.path.name + "-wal")
        if not log.exists() or not log.stat().st_size:
            return _connect(self.path, "ro&immutable=1")
        self._copy = tempfile.TemporaryDirectory(prefix="framesift-")
        folder = Path(self._copy.name)
        for path in (self.path, log):
            shutil.copyfile(path, folder / path.name)
        return _connect(folder / self.path.name, "rw")

    def same_open_file(self, other: Database) -> bool:
        """Whether this connection is open, and to the same file as another."""
        return not self._closed and self._stat == other._stat

    def close(self) -> None:
        """Closes the connection; twice is no harm."""
        self._closed = True
        if hasattr(self, "_connection"):
            self._connection.close()
        if self._copy is not None:
            self._copy.cleanup()

    def check_thread(self) -> None:
        """WrongThread on another thread than the one that opened the file, ProgrammingError
        where it is closed. Stores call it where they would go wrong without asking SQLite."""
        if threading.get_ident() != self._thread:
            raise WrongThread(
                f"The project in {self.path.parent} was opened on another thread than "
                f"{threading.current_thread().name!r}; open it once more here, with "
                "readonly=True, or ask the thread that owns it."
            )
        if self._closed:
            raise sqlite3.ProgrammingError(
                f"The project in {self.path.parent} is closed; open it again with Project.open."
            )

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        self.check_thread()
        with sentences(self.path), self._until(QUERY_S):
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, if any."""
        self.check_thread()
        with sentences(self.path), self._until(QUERY_S):
            row: Row | None = self._connection.execute(sql, values).fetchone()
            return row

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None without rows."""
        row = self.one(sql, values)
        return None if row is None else row[0]

    def json(self, text: str, kind: type | tuple[type, ...] = object) -> Any:
        """What a stored JSON text says; InputError when it is none, or nothing of this kind."""
        try:
            value = json_of(text)
        except (ValueError, TypeError) as error:
            raise damaged(self.path, "a value cannot be read") from error
        if not isinstance(value, kind):
            raise damaged(self.path, "a value is of the wrong kind")
        return value

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """TimeoutError where the queries inside take longer than that."""
        try:
            with self._until(seconds):
                yield
        except InputError as error:
            if getattr(error.__cause__, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise TimeoutError from error
            raise

    @contextlib.contextmanager
    def _until(self, seconds: float) -> Iterator[None]:
        before = self._end
        self._end = min(before, time.monotonic() + seconds)
        try:
            yield
        finally:
            self._end = before

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Executes a statement; the new row's number, for an insertion."""
        self.check_thread()
        with sentences(self.path):
            return self._connection.execute(sql, values).lastrowid or 0

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Executes a statement once for each of `values`."""
        self.check_thread()
        with sentences(self.path):
            self._connection.executemany(sql, values)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """All statements inside happen, or none; afterwards they are on the disk.

        Inside another such block it is a part of that one. EnvironmentProblem when the
        project was opened for reading.
        """
        if self.readonly:
            raise EnvironmentProblem(
                f"{self.path.parent} is opened for reading only; open it "
                "for writing to change it."
            )
        with self._transaction("BEGIN IMMEDIATE"):
            yield
        if not self._depth:
            self._still_there()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """All queries inside see one and the same state."""
        with self._transaction("BEGIN"):
            yield

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self.check_thread()
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        with sentences(self.path):
            self._connection.execute(begin)
        self._depth = 1
        try:
            yield
            with sentences(self.path):
                self._connection.execute("COMMIT")
        except BaseException:
            # After a full disk SQLite has rolled back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_WAIT_S)
    try:
        # SQLite opens lazily; the first read says whether it can.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
