"""Databases that no Framesift wrote: each is refused by a sentence, before memory is made for
what it says, and whatever it holds besides is not run."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import FILE, CameraMask, Project, rectangle
from framesift.project.soundness import MOST_FRAMES

Command = Callable[..., str]

DEEP = "[" * 100_000
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
STATEMENTS = {
    "frames": "UPDATE videos SET frames = 1000000000000",
    "frames below": "UPDATE videos SET frames = -1",
    "frames as text": "UPDATE videos SET frames = 'many'",
    "frames as fraction": "UPDATE videos SET frames = 4.5",
    "size": "UPDATE videos SET width = 200000, height = 200000",
    "no size": "UPDATE videos SET width = 0",
    "kind": "UPDATE videos SET kind = 'url'",
    "name": "UPDATE videos SET name = x'00ff'",
    "rate": "UPDATE videos SET fps = 'fast'",
    "endless rate": "UPDATE videos SET fps = 9e999",
    "mask": "UPDATE masks SET width = 200000, height = 200000",
    "mask's shapes": "UPDATE masks SET shapes = 5",
    "label of no frame": "UPDATE labels SET frame = 1000000",
    "label of no video": "UPDATE labels SET video = 'nowhere'",
    "chunk": "INSERT INTO scores VALUES (1, 1000000000000, x'00')",
    "text in scores": "UPDATE scores SET data = 'nothing'",
    "view": "ALTER TABLE labels RENAME TO other; CREATE VIEW labels AS SELECT * FROM other",
    "endless view": f"DROP TABLE proposals; CREATE VIEW proposals AS {ENDLESS}",
    "another table": "CREATE TABLE extra (x)",
    "virtual table": "CREATE VIRTUAL TABLE search USING fts5(x)",
    "trigger": "CREATE TRIGGER t AFTER INSERT ON settings BEGIN DELETE FROM labels; END",
    "index that computes": "CREATE INDEX i ON settings (hex(zeroblob(1000)))",
    "lost table": "DROP TABLE masks",
    "lost column": "ALTER TABLE masks RENAME COLUMN drive TO car",
    "made column": "ALTER TABLE masks ADD COLUMN m AS (zeroblob(1000000000))",
}
TEXTS = {
    "settings": ("settings", "value", "name = 'classes'"),
    "labels": ("labels", "value", "1"),
    "mask": ("masks", "shapes", "1"),
    "recipe": ("series", "recipe", "1"),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a bit of everything."""
    from framesift.cli import main
    from framesift.synth import drive, write_drive

    folder = tmp_path_factory.mktemp("sound")
    for _ in write_drive(drive(frames=8, size=(64, 64)), folder / "a.mp4"):
        pass
    assert main(["init", str(folder / "project")]) == 0
    assert main(["add", str(folder / "project"), str(folder / "a.mp4")]) == 0
    with Project.open(folder / "project") as project:
        project.labels.change({FrameKey("a", 2): FrameLabels.of([Box(1, 2, 30, 40)])})
        project.masks.set(CameraMask(64, 64, (rectangle(0, 0, 9, 9),)))
        with project.series.writer("a", {"detector": "d", "score": {}}) as writer:
            writer.add(3, 0.5)
    return folder / "project"


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "project"
    shutil.copytree(original, copy)
    return copy


def change(folder: Path, statements: str) -> None:
    """What somebody else's program does to a project's file."""
    with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        kept = [name for (name,) in names.fetchall()]
        for name in kept:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.executescript(statements)


def read_all(folder: Path) -> None:
    """Asks a project for all that commands and the window ask for."""
    with Project.open(folder, readonly=True) as project:
        assert project.classes
        project.status()
        project.labels.all()
        for video in project.videos.all():
            mask = project.masks.of(video)
            if mask is not None:
                mask.raster()
        for one in project.series.all():
            project.series.values(one)


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_cannot_be_is_refused(folder: Path, name: str) -> None:
    change(folder, STATEMENTS[name])
    for readonly in (True, False):
        with (
            pytest.raises(InputError, match="is damaged"),
            Project.open(folder, readonly=readonly) as project,
        ):
            project.masks.all()


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", [DEEP, "5", "null", '{"a": 1}', '[{"a": []}]', '"x"', "[NaN]"])
def test_texts_that_say_something_else(folder: Path, name: str, text: str) -> None:
    table, column, where = TEXTS[name]
    with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (text,))
    if name == "recipe" and text == '{"a": 1}':
        read_all(folder)
        return
    with pytest.raises(InputError, match="is damaged"):
        read_all(folder)


def test_a_sound_project_is_read(original: Path, command: Command) -> None:
    read_all(original)
    command("status", original)


def test_the_longest_video_is_no_damage(folder: Path) -> None:
    change(folder, f"UPDATE videos SET frames = {MOST_FRAMES}")
    read_all(folder)


def test_a_file_is_checked_again_once_it_was_closed(folder: Path) -> None:
    with Project.open(folder):
        change(folder, "UPDATE videos SET frames = -1")
        # What this process has open it has found sound; its threads open it again and again.
        Project.open(folder, readonly=True).close()
    with pytest.raises(InputError, match="is damaged"):
        Project.open(folder, readonly=True)


def test_a_query_that_does_not_end(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever it is: the limit is on every one, not only on those of opening."""
    with Project.open(original, readonly=True) as project:
        monkeypatch.setattr("framesift.project.database.QUERY_S", 0.05)
        database = project.labels._database
        with pytest.raises(InputError, match="a query does not end"):
            database.rows(ENDLESS)
        with pytest.raises(InputError, match="a query does not end"):
            database.value(ENDLESS.replace("SELECT x FROM", "SELECT count(*) FROM"))
        assert project.labels.all()
