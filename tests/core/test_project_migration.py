"""Projects of formats 1 and 2 open, with all that they held: `data/project-format-1.sqlite.gz`
was made by the last Framesift of that format, the JSON beside it is what that one said of it.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import FILE, PickRecord, Project
from framesift.project.database import Database
from framesift.project.migrations import MIGRATIONS
from framesift.project.schema import VERSION, create_file

DATA = Path(__file__).parent / "data"
SAID: dict[str, Any] = json.loads((DATA / "project-format-1.json").read_text())


@pytest.fixture(params=[1, 2])
def old(request: pytest.FixtureRequest) -> int:
    """The format that a project is of."""
    number: int = request.param
    return number


@pytest.fixture
def folder(tmp_path: Path, old: int) -> Path:
    made = tmp_path / "week47"
    made.mkdir()
    packed = (DATA / "project-format-1.sqlite.gz").read_bytes()
    (made / FILE).write_bytes(gzip.decompress(packed))
    if old == 2:
        database = Database(made / FILE)
        MIGRATIONS[1](database)
        database.run("PRAGMA user_version = 2")
        database.close()
    return made


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    with Project.open(folder) as opened:
        yield opened


def said(labels: FrameLabels) -> list[Any]:
    boxes = [[b.x1, b.y1, b.x2, b.y2, b.category] for b in labels.boxes]
    return [labels.state, boxes, list(labels.ids), labels.next_id, sorted(labels.accepted)]


def all_said(project: Project) -> dict[str, Any]:
    return {f"{k.video} {k.frame}": said(v) for k, v in project.labels.all().items()}


def test_labels_drives_and_samples_are_there(project: Project) -> None:
    assert all_said(project) == SAID["labels"]
    drives = {d.key: [c.id for c in d.clips] for d in project.videos.drives(None)}
    assert drives == SAID["drives"]
    assert [[k.video, k.frame] for k in project.evaluation.sampled()] == SAID["sampled"]
    parts = sorted([k.video, k.frame, part] for k, part in project.split.parts().items())
    assert parts == SAID["parts"]
    assert Path(project.checkpoints.all()[0].path).name == SAID["detector"]
    assert project.classes == ("pedestrian", "rider")
    assert all(video.times is None for video in project.videos.all())
    project.videos.facts.add_damaged("b", [3, 1, 3])
    assert project.videos.facts.damaged("b") == {1, 3}
    assert project.check() == ()


def test_what_undo_and_redo_would_do_is_as_it_was(project: Project) -> None:
    assert (project.journal.undo_text, project.journal.redo_text) == (
        SAID["undo"],
        SAID["redo"],
    )
    found = [
        [g.number, g.status, g.kind, g.text, g.time, g.frames]
        for g in project.journal.gestures()
    ]
    assert found == SAID["gestures"]
    for then in SAID["redone"]:
        assert project.journal.redo() is not None
        assert all_said(project) == then
    assert project.journal.redo() is None
    for then in SAID["undone"]:
        assert project.journal.undo() is not None
        assert all_said(project) == then
    assert project.journal.undo() is None


def test_cycles_are_as_they_were_and_can_be_made_again(project: Project) -> None:
    cycles = project.ledger.cycles()
    assert [
        {
            "time": c.time,
            "hash": c.hash,
            "labels": c.labels,
            "picks": [
                [p.key.video, p.key.frame, p.rank, p.score, p.raw, p.origin] for p in c.picks
            ],
            "dropped": sorted([k.video, k.frame] for k in c.dropped),
        }
        for c in cycles
    ] == SAID["cycles"]
    replayed = [project.ledger.replay_inputs(c.number).hash() for c in cycles]
    assert replayed == SAID["replayed"]
    assert [[e.cycle, e.kind] for e in project.ledger.events()] == SAID["events"]


def test_labels_as_of_a_cycle_are_found_or_refused_never_guessed(project: Project) -> None:
    first = project.ledger.as_of(1)
    assert set(first.labels) == {FrameKey("a1", 5), FrameKey("a2", 6)}
    assert [d.key for d in first.drives] == ["a", "b"]
    # In between something was undone, and when is not known; the hash tells.
    second = project.ledger.as_of(2)
    assert len(second.labels) == 4
    project._database.run("DROP TRIGGER cycles_keep_update")
    project._database.run("UPDATE cycles SET journal = 1 WHERE number = 2")
    with pytest.raises(InputError, match="not known any more"):
        project.ledger.as_of(2)


def test_old_picks_are_dropped_and_added_by_edits(project: Project) -> None:
    picked = project.ledger.cycle(1).to_label
    key = picked[0].key
    project.ledger.drop_pick(1, key)
    with pytest.raises(InputError, match="picked before"):
        project.ledger.add_pick(1, PickRecord(key, None, None, None))
    project.journal.undo()
    assert project.ledger.cycle(1).to_label == picked


def test_the_tables_are_those_of_a_new_project(project: Project, tmp_path: Path) -> None:
    new = tmp_path / "new.sqlite"
    create_file(new, {})
    with contextlib.closing(sqlite3.connect(new)) as connection:
        fresh = schema(connection.execute("SELECT type, name, sql FROM sqlite_schema"))
    assert schema(project._database.rows("SELECT type, name, sql FROM sqlite_schema")) == fresh


def schema(rows: Any) -> dict[tuple[str, str], str]:
    return {(kind, name): " ".join((sql or "").split()) for kind, name, sql in rows}


def test_a_copy_of_the_old_file_is_kept(folder: Path, old: int) -> None:
    Project.open(folder).close()
    kept = folder / f"project-format-{old}.sqlite"
    with contextlib.closing(sqlite3.connect(kept)) as before:
        assert before.execute("PRAGMA user_version").fetchone() == (old,)
        assert before.execute("SELECT count(*) FROM journal").fetchone() == (
            len(SAID["gestures"]),
        )
    with contextlib.closing(sqlite3.connect(folder / FILE)) as now:
        assert now.execute("PRAGMA user_version").fetchone() == (VERSION,)


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_killed_migration_leaves_the_old_project_or_the_new(
    folder: Path, old: int, memory: Path
) -> None:
    total = statements(folder)
    assert total > 60
    found = set()
    for at in [*range(1, total, 6), *range(total, total + 45, 3)]:
        copy = memory / f"killed{at}"
        shutil.copytree(folder, copy)
        child = os.fork()
        if child == 0:
            die_at(copy, at)
        os.waitpid(child, 0)
        with contextlib.closing(sqlite3.connect(copy / FILE)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            tables = connection.execute(
                "SELECT count(*) FROM sqlite_schema WHERE name IN ('track_boxes', 'old_picks')"
            ).fetchone()[0]
        # Each format is a transaction of its own.
        assert (version, tables) in ((2, 0), *((n, 1) for n in range(3, VERSION + 1)))
        found.add(version)
        with Project.open(copy) as project:
            assert all_said(project) == SAID["labels"]
            assert project.journal.undo_text == SAID["undo"]
        shutil.rmtree(copy)
    assert found - {4, 5, 6} == {2, 3, VERSION}


def statements(folder: Path) -> int:
    """How many statements the migration to one journal runs."""
    copy = folder.parent / "counted"
    shutil.copytree(folder, copy)
    count = [0]

    def one_more(_: str) -> None:
        count[0] += 1

    database = Database(copy / FILE)
    if database.value("PRAGMA user_version") == 1:
        MIGRATIONS[1](database)
    database._connection.set_trace_callback(one_more)
    with database.writing():
        MIGRATIONS[2](database)
    database.close()
    return count[0]


def die_at(folder: Path, at: int) -> None:
    """The child: opens the project and dies before a statement of that migration."""
    left = [at]
    migrate = MIGRATIONS[2]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(database: Database) -> None:
        database._connection.set_trace_callback(count)
        migrate(database)

    MIGRATIONS[2] = counted
    try:
        Project.open(folder)
    finally:
        os._exit(0)
