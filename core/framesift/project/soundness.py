"""Whether a project's database is what Framesift writes, before anything else of it is read.

A project may come from anybody. Its tables must be ours, with nothing beside them that SQLite
would run (views, triggers, virtual tables); each value must be of its column's type; and
numbers that memory is made for must be such as there are. What is then read can be taken at its
word, but for the texts that hold JSON, which whoever reads them checks.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Mapping
from functools import cache

from framesift.project.database import Database
from framesift.project.sentences import damaged

MOST_FRAMES = 20_000_000
"""Of one video: more than 90 hours at 60 frames/s."""
MOST_PIXELS = 1 << 28
"""Of one picture: 16384 × 16384."""
_INTERNAL = ("sqlite_sequence", "sqlite_stat1")
_TRIGGER = re.compile(
    r"CREATE TRIGGER \w+ BEFORE (UPDATE|DELETE)( OF [\w, ]+)? ON \w+ "
    r"(WHEN EXISTS \(SELECT 1 FROM cycle_series WHERE series = OLD\.number\) )?"
    r"BEGIN SELECT RAISE\(ABORT, '[\w ]+'\); END"
)
_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX \w+ ON \w+ \([\w, ]+\)( WHERE [\w <>']+)?")
_SIZE = (
    "width BETWEEN 1 AND 1000000 AND height BETWEEN 1 AND 1000000 "
    f"AND width * height <= {MOST_PIXELS}"
)
_CHUNK = "chunk BETWEEN 0 AND 10000000"
_RANGES: Mapping[str, str] = {
    "videos": f"frames BETWEEN 0 AND {MOST_FRAMES} AND {_SIZE} "
    "AND (fps IS NULL OR fps BETWEEN 0 AND 1e6) "
    "AND kind IN ('file', 'images', 'stills') AND coalesce(stream, 0) BETWEEN 0 AND 10000",
    "masks": _SIZE,
    "pictures": _SIZE,
    "scores": _CHUNK,
    "maxima": _CHUNK,
    "thumbnails": _CHUNK,
    "descriptors": _CHUNK,
    "labels": "boxes BETWEEN 0 AND 1000000",
    "cycles": "number BETWEEN 1 AND 1000000",
    "picks": "place BETWEEN 0 AND 1000000000",
}
_TYPES = {"INTEGER": "integer", "REAL": "real", "TEXT": "text", "BLOB": "blob"}

Columns = tuple[tuple[str, str, int, int], ...]


def check_objects(database: Database) -> None:
    """Raises InputError where the file holds something that SQLite would run and that is not
    ours, whatever its format."""
    for kind, name, sql in database.rows("SELECT type, name, sql FROM sqlite_master"):
        words = " ".join(str(sql or "").split())
        ours = (
            (kind == "table" and words.upper().startswith("CREATE TABLE"))
            or (kind == "index" and (sql is None or _INDEX.fullmatch(words)))
            or (kind == "trigger" and _TRIGGER.fullmatch(words))
        )
        if not ours:
            raise damaged(database.path, f"it holds a {kind} {name!r} that is not ours")


def check_tables(database: Database, script: str) -> None:
    """Raises InputError where the file's tables are not those that `script` makes, or a value
    is of another type than its column or out of every range."""
    expected = _tables(script)
    with database.reading():
        names = [
            str(name)
            for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        other = sorted((set(names) ^ set(expected)) - set(_INTERNAL))
        if other:
            state = "there" if other[0] in names else "missing"
            raise damaged(database.path, f"a table {other[0]!r} is {state}")
        for table, columns in expected.items():
            rows = database.rows(f"PRAGMA table_xinfo({table})")
            if _columns(rows) != columns:
                raise damaged(database.path, f"the table {table} has other columns")
            _check_values(database, table, columns)
    _check_pages(database)


def _check_values(database: Database, table: str, columns: Columns) -> None:
    wrong = [
        f"typeof({name}) <> '{_TYPES[kind]}'" + ("" if needed else f" AND {name} IS NOT NULL")
        for name, kind, needed, _ in columns
    ]
    if table in _RANGES:
        wrong.append(f"NOT ({_RANGES[table]})")
    names = {name for name, *_ in columns}
    if {"video", "frame"} <= names:
        wrong.append(
            "NOT EXISTS (SELECT 1 FROM videos AS v WHERE v.id = t.video "
            "AND t.frame >= 0 AND t.frame < v.frames)"
        )
    if database.value(f"SELECT 1 FROM {table} AS t WHERE {' OR '.join(wrong)} LIMIT 1"):
        raise damaged(database.path, f"the table {table} holds a value that cannot be")


def _check_pages(database: Database) -> None:
    """SQLite's own check, for as long as nobody has to wait for it."""
    with contextlib.suppress(TimeoutError), database.limited(1.0):
        rows = database.rows("PRAGMA quick_check(1)")
        if rows != [("ok",)]:
            raise damaged(database.path, str(rows[0][0]).splitlines()[0])


@cache
def _tables(script: str) -> Mapping[str, Columns]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: _columns(connection.execute(f"PRAGMA table_xinfo({name})").fetchall())
            for (name,) in names.fetchall()
            if name not in _INTERNAL
        }


def _columns(rows: list[tuple[object, ...]]) -> Columns:
    """Name, type, whether there must be a value, and whether SQLite hides or makes it."""
    return tuple(
        (str(name), str(kind), int(bool(needed or key)), int(str(hidden)))
        for _, name, kind, needed, _, key, hidden in rows
    )
