"""How projects of older formats are brought up, one format at a time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from framesift.project.chunks import CHUNK, MAXIMA, floats
from framesift.project.codec import compact
from framesift.project.database import Database, Row
from framesift.project.descriptors import TABLES as DESCRIPTOR_TABLES
from framesift.project.facts import TABLES as FRAME_TABLES
from framesift.project.maxima import as_cells, empty_cells, packed, picture_size
from framesift.project.tables import EDITED_TABLES, MAXIMA_TABLE, triggers

_OLD_PIECE = 256
"""Frames per stored piece of maxima in formats 1 to 6."""


def _know_frames(database: Database) -> None:
    """From format 1: times of single frames, and which are damaged."""
    _statements(database, FRAME_TABLES)


def _one_journal(database: Database) -> None:
    """From format 2: every kind of edit in one journal that only grows, picks and evaluation
    frames that edits may change, videos that may be removed.

    What was undone was marked so in the journal; here an undo is a line of its
    own. When it was undone is not known: the lines come last.
    """
    run = database.run
    for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        run(f"DROP TRIGGER {name}")
    for table in ("edits", "journal", "picks", "evaluation_frames"):
        run(f"ALTER TABLE {table} RENAME TO old_{table}")
    _statements(database, EDITED_TABLES)
    run("ALTER TABLE cycles ADD COLUMN journal INTEGER")
    _copy_journal(database)
    _copy_picks(database)
    run(
        "INSERT INTO evaluation_frames (video, frame, draw, seed, time, active) "
        "SELECT video, frame, draw, seed, time, 1 FROM old_evaluation_frames ORDER BY draw"
    )
    run(
        "UPDATE cycles SET journal = "
        "(SELECT coalesce(max(number), 0) FROM journal WHERE journal.time <= cycles.time)"
    )
    for table in ("edits", "journal", "picks", "evaluation_frames"):
        run(f"DROP TABLE old_{table}")
    _statements(database, triggers())


def _statements(database: Database, script: str) -> None:
    """Runs a script's statements one by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            database.run(statement)
            statement = ""


def _copy_journal(database: Database) -> None:
    now = time.time()
    done: int | None = None
    undone: list[Row] = []
    for row in database.rows(
        "SELECT number, status, kind, text, time FROM old_journal ORDER BY number"
    ):
        number, status, *about = row
        if status == "dropped":
            _line(database, number, "dropped", None, about, done, None, None)
        else:
            _line(database, number, "do", None, about, number, None, done)
            done = number
        if status == "undone":
            undone.append(row)
    database.many(
        "INSERT INTO edits VALUES (?, ?, 'label', ?, ?, ?)",
        (
            (gesture, place, compact([video, frame]), before, after)
            for gesture, place, video, frame, before, after in database.rows(
                "SELECT gesture, place, video, frame, before, after FROM old_edits"
            )
        ),
    )
    redo: int | None = None
    for number, _, kind, text, _ in reversed(undone):
        beneath = database.value("SELECT beneath FROM journal WHERE number = ?", (number,))
        line = 1 + int(database.value("SELECT max(number) FROM journal"))
        _line(database, line, "undo", number, [kind, text, now], beneath, line, redo)
        redo = line


def _line(
    database: Database,
    number: int,
    verb: str,
    target: int | None,
    about: list[object],
    undo_next: int | None,
    redo_next: int | None,
    beneath: int | None,
) -> None:
    database.run(
        "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, verb, target, *about, undo_next, redo_next, beneath),
    )


def _copy_picks(database: Database) -> None:
    dropped = {
        (cycle, data["video"], int(data["frame"]))
        for cycle, text in database.rows("SELECT cycle, data FROM events WHERE kind = 'drop'")
        for data in [database.json(text)]
    }
    database.many(
        "INSERT INTO picks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*row, "dropped" if (row[0], row[2], row[3]) in dropped else "picked")
            for row in database.rows(
                "SELECT cycle, place, video, frame, rank, score, raw, reason, origin "
                "FROM old_picks ORDER BY cycle, place"
            )
        ],
    )


def _descriptors_by_name(database: Database) -> None:
    """From format 3: descriptors by name; until then there was one, the thumbnail."""
    _statements(database, DESCRIPTOR_TABLES)
    database.run(
        "INSERT INTO descriptors SELECT video, 'thumbnail', chunk, present, data "
        "FROM thumbnails"
    )
    database.run("DROP TABLE thumbnails")


def _weak_labels(database: Database) -> None:
    """From format 4: labels may hold points, tags and denied boxes, which Framesifts of before
    would drop without a word. What is there stays as it is."""


def _upheld_labels(database: Database) -> None:
    """From format 5: labels may say which boxes somebody upheld against a detector, which
    Framesifts of before take for damage. What is there stays as it is."""


def _small_maxima(database: Database) -> None:
    """From format 6: region maxima in a sixth of their bytes. Until then there were five times
    three float32 of each frame, in pieces of 256 frames."""
    run = database.run
    run("ALTER TABLE maxima RENAME TO old_maxima")
    _statements(database, MAXIMA_TABLE)
    for number, video in database.rows("SELECT number, video FROM series"):
        size_wh = picture_size(database, video)
        pieces: dict[int, list[int]] = {}
        for (piece,) in database.rows(
            "SELECT chunk FROM old_maxima WHERE series = ? ORDER BY chunk", (number,)
        ):
            pieces.setdefault(piece * _OLD_PIECE // CHUNK, []).append(piece)
        for chunk, some in pieces.items():
            cells = empty_cells()
            for piece in some:
                data = database.value(
                    "SELECT data FROM old_maxima WHERE series = ? AND chunk = ?",
                    (number, piece),
                )
                rows = floats(database, data, _OLD_PIECE * MAXIMA * 3)
                at = piece * _OLD_PIECE % CHUNK
                cells[at : at + _OLD_PIECE] = as_cells(rows.reshape(-1, MAXIMA, 3), size_wh)
            run("INSERT INTO maxima VALUES (?, ?, ?)", (number, chunk, packed(cells)))
    run("DROP TABLE old_maxima")


MIGRATIONS: dict[int, Callable[[Database], None]] = {
    1: _know_frames,
    2: _one_journal,
    3: _descriptors_by_name,
    4: _weak_labels,
    5: _upheld_labels,
    6: _small_maxima,
}
"""From version n to n + 1; each runs inside one transaction with the change of the number."""
