"""The version of project.sqlite, and how older files are brought up to it."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from weakref import WeakSet

from framesift._version import __version__
from framesift.errors import EnvironmentProblem, InputError
from framesift.files import replacing
from framesift.project.database import Database
from framesift.project.descriptors import TABLES as DESCRIPTOR_TABLES
from framesift.project.facts import TABLES as FRAME_TABLES
from framesift.project.head import APPLICATION
from framesift.project.migrations import MIGRATIONS
from framesift.project.sentences import damaged
from framesift.project.soundness import check_objects, check_tables
from framesift.project.tables import EDITED_TABLES, MAXIMA_TABLE, TABLES, triggers

VERSION = 7
SCRIPT = f"{TABLES} {MAXIMA_TABLE} {FRAME_TABLES} {DESCRIPTOR_TABLES} {EDITED_TABLES}"
"""The tables of a project of this version."""
LONGEST_S = 60.0
_CHECKED: WeakSet[Database] = WeakSet()
"""What this process has found sound and has open: its threads open the same file again and
again."""


def create_file(path: Path, settings: Mapping[str, str]) -> None:
    """Writes a whole empty project file at `path`, which is not there yet.

    `settings`: JSON texts by name. Raises sqlite3.Error; what is left then is to be removed.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.executescript(f"BEGIN; {SCRIPT} {triggers()} COMMIT;")
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
    if any(known.same_open_file(database) for known in list(_CHECKED)):
        return
    with sound(database):
        check_objects(database)
    if version < VERSION and database.readonly:
        raise EnvironmentProblem(
            f"The project {path.parent} has the older format {version}; open it once for "
            f"writing, so that it is brought to format {VERSION}."
        )
    if version < VERSION:
        with sound(database):
            _migrate(database, version)
    with sound(database):
        check_tables(database, SCRIPT)
    _CHECKED.add(database)


@contextlib.contextmanager
def sound(database: Database) -> Iterator[None]:
    """The damage that shows when values are not what they should be, as a sentence; so does
    what takes longer than it can."""
    try:
        with database.limited(LONGEST_S):
            yield
    except TimeoutError as error:
        raise damaged(database.path, "reading it takes without end") from error
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise damaged(database.path, "a value is of the wrong kind") from error


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
