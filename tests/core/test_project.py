"""A project as a folder: made in one step, one writer, versions, damage, read-only places."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import EnvironmentProblem, FramesiftError, InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import FILE, Project, schema
from framesift.project.database import Database

# Python 3.12 warns where a library's threads sleep; the children touch none of them.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

LABELS = FrameLabels.of([Box(10, 20, 30, 60)])
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs fork and file permissions")


class Clip:
    """What add() has to know of an opened video."""

    kind, fps, width, height = "file", 30.0, 640, 480
    times = None

    def __init__(self, path: Path, frames: int = 100) -> None:
        self.path, self.frames, self.fingerprint = path, frames, f"content of {path.stem}"

    def __len__(self) -> int:
        return self.frames


def made(folder: Path, frames: int = 100) -> Project:
    project = Project.create(folder)
    project.videos.add(Clip(folder.parent / "drive.mp4", frames))
    return project


def in_child(work: Callable[[], None], *, user: int | None = None) -> str:
    """Runs `work` in a forked child; the sentence or traceback it ended with, or ""."""
    ends, begins = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ends)
        said = ""
        try:
            if user is not None and os.geteuid() == 0:
                os.setgid(user)
                os.setuid(user)
            work()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(begins, said.encode())
        os._exit(0)
    os.close(begins)
    with os.fdopen(ends) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_a_new_project_is_empty_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "week47"
    with Project.create(
        folder,
        classes=["pedestrian", "rider", "pedestrian"],
        detector="paper",
        settings={"delta1": "0.5s"},
    ) as project:
        assert project.classes == ("pedestrian", "rider")
        assert project.class_list.add(["car"]) == ("pedestrian", "rider", "car")
    with Project.open(folder) as project:
        assert project.name == "week47"
        assert project.classes == ("pedestrian", "rider", "car")
        assert project.detector == project.settings.detector == "paper"
        assert project.settings.get("delta1") == "0.5s"
        assert project.settings.get("sigma", 3.0) == 3.0
        status = project.status()
        assert (status.videos, status.frames, status.cycles) == (0, 0, 0)
        assert status.undo == "Add class car"
        project.journal.undo()
        assert project.classes == ("pedestrian", "rider")
        assert project.status().undo is None
        project.journal.redo()
        assert project.check() == ()
    assert sorted(path.name for path in folder.iterdir()) == [FILE, "writer.lock"]
    with Project.open(folder / FILE, readonly=True) as project:
        assert project.readonly
    with Project.open_or_create(folder) as project:
        assert project.classes == ("pedestrian", "rider", "car")


def test_a_project_is_made_only_where_it_can_be(tmp_path: Path) -> None:
    made(tmp_path / "there").close()
    with pytest.raises(InputError, match="already"):
        Project.create(tmp_path / "there")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        Project.create(tmp_path / "file")
    with pytest.raises(InputError, match="name for a class"):
        Project.create(tmp_path / "new", classes=["a\nb"])
    with pytest.raises(InputError, match="at least one"):
        Project.create(tmp_path / "new", classes=[])
    with pytest.raises(InputError, match="no project in"):
        Project.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "new").exists()


@POSIX
def test_a_killed_init_leaves_nothing_half_made(tmp_path: Path) -> None:
    seen = set()
    for at in range(1, 100, 4):
        folder = tmp_path / f"project{at}"

        def killed(folder: Path = folder, at: int = at) -> None:
            kill_at_statement(at)
            Project.create(folder).close()

        in_child(killed)
        seen.add(Project.exists(folder))
        if not Project.exists(folder):
            Project.create(folder).close()
        with Project.open(folder) as project:
            assert project.classes == ("pedestrian",)
            assert project.check() == ()
    assert seen == {True, False}


def kill_at_statement(number: int) -> None:
    """This process dies by SIGKILL when SQLite is about to run its statement of this number,
    whatever the connection."""
    connect, left = sqlite3.connect, [number]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(*args: object, **options: object) -> sqlite3.Connection:
        connection = connect(*args, **options)  # type: ignore[call-overload]
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = counted


def test_the_second_writer_gets_a_sentence_and_readers_come_in(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    with made(folder) as project:
        key = FrameKey("drive", 7)
        with pytest.raises(EnvironmentProblem, match=f"process {os.getpid()} on") as refusal:
            Project.open(folder)
        assert "close it there first" in str(refusal.value)
        with Project.open(folder, readonly=True) as reader:
            assert reader.labels.all() == {}
            project.labels.change({key: LABELS})
            assert reader.labels.get(key) == LABELS
            with pytest.raises(EnvironmentProblem, match="for reading only"):
                reader.journal.undo()
            with pytest.raises(EnvironmentProblem, match="for reading only"):
                reader.settings.set("a", 1)
    Project.open(folder).close()


def test_the_right_to_write_dies_with_its_process(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    made(folder).close()
    script = (
        "import sys, time; from framesift.project import Project; "
        "p = Project.open(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(EnvironmentProblem, match=f"process {child.pid} on"):
            Project.open(folder)
        with Project.open(folder, readonly=True) as reader:
            assert len(reader.videos.all()) == 1
        child.kill()
        child.wait()
    Project.open(folder).close()


def test_another_thread_opens_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    found = []

    def read() -> None:
        with Project.open(folder, readonly=True) as reader:
            found.append(reader.labels.get(FrameKey("drive", 1)))
        try:
            project.labels.all()
        except sqlite3.ProgrammingError as error:
            found.append(error)

    with made(folder) as project:
        project.labels.change({FrameKey("drive", 1): LABELS})
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert found[0] == LABELS
    assert isinstance(found[1], sqlite3.ProgrammingError)


def test_a_newer_project_is_refused_and_an_older_one_brought_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, now = tmp_path / "project", schema.VERSION
    made(folder).close()

    def renamed(database: Database) -> None:
        database.run("ALTER TABLE videos ADD COLUMN weather TEXT")

    monkeypatch.setattr(schema, "VERSION", now + 1)
    monkeypatch.setitem(schema.MIGRATIONS, now, renamed)
    script = schema.SCRIPT.replace("added REAL NOT NULL)", "added REAL NOT NULL, weather TEXT)")
    monkeypatch.setattr(schema, "SCRIPT", script)
    with pytest.raises(EnvironmentProblem, match=f"older format {now}; open it once for writ"):
        Project.open(folder, readonly=True)
    with Project.open(folder) as project:
        assert len(project.videos.all()) == 1
    kept_at = folder / f"project-format-{now}.sqlite"
    assert kept_at.exists()
    Project.open(folder, readonly=True).close()
    monkeypatch.undo()
    for readonly in (False, True):
        with pytest.raises(
            InputError, match=rf"format {now + 1}.* up to {now}\. Update Framesift"
        ):
            Project.open(folder, readonly=readonly)
    with contextlib.closing(sqlite3.connect(kept_at)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (now,)


def test_a_failed_migration_leaves_the_older_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    made(folder).close()

    def fails(database: Database) -> None:
        database.run("DROP TABLE masks")
        raise EnvironmentProblem("The disk is full.")

    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setitem(schema.MIGRATIONS, schema.VERSION - 1, fails)
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        Project.open(folder)
    monkeypatch.undo()
    with Project.open(folder) as project:
        assert project.masks.all() == ()


def test_files_that_are_no_project_get_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    for content, words in [
        (b"", "not a Framesift project"),
        (b"a text\n" * 1000, "is damaged"),
        (b"SQLite format 3\0" + b"\xff" * 4096, "damaged|not a Frames"),
    ]:
        (folder / FILE).write_bytes(content)
        for readonly in (False, True):
            with pytest.raises(InputError, match=words):
                Project.open(folder, readonly=readonly)
    (folder / FILE).unlink()
    with contextlib.closing(sqlite3.connect(folder / FILE)) as other:
        other.execute("CREATE TABLE cats (name TEXT)")
        other.commit()
    with pytest.raises(InputError, match="not a Framesift project"):
        Project.open(folder)


def test_a_damaged_project_never_raises_anything_but_sentences(tmp_path: Path) -> None:
    with made(tmp_path / "good") as project:
        project.labels.change({FrameKey("drive", n): LABELS for n in range(100)})
    whole = (tmp_path / "good" / FILE).read_bytes()
    said = []
    for number in range(40):
        folder = tmp_path / f"bad{number}"
        folder.mkdir()
        at = len(whole) * number // 40
        broken = whole[:at] if number % 2 else whole[:at] + b"\xa5" * 300 + whole[at + 300 :]
        (folder / FILE).write_bytes(broken)
        try:
            with Project.open(folder) as project:
                project.status()
                project.labels.all()
                project.journal.undo()
                assert project.check() is not None
        except FramesiftError as error:
            said.append(str(folder) in str(error))
    assert len(said) > 20
    assert all(said)


def passable(folder: Path) -> None:
    """Lets every user into the folder; pytest keeps those above it to one user."""
    for above in (folder, *folder.parents):
        mode = above.stat().st_mode
        if mode & 0o055 != 0o055:
            above.chmod(mode | 0o055)


@POSIX
def test_a_readonly_folder_can_be_read_and_says_why_not_written(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    with made(folder) as project:
        project.labels.change({FrameKey("drive", 7): LABELS})
    passable(folder)
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)

    def reads() -> None:
        with Project.open(folder, readonly=True) as project:
            assert project.labels.get(FrameKey("drive", 7)) == LABELS

    def writes() -> None:
        Project.open(folder).close()

    try:
        assert in_child(reads, user=65534) == ""
        refusal = in_child(writes, user=65534)
        assert refusal.startswith("EnvironmentProblem: The project")
        assert "cannot be written" in refusal
        if os.geteuid() == 0:
            assert "Cannot write" in in_child(
                lambda: Project.create(folder.parent / "no").close(), user=65534
            )
    finally:
        folder.chmod(0o755)


@POSIX
def test_what_a_killed_writer_left_is_read_even_from_a_readonly_folder(tmp_path: Path) -> None:
    folder, copy = tmp_path / "project", tmp_path / "copy"
    made(folder).close()

    def killed() -> None:
        project = Project.open(folder)
        project.labels.change({FrameKey("drive", 7): LABELS})
        os.kill(os.getpid(), signal.SIGKILL)

    in_child(killed)
    assert (folder / f"{FILE}-wal").stat().st_size
    shutil.copytree(folder, copy)
    (copy / f"{FILE}-shm").unlink()
    passable(copy)
    copy.chmod(0o555)

    def reads() -> None:
        with Project.open(copy, readonly=True) as project:
            assert project.labels.get(FrameKey("drive", 7)) == LABELS

    try:
        assert in_child(reads, user=65534) == ""
    finally:
        copy.chmod(0o755)


@POSIX
def test_the_log_of_a_deleted_project_does_not_haunt_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    made(folder).close()

    def killed() -> None:
        project = Project.open(folder)
        project.labels.change({FrameKey("drive", 7): LABELS})
        os.kill(os.getpid(), signal.SIGKILL)

    in_child(killed)
    (folder / FILE).unlink()
    with Project.create(folder) as project:
        assert project.videos.all() == ()
        assert project.labels.all() == {}
        assert project.check() == ()


@POSIX
def test_a_full_disk_is_a_sentence_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    with made(folder) as project:
        project.labels.change({FrameKey("drive", 7): LABELS}, text="kept")

    def fills() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        with Project.open(folder) as project:
            for number in range(1000):
                many = FrameLabels.of([Box(i, 0, i + 5, 50) for i in range(60)])
                before = project.labels.all()
                try:
                    project.labels.change(
                        {
                            FrameKey("drive", n): many.with_boxes(Box(number, 1, number + 2, 9))
                            for n in range(10, 50)
                        }
                    )
                except FramesiftError:
                    assert project.labels.all() == before
                    assert project.journal.undo_text is not None
                    raise

    said = in_child(fills)
    assert said.startswith("EnvironmentProblem: Cannot use")
    assert "disk" in said
    with Project.open(folder) as project:
        assert project.labels.get(FrameKey("drive", 7)) == LABELS
        assert project.check() == ()


def test_no_room_left_in_the_database_is_the_sentence_of_a_full_disk(tmp_path: Path) -> None:
    with made(tmp_path / "project") as project:
        pages = project._database.value("PRAGMA page_count")
        project._database.run(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(EnvironmentProblem, match="the disk is full; free some space"):
            project.settings.set("much", "x" * 100_000)
        assert project.settings.get("much") is None
        project.settings.set("little", 1)
        assert project.settings.get("little") == 1


@POSIX
def test_a_project_that_vanishes_is_told(tmp_path: Path) -> None:
    """SQLite goes on writing to a file that was deleted."""
    project = made(tmp_path / "project")
    key = FrameKey(project.videos.all()[0].id, 3)
    shutil.move(tmp_path / "project", tmp_path / "elsewhere")
    with pytest.raises(EnvironmentProblem, match="is gone"):
        project.labels.change({key: LABELS})
    shutil.rmtree(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentProblem, match="is gone"):
        project.settings.set("name", 1)
    project.close()


def test_what_is_renamed_is_on_the_disk_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.project import checkpoints

    flushed: list[str] = []
    for name in ("flush_file", "flush_folder"):
        monkeypatch.setattr(checkpoints, name, lambda path: flushed.append(path.name))
    with made(tmp_path / "project") as project:
        (tmp_path / "new.safetensors").write_bytes(b"weights")
        project.checkpoints.adopt(
            tmp_path / "new.safetensors", identity="0123456789", classes=["pedestrian"]
        )
    assert flushed == ["new.safetensors", "checkpoints", tmp_path.name]
