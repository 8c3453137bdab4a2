"""Projects that somebody else made: nothing outside of them is written, whatever they say."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from trained_here import TrainedHere

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.files import held, json_of, read_json
from framesift.labels import FrameKey, FrameLabels
from framesift.loop import Trained, train_project
from framesift.project import FILE, Project
from framesift.project.lock import NAME, WriterLock
from framesift.records import closing
from framesift.training import Step, TrainSettings

Command = Callable[..., str]
LINKS = pytest.mark.skipif(os.name != "posix", reason="links need a right of their own there")
SETTINGS = TrainSettings(epochs=4, batch=1, min_height=10, threads=1, num_workers=1)


def content(folder: Path) -> dict[str, str]:
    """The files of a folder with the hash of each."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder with a file, both somebody's own."""
    folder = tmp_path / "victim"
    folder.mkdir()
    (folder / "precious.txt").write_text("precious")
    return folder


@pytest.fixture
def project(command: Command, small_drive: Path, small_detector: Path, tmp_path: Path) -> Path:
    """A project that has its video and its detector inside, with five labelled frames."""
    folder = tmp_path / "one"
    (folder / "footage").mkdir(parents=True)
    shutil.copy(small_drive, folder / "footage" / "small.mp4")
    command("init", folder, "--detector", small_detector)
    command("add", folder, folder / "footage" / "small.mp4")
    with Project.open(folder) as opened:
        boxes = FrameLabels.of([Box(40, 20, 80, 110)])
        opened.labels.change({FrameKey("small", n): boxes for n in (0, 10, 20, 30, 40)})
    return folder


def begin_training(folder: Path, start: str = "initial") -> None:
    """Trains for a step, as whoever closes the window then."""
    with (
        Project.open(folder) as opened,
        closing(train_project(opened, SETTINGS, start=start, device="cpu")) as records,
    ):
        for record in records:
            if isinstance(record, Step):
                break


def finish_training(folder: Path) -> Trained:
    with Project.open(folder) as opened:
        records = train_project(opened, resume=True, device="cpu")
        return next(record for record in records if isinstance(record, Trained))


@LINKS
def test_a_lock_that_is_a_link_is_not_followed(
    command: Command, project: Path, victim: Path
) -> None:
    (project / NAME).unlink()
    (project / NAME).symlink_to(victim / "precious.txt")
    assert "is a link" in command("sample", project, "--evaluation", 3, status=2)
    (project / NAME).unlink()
    (project / NAME).symlink_to(victim / "new.txt")
    assert "is a link" in command("sample", project, "--evaluation", 3, status=2)
    (project / NAME).unlink()
    # A file with a second name elsewhere, as backups make them, is held but not written.
    os.link(victim / "precious.txt", project / NAME)
    command("sample", project, "--evaluation", 3)
    (project / NAME).unlink()
    os.mkfifo(project / NAME)
    assert "device" in command("sample", project, "--evaluation", 3, status=2)
    assert content(victim) == {"precious.txt": hashlib.sha256(b"precious").hexdigest()}


@LINKS
def test_a_lock_that_nests_without_end_names_nobody(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path)
    (tmp_path / NAME).write_text("[" * 60_000)
    with pytest.raises(Exception, match="by another program \\(another process\\)"):
        WriterLock(tmp_path)
    lock.release()


@LINKS
def test_a_database_that_is_a_link_is_not_opened(
    command: Command, project: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project, elsewhere)
    (project / FILE).unlink()
    (project / FILE).symlink_to(elsewhere / FILE)
    before = content(elsewhere)
    for words in (("status", project), ("sample", project, "--evaluation", 3)):
        assert "is a link" in command(*words, status=2)
    assert content(elsewhere) == before


@LINKS
@pytest.mark.usefixtures("trained_here")
@pytest.mark.parametrize("name", ["training", "checkpoints", "reports"])
def test_folders_that_are_links_are_not_written_to(
    command: Command, project: Path, victim: Path, name: str
) -> None:
    for deep in (False, True):
        shutil.rmtree(project / name, ignore_errors=True)
        where = project / name / {"training": "cycle-000", "reports": "cycle-001"}.get(name, "")
        if deep and name == "checkpoints":
            continue
        where = where if deep else project / name
        where.parent.mkdir(exist_ok=True)
        where.symlink_to(victim, target_is_directory=True)
        words: tuple[object, ...] = (
            ("cycle", project, "--budget", 2, "--every", 8, "--delta1", 2)
            if name == "reports"
            else ("train", project, "--epochs", 1, "--min-height", 10, "--device", "cpu")
        )
        said = command(*words, status=2)
        assert "link" in said
        assert list(content(victim)) == ["precious.txt"]
        where.unlink()


