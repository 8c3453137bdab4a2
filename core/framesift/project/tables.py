"""The tables of project.sqlite, and which of them only grow."""

from __future__ import annotations

TABLES = """
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

CREATE TABLE series (
    number INTEGER PRIMARY KEY, video TEXT NOT NULL REFERENCES videos (id),
    identity TEXT NOT NULL, recipe TEXT NOT NULL, scored INTEGER NOT NULL,
    created REAL NOT NULL, updated REAL NOT NULL, UNIQUE (video, identity));
CREATE TABLE scores (
    series INTEGER NOT NULL REFERENCES series (number), chunk INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (series, chunk));

CREATE TABLE labels (
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    state TEXT NOT NULL, boxes INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (video, frame)) WITHOUT ROWID;
CREATE TABLE pictures (
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    hash TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, timestamp INTEGER,
    PRIMARY KEY (video, frame)) WITHOUT ROWID;
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
    hash TEXT NOT NULL, labels TEXT NOT NULL, journal INTEGER);
CREATE TABLE cycle_series (
    cycle INTEGER NOT NULL REFERENCES cycles (number),
    series INTEGER NOT NULL REFERENCES series (number), scored BLOB NOT NULL,
    PRIMARY KEY (cycle, series));
CREATE TABLE events (
    number INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, kind TEXT NOT NULL,
    time REAL NOT NULL, data TEXT NOT NULL);
"""

MAXIMA_TABLE = """
CREATE TABLE maxima (
    series INTEGER NOT NULL REFERENCES series (number), chunk INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (series, chunk));
"""

EDITED_TABLES = """
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    verb TEXT NOT NULL CHECK (verb IN ('do', 'undo', 'redo', 'note', 'dropped')),
    target INTEGER REFERENCES journal (number), kind TEXT NOT NULL, text TEXT NOT NULL,
    time REAL NOT NULL, undo_next INTEGER, redo_next INTEGER, beneath INTEGER);
CREATE TABLE edits (
    gesture INTEGER NOT NULL REFERENCES journal (number), place INTEGER NOT NULL,
    subject TEXT NOT NULL, key TEXT NOT NULL, before TEXT, after TEXT,
    PRIMARY KEY (gesture, place)) WITHOUT ROWID;
CREATE TABLE tracks (number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL);
CREATE TABLE track_boxes (
    track INTEGER NOT NULL, video TEXT NOT NULL, frame INTEGER NOT NULL,
    derived INTEGER NOT NULL, PRIMARY KEY (track, video, frame)) WITHOUT ROWID;
CREATE INDEX track_boxes_frame ON track_boxes (video, frame);
CREATE TABLE picks (
    cycle INTEGER NOT NULL REFERENCES cycles (number), place INTEGER NOT NULL,
    video TEXT NOT NULL REFERENCES videos (id), frame INTEGER NOT NULL,
    rank INTEGER, score REAL, raw REAL, reason TEXT NOT NULL, origin TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('picked', 'dropped', 'withdrawn')),
    PRIMARY KEY (cycle, place)) WITHOUT ROWID;
CREATE UNIQUE INDEX picks_frame ON picks (video, frame) WHERE state <> 'withdrawn';
CREATE TABLE evaluation_frames (
    number INTEGER PRIMARY KEY, video TEXT NOT NULL REFERENCES videos (id),
    frame INTEGER NOT NULL, draw INTEGER NOT NULL, seed INTEGER NOT NULL, time REAL NOT NULL,
    active INTEGER NOT NULL);
CREATE UNIQUE INDEX evaluation_frames_active ON evaluation_frames (video, frame)
    WHERE active;
"""
"""The journal, and tables whose rows stay for good while an edit may change their state: that
column is the one thing in them that changes."""

_APPEND_ONLY: dict[str, str] = {
    "cycles": "",
    "cycle_series": "",
    "picks": "OF cycle, place, video, frame, rank, score, raw, reason, origin",
    "events": "",
    "checkpoints": "",
    "journal": "",
    "edits": "",
    "tracks": "",
    "split": "",
    "evaluation_frames": "OF number, video, frame, draw, seed, time",
    "versions": "",
}
"""Tables that only grow, with the columns that never change where not all of them do."""


def triggers() -> str:
    """What makes SQLite itself refuse to rewrite them."""
    parts = []
    for table, columns in _APPEND_ONLY.items():
        for verb, of in (("UPDATE", f"UPDATE {columns}".strip()), ("DELETE", "DELETE")):
            parts.append(
                f"CREATE TRIGGER {table}_keep_{verb.lower()} BEFORE {of} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} can only grow'); END;"
            )
    # A series that a cycle was selected from is what its replay reads.
    parts.append(
        "CREATE TRIGGER series_keep BEFORE DELETE ON series "
        "WHEN EXISTS (SELECT 1 FROM cycle_series WHERE series = OLD.number) "
        "BEGIN SELECT RAISE(ABORT, 'a cycle was selected from this series'); END;"
    )
    return "\n".join(parts)
