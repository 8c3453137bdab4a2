"""The tables of project.sqlite, their version, and how older ones are brought up to it."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from framesift._version import __version__
from framesift.errors import EnvironmentProblem, InputError
from framesift.files import replacing
from framesift.project.database import Database, damaged
from framesift.project.facts import TABLES as FRAME_TABLES

VERSION = 2
APPLICATION = 0x46534654
"""SQLite's application id: "FSFT"."""


def _know_frames(database: Database) -> None:
    for statement in FRAME_TABLES.split(";"):
        if statement.strip():
            database.run(statement)


MIGRATIONS: dict[int, Callable[[Database], None]] = {1: _know_frames}
"""From version n to n + 1; each runs inside one transaction with the change of the number."""

_TABLES = """
CREATE TABLE versions (version INTEGER PRIMARY KEY, program TEXT NOT NULL, time REAL NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE videos (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    relative TEXT, absolute TEXT NOT NULL, bytes INTEGER, modified INTEGER,
    fingerprint TEXT NOT NULL, kind TEXT NOT NULL, stream INTEGER,
    frames INTEGER NOT NULL, fps REAL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('pool', 'evaluation')),
    drive TEXT NOT NULL, place INTEGER NOT NULL, added REAL NOT NULL);
CREATE TABLE drives (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE masks (
    drive TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    shapes TEXT NOT NULL, PRIMARY KEY (drive, width, height)) WITHOUT ROWID;
CREATE TABLE evaluation_frames (
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    draw INTEGER NOT NULL, seed INTEGER NOT NULL, time REAL NOT NULL,
    PRIMARY KEY (video, frame)) WITHOUT ROWID;

CREATE TABLE series (
    number INTEGER PRIMARY KEY, video TEXT NOT NULL REFERENCES videos (id),
    identity TEXT NOT NULL, recipe TEXT NOT NULL, scored INTEGER NOT NULL,
    created REAL NOT NULL, updated REAL NOT NULL, UNIQUE (video, identity));
CREATE TABLE scores (
    series INTEGER NOT NULL REFERENCES series (number), chunk INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (series, chunk));
CREATE TABLE maxima (
    series INTEGER NOT NULL REFERENCES series (number), chunk INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (series, chunk));
CREATE TABLE thumbnails (
    video TEXT NOT NULL REFERENCES videos (id), chunk INTEGER NOT NULL,
    present BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (video, chunk));

CREATE TABLE labels (
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    state TEXT NOT NULL, boxes INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (video, frame)) WITHOUT ROWID;
CREATE TABLE pictures (
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    hash TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, timestamp INTEGER,
    PRIMARY KEY (video, frame)) WITHOUT ROWID;
CREATE TABLE journal (
    number INTEGER PRIMARY KEY, status TEXT NOT NULL
        CHECK (status IN ('done', 'undone', 'dropped')),
    kind TEXT NOT NULL, text TEXT NOT NULL, time REAL NOT NULL);
CREATE INDEX journal_status ON journal (status, number);
CREATE TABLE edits (
    gesture INTEGER NOT NULL REFERENCES journal (number), place INTEGER NOT NULL,
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    before TEXT, after TEXT, PRIMARY KEY (gesture, place)) WITHOUT ROWID;
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY AUTOINCREMENT, video TEXT NOT NULL REFERENCES videos (id),
    frame INTEGER NOT NULL, detector TEXT NOT NULL, box TEXT NOT NULL, score REAL NOT NULL);
CREATE INDEX proposals_frame ON proposals (video, frame);
CREATE TABLE split (
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('train', 'validation', 'margin')),
    PRIMARY KEY (video, frame)) WITHOUT ROWID;

CREATE TABLE checkpoints (
    number INTEGER PRIMARY KEY, identity TEXT NOT NULL, path TEXT NOT NULL UNIQUE,
    classes TEXT NOT NULL, parent TEXT, cycle INTEGER NOT NULL, lineage TEXT NOT NULL,
    time REAL NOT NULL);
CREATE TABLE cycles (
    number INTEGER PRIMARY KEY, time REAL NOT NULL, detector TEXT NOT NULL,
    checkpoint TEXT NOT NULL, settings TEXT NOT NULL, inputs TEXT NOT NULL,
    hash TEXT NOT NULL, labels TEXT NOT NULL);
CREATE TABLE cycle_series (
    cycle INTEGER NOT NULL REFERENCES cycles (number),
    series INTEGER NOT NULL REFERENCES series (number), scored BLOB NOT NULL,
    PRIMARY KEY (cycle, series));
CREATE TABLE picks (
    cycle INTEGER NOT NULL REFERENCES cycles (number), place INTEGER NOT NULL,
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    rank INTEGER, score REAL, raw REAL, reason TEXT NOT NULL, origin TEXT NOT NULL,
    PRIMARY KEY (cycle, place), UNIQUE (video, frame)) WITHOUT ROWID;
CREATE TABLE events (
    number INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, kind TEXT NOT NULL,
    time REAL NOT NULL, data TEXT NOT NULL);
"""