@LINKS
def test_a_copied_project_goes_on_with_its_own_training(
    project: Path, victim: Path, tmp_path: Path
) -> None:
    """Whatever its job file says, and whatever links lie beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("framesift.loop.training.TrainWorker", TrainedHere)
        begin_training(project)
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    out = copy / "training" / "cycle-000"
    job = json.loads((out / "job.json").read_text())
    assert (job["out"], job["training_set"]) == (".", "training-set.json")
    job.update(out=str(victim), training_set=f"{project}/training/cycle-000/training-set.json")
    (out / "job.json").write_text(json.dumps(job))
    for name in ("worker.log", "adopt.safetensors"):
        (out / name).unlink(missing_ok=True)
        (out / name).symlink_to(victim / "precious.txt")
    before = content(project)
    trained = finish_training(copy)
    assert trained.checkpoint.path.parent == copy / "checkpoints"
    assert trained.finished.last.parent == out
    # Its own footage, too: that of the copy.
    assert str(project) not in (out / "training-set.json").read_text()
    assert content(project) == before
    assert content(victim) == {"precious.txt": hashlib.sha256(b"precious").hexdigest()}


@pytest.mark.usefixtures("trained_here")
def test_a_moved_project_goes_on_with_its_training(
    project: Path, small_detector: Path, tmp_path: Path
) -> None:
    shutil.copy(small_detector, project / "start.safetensors")
    with Project.open(project) as opened:
        first = opened.checkpoints.adopt(
            project / "start.safetensors", identity="0123456789", classes=["pedestrian"]
        )
    begin_training(project, start=first.path.name)
    moved = tmp_path / "moved"
    project.rename(moved)
    trained = finish_training(moved)
    assert trained.checkpoint.number == 2
    assert trained.checkpoint.path.is_relative_to(moved)


@pytest.mark.parametrize("command_words", [("status",), ("sample", "--evaluation", "2")])
def test_a_foreign_database_stays_as_it_was(
    command: Command, tmp_path: Path, command_words: tuple[str, ...]
) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = content(folder)
    name, *rest = command_words
    assert "not a Framesift project" in command(name, folder, *rest, status=2)
    (folder / FILE).write_bytes(b"")
    assert "not a Framesift project" in command(name, folder, *rest, status=2)
    (folder / FILE).write_bytes(b"PK\3\4" * 100)
    assert "not a database" in command(name, folder, *rest, status=2)
    assert list(content(folder)) == list(before) == [FILE]


def _journal_naming(path: Path, pages: int) -> bytes:
    """A rollback journal without pages that belongs to a transaction over several files, whose
    list is at `path`."""
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(path).encode()
    head = b"".join(n.to_bytes(4) for n in (0, 0, pages, 512, 4096))
    page = ((1 << 30) // 4096 + 1).to_bytes(4)
    size, check = len(name).to_bytes(4), sum(name).to_bytes(4)
    return (magic + head).ljust(512, b"\0") + page + name + size + check + magic


def test_a_journal_that_names_other_files_is_refused(
    command: Command, project: Path, victim: Path
) -> None:
    precious = victim / "precious.txt"
    pages = (project / FILE).stat().st_size // 4096
    (project / f"{FILE}-journal").write_bytes(_journal_naming(precious, pages))
    said = command("sample", project, "--evaluation", 2, status=2)
    assert "names other files" in said
    assert precious.read_text() == "precious"


def test_sqlite_deletes_what_such_a_journal_names(project: Path, victim: Path) -> None:
    """Why it is refused."""
    pages = (project / FILE).stat().st_size // 4096
    journal = _journal_naming(victim / "precious.txt", pages)
    (project / f"{FILE}-journal").write_bytes(journal)
    with sqlite3.connect(project / FILE) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    connection.close()
    assert not (victim / "precious.txt").exists()


def test_held_is_below_the_folder(tmp_path: Path) -> None:
    assert held(tmp_path, "a", "b.txt") == tmp_path / "a" / "b.txt"
    for names in (("..", "x"), ("a", "..", "..", "x"), (".",), ("/etc/passwd",)):
        with pytest.raises(InputError, match="leads out"):
            held(tmp_path, *names)


def test_json_of_anybody(tmp_path: Path) -> None:
    assert json_of('{"a": [1]}') == {"a": [1]}
    for text in ("[" * 200_000, '{"a":' * 200_000, "1" * 10_000, "nonsense"):
        with pytest.raises(ValueError, match=r".+"):
            json_of(text)
    (tmp_path / "large.json").write_text("[" + "1," * 1000 + "1]")
    assert len(read_json(tmp_path / "large.json", 1 << 20)) == 1001
    with pytest.raises(ValueError, match="larger"):
        read_json(tmp_path / "large.json", 1000)
    with pytest.raises(ValueError, match="no file"):
        read_json(tmp_path, 1000)
