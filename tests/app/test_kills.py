"""Killed in the midst of work: Drop, Add, a track's box, a class's name, a video found again.
What the session had acknowledged stands, and can be undone."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framesift.boxes import Box
from framesift.errors import EnvironmentProblem
from framesift.labels import FrameKey
from framesift.project import Project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")

ROUNDS = 4
KINDS = ("drop", "add", "track", "rename", "relink")
FRAME = 20
"""Of the track's box that is moved."""


def facts(project: Project) -> dict[str, Any]:
    """What the gestures change, each of them one entry, and how many can be undone."""
    video = project.videos.all()[0].id
    cycle = project.ledger.cycle(1)
    (track,) = project.tracks.all()
    box = project.tracks.get(track).keys[FrameKey(video, FRAME)]
    # A class's new name is in all labels too.
    assert (box.category,) == project.classes
    return {
        "picks": [
            sorted(key.frame for key in cycle.dropped),
            sorted([pick.key.frame, pick.origin] for pick in cycle.to_label),
        ],
        "track": box.x1,
        "rename": list(project.classes),
        "relink": project.videos.locate(video).name,
        "undoable": sum(status == "done" for status, _ in project.journal.groups(1 << 30)),
    }


@pytest.fixture
def folder(scored: Any, footage: Path, until: Any, tmp_path: Path) -> Path:
    """A project with a cycle and a track, closed; copies of its video lie beside it."""
    scored.picks.take()
    until(lambda: scored.cycles.all)
    folder: Path = scored.folder
    scored.close()
    copies = [Path(shutil.copy(footage, tmp_path / f"copy{n}.mp4")) for n in range(2)]
    with Project.open(folder) as project:
        video = project.videos.all()[0].id
        project.videos.relink(video, copies[0])
        (track,) = project.tracks.new()
        project.tracks.put_key(track, FrameKey(video, FRAME), Box(5, 5, 9, 9, "pedestrian"))
    return folder


def reopened(folder: Path) -> Project:
    """The project of a process that was killed. A process that it was just starting holds the
    project's lock until its own program begins."""
    end = time.monotonic() + 20
    while True:
        try:
            return Project.open(folder)
        except EnvironmentProblem:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_what_was_acknowledged_outlives_a_kill(folder: Path) -> None:
    chance = random.Random(14)
    seen = set[str]()
    for number in range(ROUNDS):
        with (
            (folder.parent / "words").open("w+") as words,
            subprocess.Popen(
                [sys.executable, __file__, str(folder), str(number)],
                stdout=subprocess.PIPE,
                stderr=words,
                text=True,
            ) as child,
        ):
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.randrange(5, 12))]
            time.sleep(chance.random() / 50)
            child.kill()
            lines += child.stdout.readlines()
            words.seek(0)
            assert all(lines), words.read()
        # A line that the kill cut off acknowledges nothing.
        told = [json.loads(line) for line in lines if line.endswith("\n")]
        seen |= {kind for kind, _ in told}
        with reopened(folder) as project:
            assert project.check() == ()
            found, expected = facts(project), told[-1][1]
        # The gesture that was on its way when the kill came may be there, or not.
        changed = {name for name in found if found[name] != expected[name]}
        assert found["undoable"] - expected["undoable"] in (0, 1), (told[-1], found)
        assert len(changed - {"undoable"}) == len(changed & {"undoable"}), (told[-1], found)
    assert seen == set(KINDS)


class Hand:
    """Does one gesture after the other through a session, without end; prints each with the
    facts that hold once it was acknowledged."""

    def __init__(self, session: Any, folder: Path, seed: int) -> None:
        self.session, self.folder = session, folder
        self.chance, self.kinds = random.Random(seed), list[str]()
        self.doing = ""
        self.undoable: int = self.facts()["undoable"]
        session.journal.saving.connect(lambda busy: None if busy else self.acknowledged())
        session.picks.edited.connect(self.acknowledged)
        session.messages.failed.connect(lambda sentence, details: give_up(sentence))
        session.projectChanged.connect(self.soon)

    def acknowledged(self) -> None:
        """A gesture's own end: what the session says of the one before may come late."""
        kind = self.doing
        if not kind:
            return
        now = self.facts()
        if now["undoable"] == self.undoable:
            return
        self.doing, self.undoable = "", now["undoable"]
        print(json.dumps((kind, now)), flush=True)  # noqa: T201
        self.soon()

    def facts(self) -> dict[str, Any]:
        with Project.open(self.folder, readonly=True) as project:
            return facts(project)

    def soon(self) -> None:
        """Goes on when all parts have heard of what was."""
        from PySide6.QtCore import QTimer

        QTimer.singleShot(0, self.next)

    def next(self) -> None:
        if not self.kinds:
            self.kinds = self.chance.sample(KINDS, len(KINDS))
        self.doing = self.kinds.pop()
        doing: Callable[[], None] = getattr(self, self.doing)
        doing()

    def drop(self) -> None:
        taken = [pick.key for pick in self.session.picks.all if pick.cycle == 1]
        self.session.picks.drop(self.chance.choice(taken))

    def add(self) -> None:
        cycle = self.session.cycles.latest
        taken = {pick.key for pick in cycle.picks}
        drive = self.session.footage.drives[0]
        free = [key for key in map(drive.key_of, range(48)) if key not in taken]
        self.session.picks.add(self.chance.choice(free))

    def track(self) -> None:
        key = self.session.footage.drives[0].key_of(FRAME)
        (box,) = self.session.labels.of(key).boxes
        (name,) = self.session.labels.classes
        x1 = self.chance.random() * 5
        self.session.tracks.place(key, box.track, Box(x1, 5, 9, 9, name))

    def rename(self) -> None:
        (name,) = self.session.labels.classes
        self.session.upkeep.rename_class(name, f"class {self.chance.getrandbits(40)}")

    def relink(self) -> None:
        clip = self.session.footage.drives[0].clips[0]
        with Project.open(self.folder, readonly=True) as project:
            now = project.videos.locate(clip.id).name
        other = "copy0.mp4" if now == "copy1.mp4" else "copy1.mp4"
        self.session.upkeep.relink(clip.id, self.folder.parent / other)


def give_up(*words: object) -> None:
    """Ends the process that is killed before that: its last line is empty then."""
    print(*words, file=sys.stderr, flush=True)  # noqa: T201
    os._exit(1)


def main(folder: str, seed: str) -> None:
    """The process that is killed."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QCoreApplication

    from framesift_app.session import Session

    sys.excepthook = give_up
    app = QCoreApplication([])
    session = Session()
    hand = Hand(session, Path(folder), int(seed))
    session.open_project(hand.folder)
    app.exec()


if __name__ == "__main__":
    main(*sys.argv[1:])