_APPEND_ONLY = (
    "cycles",
    "cycle_series",
    "picks",
    "events",
    "checkpoints",
    "edits",
    "split",
    "evaluation_frames",
    "versions",
)


def _triggers() -> str:
    parts = [
        f"CREATE TRIGGER {table}_keep_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} can only grow'); END;"
        for table in _APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    parts.append(
        "CREATE TRIGGER journal_keep_delete BEFORE DELETE ON journal "
        "BEGIN SELECT RAISE(ABORT, 'journal can only grow'); END;"
    )
    parts.append(
        "CREATE TRIGGER journal_keep_update BEFORE UPDATE OF number, kind, text, time "
        "ON journal BEGIN SELECT RAISE(ABORT, 'journal can only grow'); END;"
    )
    # A series that a cycle was selected from is what its replay reads.
    parts.append(
        "CREATE TRIGGER series_keep BEFORE DELETE ON series "
        "WHEN EXISTS (SELECT 1 FROM cycle_series WHERE series = OLD.number) "
        "BEGIN SELECT RAISE(ABORT, 'a cycle was selected from this series'); END;"
    )
    return "\n".join(parts)


def create_file(path: Path, settings: Mapping[str, str]) -> None:
    """Writes a whole empty project file at `path`, which is not there yet.

    `settings`: JSON texts by name. Raises sqlite3.Error; what is left then is to be removed.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.executescript(f"BEGIN; {_TABLES} {FRAME_TABLES} {_triggers()} COMMIT;")
        connection.execute(
            "INSERT INTO versions VALUES (?, ?, ?)", (VERSION, __version__, time.time())
        )
        connection.executemany("INSERT INTO settings VALUES (?, ?)", settings.items())


def check_version(database: Database) -> None:
    """Refuses what is no project or a newer one; brings an older one up to this version,
    after a copy of it is kept beside it.

    Raises InputError, or EnvironmentProblem when an older one is only open for reading.
    """
    path = database.path
    if database.value("PRAGMA application_id") != APPLICATION:
        raise InputError(
            f"{path} is not a Framesift project; name a folder that `framesift init` made."
        )
    version = int(database.value("PRAGMA user_version"))
    if version > VERSION:
        raise InputError(
            f"The project {path.parent} has format {version}, made by a newer Framesift; this "
            f"one ({__version__}) knows formats up to {VERSION}. Update Framesift to open it."
        )
    if version < 1 or not database.value("SELECT 1 FROM sqlite_master WHERE name = 'settings'"):
        raise damaged(path, "its tables are missing")
    if version < VERSION and database.readonly:
        raise EnvironmentProblem(
            f"The project {path.parent} has the older format {version}; open it once for "
            f"writing, so that it is brought to format {VERSION}."
        )
    if version < VERSION:
        _migrate(database, version)


def _migrate(database: Database, version: int) -> None:
    kept = database.path.with_name(f"project-format-{version}.sqlite")
    if not kept.exists():
        with replacing(kept) as part:
            database.run("VACUUM INTO ?", (str(part),))
    while version < VERSION:
        with database.writing():
            MIGRATIONS[version](database)
            version += 1
            database.run(f"PRAGMA user_version = {version}")
            database.run(
                "INSERT INTO versions VALUES (?, ?, ?)", (version, __version__, time.time())
            )
