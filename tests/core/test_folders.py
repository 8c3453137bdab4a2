"""Folders that are replaced whole: nobody's files go, and nothing is left lying about."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from framesift.errors import EnvironmentProblem, InputError
from framesift.files import folders
from framesift.files.folders import check_free, replacing_folder
from framesift.project import Project

Command = Callable[..., str]
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and links of POSIX")


def wrote(out: Path, text: str = "ours", *, overwrite: bool = False) -> Path:
    with replacing_folder(out, overwrite=overwrite) as part:
        (part / "deep").mkdir()
        (part / "deep" / "a.txt").write_text(text)
    return out


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_folder_is_free_or_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="no folder"):
        check_free(tmp_path / "file", overwrite=True)
    for name in ("new", "empty"):
        check_free(tmp_path / name, overwrite=False)
        (tmp_path / "empty").mkdir(exist_ok=True)
    out = wrote(tmp_path / "out")
    assert wrote(tmp_path / "empty") == tmp_path / "empty"
    with pytest.raises(InputError, match=r"not empty.*--overwrite"):
        wrote(out, "new")
    wrote(out, "new", overwrite=True)
    assert (out / "deep" / "a.txt").read_text() == "new"
    assert names(tmp_path / "out") == [".framesift-written", "deep", "deep/a.txt"]


def _added(out: Path) -> None:
    (out / "labels").mkdir()
    (out / "labels" / "mine.json").write_text("{}")


def _changed(out: Path) -> None:
    (out / "deep" / "a.txt").write_text("by hand")


def _linked(out: Path) -> None:
    (out / "link").symlink_to(out.parent)


def _without_list(out: Path) -> None:
    (out / ".framesift-written").unlink()


@POSIX
@pytest.mark.parametrize("change", [_added, _changed, _linked, _without_list])
def test_what_others_put_there_stays(tmp_path: Path, change: Callable[[Path], None]) -> None:
    out = wrote(tmp_path / "out")
    change(out)
    before = names(tmp_path)
    with pytest.raises(InputError, match="did not write so"):
        wrote(out, "new", overwrite=True)
    assert names(tmp_path) == before


def test_what_comes_while_it_is_written_stays(tmp_path: Path) -> None:
    out = wrote(tmp_path / "out")
    with (
        pytest.raises(InputError, match="did not write so"),
        replacing_folder(out, overwrite=True),
    ):
        _added(out)
    assert (out / "labels" / "mine.json").exists()
    assert names(tmp_path)[0] == "out"


def test_a_failure_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = wrote(tmp_path / "out")

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(folders, "flush_file", full)
        with pytest.raises(EnvironmentProblem, match="disk is full"):
            wrote(out, "new", overwrite=True)
    assert (out / "deep" / "a.txt").read_text() == "ours"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_everything_is_on_the_disk_before_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []
    out = tmp_path / "out"
    for name in ("flush_file", "flush_folder"):
        flush = getattr(folders, name)

        def noted(path: Path, flush: Callable[[Path], None] = flush) -> None:
            seen.append((path.name if path.parent != tmp_path else "part", out.exists()))
            flush(path)

        monkeypatch.setattr(folders, name, noted)
    wrote(out)
    before = [name for name, there in seen if not there]
    assert {"a.txt", "deep", "part", ".framesift-written"} <= set(before)
    # The rename itself comes last.
    assert [name for name, there in seen if there] == [tmp_path.name]


KILLED = """
import os, signal, sys
from pathlib import Path
from framesift.files.folders import replacing_folder
with replacing_folder(Path(sys.argv[1])) as part:
    (part / "half.txt").write_text("half")
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    print("writing", flush=True)
    sys.stdin.read()
"""


def child(out: Path, how: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", KILLED, str(out), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@POSIX
def test_what_a_killed_process_left_is_cleaned_up(tmp_path: Path) -> None:
    with child(tmp_path / "out", "kill") as killed:
        killed.communicate()
    left = [path for path in tmp_path.iterdir() if path.name.startswith(".out.")]
    assert (left[0] / "half.txt").exists()
    # Of another name, without our mark, or still being written: left alone.
    (tmp_path / ".out.mine").mkdir()
    (tmp_path / ".outlook.abc").mkdir()
    (tmp_path / ".outlook.abc" / ".framesift-part").touch()
    with child(tmp_path / "out", "wait") as busy:
        assert busy.stdout is not None
        assert busy.stdout.readline() == b"writing\n"
        wrote(tmp_path / "out")
        kept = {path.name for path in tmp_path.iterdir()} - {"out"}
        assert left[0].name not in kept
        assert {".out.mine", ".outlook.abc"} < kept
        assert len(kept) == 3
        busy.communicate(b"")


def test_a_cycle_on_a_full_disk_is_taken_and_said_or_not_taken(
    command: Command,
    small_drive: Path,
    small_detector: Path,
    small_disk: Path,
    fill_disk: Callable[[Path, int], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    from framesift.cli import main

    folder = small_disk / "project"
    command("init", folder, "--detector", small_detector)
    command("add", folder, small_drive)
    command("score", "--project", folder)
    ends = set()
    for left in (0, 24 << 10, 60 << 10, 90 << 10, 200 << 10, 4 << 20):
        with Project.open(folder, readonly=True) as project:
            before = len(project.ledger)
        fill_disk(small_disk, left)
        words = ["cycle", str(folder), "--budget", "1", "--delta1", "1", "--delta2", "0"]
        status = main(words)
        said = capsys.readouterr().err
        (small_disk / "filler").unlink()
        with Project.open(folder, readonly=True) as project:
            taken = len(project.ledger) - before
        assert (f"Cycle {before + 1} is taken, only its report" in said) == bool(
            taken and status
        )
        ends.add((status, taken))
    assert ends == {(3, 0), (3, 1), (0, 1)}


def test_a_cycle_whose_report_cannot_be_written_is_not_taken(
    command: Command, small_drive: Path, small_detector: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    command("init", folder, "--detector", small_detector)
    command("add", folder, small_drive)
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").touch()
    words = ("cycle", folder, "--every", 8, "--budget", 2, "--delta1", 2, "--out", out)
    for more in ((), ("--overwrite",)):
        assert "not empty" in command(*words, *more, status=2)
    with Project.open(folder, readonly=True) as project:
        assert len(project.ledger) == 0
        assert not project.series.all()


def test_labels_put_beside_the_picks_stay(
    command: Command, small_drive: Path, small_detector: Path, tmp_path: Path
) -> None:
    out = tmp_path / "picks"
    words = ("select", small_drive, "--detector", small_detector, "--every", 8, "--out", out)
    command(*words, "--budget", 2, "--delta1", 2)
    command(*words, "--budget", 1, "--delta1", 2, "--overwrite")
    assert len(list((out / "frames").iterdir())) == 1
    (out / "labels").mkdir()
    (out / "labels" / "mine.json").write_text("{}")
    said = command(*words, "--budget", 2, "--delta1", 2, "--overwrite", status=2)
    assert "labels/mine.json" in said
    assert (out / "labels" / "mine.json").exists()
