"""Folders that cannot be written and disks that are full: a sentence each, nothing lost.

They are real: a small disk in memory is mounted where the system lets us; elsewhere a folder
loses its permissions, and the system limits the size of files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from framesift.boxes import Box
from framesift.labels import UNSEEN
from framesift.project import Project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="mounts and limits of POSIX")
MEGABYTES = 24
BOX = Box(10, 10, 30, 60, "pedestrian")


def _mounted(folder: Path, *options: str) -> bool:
    """Mounts a disk in memory, or mounts it anew with other options."""
    if os.geteuid() != 0 or shutil.which("mount") is None or sys.platform != "linux":
        return False
    done = subprocess.run(
        ["mount", *options, "-t", "tmpfs", "framesift-test", str(folder)],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


@contextlib.contextmanager
def _readonly(folder: Path) -> Iterator[None]:
    """Makes a mounted folder read-only, or takes its permissions."""
    if os.path.ismount(folder):
        assert _mounted(folder, "-o", "remount,ro")
        yield
        assert _mounted(folder, "-o", "remount,rw")
        return
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in reversed(folders):
        path.chmod(0o555)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere, and nothing can be mounted here")
        yield
    finally:
        for path in folders:
            path.chmod(0o755)


@contextlib.contextmanager
def _full(folder: Path) -> Iterator[None]:
    """Fills a mounted disk to the last byte, or forbids files to grow any further."""
    import resource

    if os.path.ismount(folder):
        filler = folder / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        yield
        filler.unlink()
    else:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(params=["mounted", "plain"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if request.param == "plain":
        yield folder
        return
    if not _mounted(folder, "-o", f"size={MEGABYTES}m"):
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def labelled(session: Any, disk: Path, footage: Path, narrow: Path, until: Any) -> Any:
    """A session with a project on the disk, one frame of it labelled."""
    session.new_project(disk / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(
        lambda: session.footage.drives and session.detector.view and session.selection.settled
    )
    _edit(session, 3)
    until(lambda: not session.journal.writing)
    return session


def _edit(session: Any, frame: int) -> None:
    key = session.footage.drives[0].key_of(frame)
    session.labels.change(key, session.labels.of(key).with_boxes(BOX), "1 box")


def _expect(session: Any, until: Callable[[Callable[[], Any]], None], *words: str) -> None:
    """Waits for a sentence of these words, and forgets it."""
    until(lambda: session.errors)
    sentences = " ".join(sentence for sentence, _ in session.errors)
    session.errors.clear()
    assert "inside Framesift" not in sentences
    for word in words:
        assert word in sentences


def test_a_full_disk_takes_nothing_and_loses_nothing(
    labelled: Any, disk: Path, until: Any
) -> None:
    session = labelled
    key = session.footage.drives[0].key_of(9)
    with _full(disk):
        _edit(session, 9)
        assert session.labels.of(key).boxes
        # What could not be stored is told and taken back.
        _expect(session, until, "disk")
        until(lambda: not session.journal.writing)
        assert session.labels.of(key) == UNSEEN
        session.exchange.export_labels(disk / "out", "coco", pictures=True)
        _expect(session, until, "disk" if os.path.ismount(disk) else "annot")
        assert not (disk / "out").exists()
        session.scores.start(every=1)
        _expect(session, until, "disk")
        until(lambda: session.jobs.active("score") is None)
    _edit(session, 9)
    until(lambda: not session.journal.writing)
    session.scores.start(every=1)
    until(lambda: session.jobs.active("score") is None and session.selection.settled)
    assert session.picks.all
    assert session.errors == []
    session.close()
    with Project.open(disk / "week") as project:
        assert {k.frame for k in project.labels.all()} == {3, 9}
        assert project.check() == ()


def test_a_read_only_folder_is_a_sentence(
    labelled: Any, disk: Path, until: Any, narrow: Path
) -> None:
    session = labelled
    folder = session.folder
    session.close_project()
    until(lambda: session.folder is None)
    with _readonly(disk):
        session.open_project(folder)
        _expect(session, until, "that you may write to", str(folder))
        session.new_project(disk / "other", ["pedestrian"], str(narrow))
        _expect(session, until, "Cannot write", "other")
        assert session.folder is None
    session.open_project(folder)
    until(lambda: session.folder is not None)
    assert [key.frame for key in session.labels._labels] == [3]
