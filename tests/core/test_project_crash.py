"""Killed writers: after each, the store holds what was acknowledged, or that and the one edit
that was on its way."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.labels import FrameKey, LabelStore, MemoryLabels
from framesift.project import Project
from framesift.project.journal import ProjectJournal

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL"),
    # Python 3.12 warns where a library's threads sleep; the children touch none of them.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

PROJECTS, SEQUENCES = 100, 10
ACTIONS = ("add", "add", "drop", "move", "nothing", "many", "undo", "undo", "redo")


class Clip:
    kind, fps, width, height = "file", 30.0, 640, 480
    times = None

    def __init__(self, path: Path) -> None:
        self.path, self.fingerprint = path, path.stem

    def __len__(self) -> int:
        return 100


def new_project(folder: Path) -> Path:
    with Project.create(folder) as project:
        project.videos.add(Clip(folder.parent / "v.mp4"))
    return folder


def act(store: LabelStore, history: MemoryLabels | ProjectJournal, seed: int) -> None:
    """One random edit, undo or redo; the same for equal stores and seeds."""
    chance = random.Random(seed)
    what, frame = chance.choice(ACTIONS), chance.randrange(4)
    key = FrameKey("v", frame)
    labels = store.get(key)
    box = Box(1, 2, 3 + chance.randrange(100), 4 + chance.random())
    if what == "undo":
        history.undo()
    elif what == "redo":
        history.redo()
    elif what == "many":
        store.change(
            {
                FrameKey("v", n): store.get(FrameKey("v", n)).with_boxes(box)
                for n in range(frame + 2)
            }
        )
    elif what == "drop" and labels.boxes:
        store.change({key: labels.without_boxes(chance.choice(labels.ids))})
    elif what == "move" and labels.boxes:
        store.change({key: labels.with_box(chance.choice(labels.ids), box)})
    elif what == "nothing":
        store.change({key: labels.marked("nothing")})
    else:
        store.change({key: labels.with_boxes(box)})


def state(store: MemoryLabels) -> object:
    """All that a restart must bring back: labels, and what undo and redo will do."""
    return (
        store.all(),
        [group.edits for group in store.journal.done],
        [group.edits for group in reversed(store.journal.undone)],
    )


def stored(folder: Path) -> object:
    """The same of a project on the disk."""
    with Project.open(folder, readonly=True) as project:
        journal = project.journal.groups(1 << 30)
        return (
            project.labels.all(),
            [group.edits for status, group in journal if status == "done"],
            [group.edits for status, group in journal if status == "undone"],
        )


@dataclass(frozen=True)
class Death:
    """When a child dies: before its SQLite statement of a number, in the midst of one after so
    many steps of SQLite's machine, or when an edit is done and not yet acknowledged."""

    statement: int = 0
    step: int = 0
    edit: int = -1

    @staticmethod
    def drawn(chance: random.Random) -> Death:
        return chance.choice(
            [
                Death(statement=chance.randrange(1, 60)),
                Death(step=chance.randrange(1, 2500)),
                Death(edit=chance.randrange(8)),
            ]
        )


def die() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


def write(folder: Path, seeds: list[int], pipe: int, death: Death) -> None:
    """The child: edits, acknowledges each one with a byte, and dies."""
    # A collection would touch, and so copy, all of the parent's memory.
    gc.disable()
    left = [death.statement]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            die()

    try:
        project = Project.open(folder)
        connection = project._database._connection
        connection.set_trace_callback(count)
        if death.step:
            connection.set_progress_handler(die, death.step)
        for number, seed in enumerate(seeds):
            act(project.labels, project.journal, seed)
            if number == death.edit:
                die()
            os.write(pipe, b".")
    except Exception as error:
        os.write(pipe, repr(error).encode())
    os._exit(0)


def crash(folder: Path, seeds: list[int], death: Death) -> int:
    """Runs a child to its death; how many edits it acknowledged."""
    ends, begins = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ends)
        write(folder, seeds, begins, death)
    os.close(begins)
    with os.fdopen(ends, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    assert said.strip(b".") == b"", said.decode()
    return len(said)


def test_a_thousand_sequences_of_edits_undos_and_crashes(memory: Path) -> None:
    # In a process of their own: to fork one that holds all that other tests loaded takes longer
    # than what is tried.
    done = subprocess.run(
        [sys.executable, __file__, str(memory)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    unacknowledged, lost = map(int, done.stdout.split())
    # Both kinds must have been there: edits cut off, and edits done but not acknowledged.
    assert lost > 100
    assert unacknowledged > 100


def sequences(memory: Path) -> tuple[int, int]:
    """A thousand: how many edits were done and not acknowledged, and how many cut off."""
    chance = random.Random(20)
    unacknowledged = lost = 0
    empty = new_project(memory / "empty")
    for number in range(PROJECTS):
        folder = memory / f"project{number}"
        shutil.copytree(empty, folder)
        model = MemoryLabels()
        for _ in range(SEQUENCES):
            seeds = [chance.getrandbits(60) for _ in range(chance.randrange(1, 8))]
            acknowledged = crash(folder, seeds, Death.drawn(chance))
            for seed in seeds[:acknowledged]:
                act(model, model, seed)
            found = stored(folder)
            if acknowledged < len(seeds):
                lost += found == state(model)
                if found != state(model):
                    act(model, model, seeds[acknowledged])
                    unacknowledged += 1
            assert found == state(model)
    return unacknowledged, lost


def test_twenty_processes_killed_from_outside(memory: Path) -> None:
    folder = new_project(memory / "project")
    model = MemoryLabels()
    chance = random.Random(3)
    for _ in range(20):
        first = chance.getrandbits(50)
        with subprocess.Popen(
            [sys.executable, __file__, str(folder), str(first)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.randrange(1, 6))]
            child.kill()
            lines += child.stdout.readlines()
        acknowledged = sum(line == b"done\n" for line in lines)
        for number in range(acknowledged):
            act(model, model, first + number)
        found = stored(folder)
        if found != state(model):
            act(model, model, first + acknowledged)
        assert found == state(model)
    with Project.open(folder) as project:
        assert project.check() == ()


def main(folder: str, first: str) -> None:
    """The process that is killed: edits without end, and says so after each."""
    with Project.open(folder) as project:
        for number in range(10_000):
            act(project.labels, project.journal, int(first) + number)
            os.write(1, b"done\n")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(*sequences(Path(sys.argv[1])))  # noqa: T201
    else:
        main(*sys.argv[1:])
