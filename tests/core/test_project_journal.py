"""One journal for every kind of edit: undo and redo to any point, cycles as they were, gestures
of several edits, wrong threads, killed writers."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from framesift.boxes import Box
from framesift.cli import main
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import LabelClass, PickRecord, Project
from framesift.project.database import WrongThread
from framesift.project.regrouping import join_clips, part_clips

RECIPE = {"detector": "first", "score": {"method": "divergence"}}
BOX = Box(10, 20, 30, 60)
RIDER = Box(40, 20, 60, 70, "rider", occluded=True)
MEMORY = Path("/dev/shm")
FOLDER = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None


class Clip:
    kind, fps, width, height = "file", 10.0, 640, 480
    times = None

    def __init__(self, path: Path, frames: int = 40) -> None:
        self.path, self.frames, self.fingerprint = path, frames, path.stem
        path.write_text(path.stem)

    def __len__(self) -> int:
        return self.frames


def made(folder: Path) -> Project:
    """A project of three drives (one of two clips), scored, with a cycle of four picks."""
    project = Project.create(folder / "project", classes=["pedestrian", "rider"])
    project.videos.add_drive([Clip(folder / "a1.mp4"), Clip(folder / "a2.mp4")], key="a")
    for name in ("b", "c"):
        project.videos.add(Clip(folder / f"{name}.mp4"))
    with project.series.writer("b", RECIPE) as writer:
        for frame in range(40):
            writer.add(frame, frame / 40, (), {"thumbnail": np.full(8, frame, np.uint8)})
    take(project, 4)
    return project


def take(project: Project, count: int) -> None:
    inputs = project.ledger.inputs({"divergence": {"detector": "first"}})
    values = inputs.signals["divergence"]["b"].copy()
    values[list(inputs.blocked()["b"])] = np.nan
    order = [int(n) for n in np.argsort(-values) if not np.isnan(values[n])]
    picks = [
        inputs.pick("b", frame, rank=rank, score=float(values[frame]), raw=None)
        for rank, frame in enumerate(order[:count], 1)
    ]
    project.ledger.take(inputs, picks, detector="first", checkpoint="x", settings={})


def state(project: Project) -> dict[str, Any]:
    """All that edits can change."""
    return {
        "labels": project.labels.all(),
        "classes": project.class_list.all(),
        "drives": {d.key: d.clips for d in project.videos.drives(None)},
        "picks": [(c.picks, c.dropped) for c in project.ledger.cycles()],
        "taken": project.ledger.taken(),
        "sampled": project.evaluation.sampled(),
        "tracks": {n: project.tracks.get(n) for n in project.tracks.all()},
        "proposals": project.proposals.open(FrameKey("b", 3)),
    }


class Edits(RuleBasedStateMachine):
    """Edits of every kind at random. `past` are the recorded states, the last one now; `undone`
    those that redo leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=FOLDER)
        self.project = made(Path(self.folder.name))
        self.project.proposals.put("first", {FrameKey("b", 3): [(BOX, 0.9), (RIDER, 0.5)]})
        self.past, self.undone = [state(self.project)], list[dict[str, Any]]()
        self.length = len(self.project.journal.history(1 << 30))
        self.cycles = {1: state(self.project)}

    def teardown(self) -> None:
        self.project.close()
        self.folder.cleanup()

    def did(self, group: object) -> None:
        now = state(self.project)
        if group is None:
            assert now == self.past[-1]
        else:
            self.past.append(now)
            self.undone.clear()

    def tried(self, work: Any) -> None:
        """What is refused changes nothing."""
        before = self.project.journal.position
        try:
            work()
        except InputError:
            assert self.project.journal.position == before
        self.did(None if self.project.journal.position == before else True)

    @rule(frame=st.integers(0, 5), video=st.sampled_from(["a1", "b"]), rider=st.booleans())
    def draw(self, frame: int, video: str, rider: bool) -> None:
        key = FrameKey(video, frame)
        category = self.project.classes[rider % len(self.project.classes)]
        box = replace(BOX, category=category)
        labels = self.project.labels.get(key).with_boxes(box)
        self.tried(lambda: self.project.labels.change({key: labels}))

    @rule()
    def accept(self) -> None:
        self.did(self.project.proposals.accept(FrameKey("b", 3)))

    @rule(where=st.integers(0, 39), high=st.integers(0, 5))
    def place(self, where: int, high: int) -> None:
        tracks = self.project.tracks.all()
        track = tracks[0] if tracks and high else self.project.tracks.new()[0]
        box = Box(where, high, where + 20, 40, self.project.classes[0])
        self.tried(lambda: self.project.tracks.put_key(track, FrameKey("a1", where), box))

    @precondition(lambda self: self.project.tracks.all())
    @rule(what=st.sampled_from(["confirm", "remove", "part", "interpolate"]))
    def track(self, what: str) -> None:
        track = self.project.tracks.all()[-1]
        if what == "part":
            boxes = self.project.tracks.get(track)
            middle = sorted((*boxes.keys, *boxes.derived))[len(boxes) // 2]
            self.tried(lambda: self.project.tracks.part(track, middle))
        else:
            self.tried(lambda: getattr(self.project.tracks, what)(track))

    @rule(place=st.integers(0, 3))
    def drop(self, place: int) -> None:
        picks = self.project.ledger.cycle(1).picks
        self.tried(lambda: self.project.ledger.drop_pick(1, picks[place].key))

    @rule(frame=st.integers(0, 5))
    def add(self, frame: int) -> None:
        pick = PickRecord(FrameKey("c", frame), None, None, None, origin="hand")
        self.tried(lambda: self.project.ledger.add_pick(1, pick))

    @rule(name=st.sampled_from(["car", "dog"]), new=st.sampled_from(["tram", "bus"]))
    def classes(self, name: str, new: str) -> None:
        names = self.project.classes
        if name not in names:
            self.tried(lambda: self.project.class_list.add([name]))
        else:
            self.tried(lambda: self.project.class_list.rename(name, new))

    @precondition(lambda self: len(self.project.classes) > 1)
    @rule(what=st.sampled_from(["merge", "order", "color"]))
    def more_classes(self, what: str) -> None:
        first, *rest = self.project.classes
        if what == "merge":
            self.did(self.project.class_list.merge([first], rest[0]))
        elif what == "order":
            self.did(self.project.class_list.order([*rest, first]))
        else:
            self.did(self.project.class_list.recolor(first, "#00ff7f"))

    @rule(what=st.sampled_from(["join", "part", "remove", "back"]), name=st.sampled_from("bc"))
    def drives(self, what: str, name: str) -> None:
        project, folder = self.project, Path(self.folder.name)
        if what == "join":
            self.tried(lambda: join_clips(project, ["a1", name]))
        elif what == "part":
            self.tried(lambda: part_clips(project, ["a2", name]))
        elif what == "remove":
            self.tried(lambda: project.videos.remove(name))
        else:
            self.tried(lambda: project.videos.add(Clip(folder / f"{name}.mp4")))

    @rule()
    def relink(self) -> None:
        there = Path(self.folder.name) / "elsewhere.mp4"
        there.write_text("a1")
        record = self.project.videos.get("a1")
        if record.path != there:
            self.project.videos.relink("a1", there, fingerprint=lambda path: path.read_text())
            self.did(True)

    @rule(seed=st.integers(0, 3))
    def sample(self, seed: int) -> None:
        self.tried(lambda: self.project.evaluation.sample(3, seed=seed))

    @rule()
    def take(self) -> None:
        if len(self.cycles) < 4 and "b" in {d.key for d in self.project.videos.drives()}:
            take(self.project, 2)
            number = len(self.project.ledger)
            taken = state(self.project)
            self.cycles[number] = self.past[-1]
            # Taking is no edit: it changes the past as well, which is the same but for it.
            added = taken["picks"][-1]
            frames = taken["taken"].get("b", ())
            for then in self.past:
                then["picks"] = [*then["picks"], added]
                then["taken"] = {
                    **then["taken"],
                    "b": tuple(sorted({*then["taken"]["b"], *(p.key.frame for p in added[0])})),
                }
            assert set(frames) >= {pick.key.frame for pick in added[0]}
            self.past[-1] = taken
            self.undone.clear()

    @rule(steps=st.integers(1, 6))
    def undo(self, steps: int) -> None:
        for _ in range(steps):
            text = self.project.journal.undo_text
            group = self.project.journal.undo()
            if group is None:
                assert len(self.past) == 1
                break
            assert group.text == text
            self.undone.append(self.past.pop())
            assert state(self.project) == self.past[-1]

    @rule(steps=st.integers(1, 6))
    def redo(self, steps: int) -> None:
        for _ in range(steps):
            if self.project.journal.redo() is None:
                assert not self.undone
                break
            self.past.append(self.undone.pop())
            assert state(self.project) == self.past[-1]

    @rule()
    def reopen(self) -> None:
        folder = self.project.folder
        self.project.close()
        self.project = Project.open(folder)

    @invariant()
    def the_journal_never_shrinks(self) -> None:
        lines = self.project.journal.history(1 << 30)
        assert [line.number for line in lines] == list(range(1, len(lines) + 1))
        assert len(lines) >= self.length
        self.length = len(lines)
        now = [line.status for line in lines if line.verb == "do"]
        assert now.count("done") == len(self.past) - 1
        assert now.count("undone") == len(self.undone)

    @invariant()
    def every_cycle_reads_as_it_was(self) -> None:
        for number, then in self.cycles.items():
            found = self.project.ledger.as_of(number)
            assert found.labels == then["labels"]
            assert found.classes == then["classes"]
            assert found.sampled == then["sampled"]


Edits.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestEdits = Edits.TestCase


@pytest.fixture
def project() -> Iterator[Project]:
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder, made(Path(folder)) as opened:
        yield opened


def test_a_merge_is_taken_back_to_the_very_boxes(project: Project) -> None:
    one, two = FrameKey("a1", 1), FrameKey("b", 2)
    project.class_list.recolor("rider", "#FF0000")
    both = FrameLabels.of([BOX, RIDER]).without_boxes(1).with_boxes(BOX)
    project.labels.change({one: both, two: FrameLabels.of([RIDER])})
    project.class_list.rename("rider", "cyclist")
    before = (project.labels.all(), project.class_list.all())
    group = project.class_list.merge(["cyclist"], "pedestrian")
    assert group is not None
    assert group.text == project.journal.undo_text == "Merge cyclist into pedestrian"
    assert [b.category for b in project.labels.get(one).boxes] == ["pedestrian"] * 2
    assert project.class_list.all() == (LabelClass("pedestrian", None, ("rider", "cyclist")),)
    undone = project.journal.undo()
    assert undone is not None
    assert undone.text == "Merge cyclist into pedestrian"
    assert (project.labels.all(), project.class_list.all()) == before
    assert before[1][1] == LabelClass("cyclist", "#ff0000", ("rider",))


def test_a_detector_goes_on_to_say_what_a_class_was_called(project: Project) -> None:
    project.proposals.put("old", {FrameKey("b", 1): [(RIDER, 0.9)]})
    project.class_list.rename("rider", "cyclist")
    [proposal] = project.proposals.open(FrameKey("b", 1))
    assert proposal.box == replace(RIDER, category="cyclist")
    assert project.proposals.accept(FrameKey("b", 1)) is not None
    # A new class may have the name again; then it is meant.
    project.class_list.add(["rider"])
    assert project.class_list.now("rider") == "rider"


def test_classes_that_cannot_be_are_refused(project: Project) -> None:
    listed = project.class_list
    for work, words in (
        (lambda: listed.rename("rider", "pedestrian"), "merge 'rider' into it"),
        (lambda: listed.rename("dog", "cat"), "no class 'dog'"),
        (lambda: listed.rename("rider", " "), "not a name"),
        (lambda: listed.merge(["dog"], "rider"), "no class 'dog'"),
        (lambda: listed.recolor("rider", "red"), "#rrggbb"),
        (lambda: listed.order(["rider"]), "name each of"),
    ):
        with pytest.raises(InputError, match=words):
            work()
    assert project.journal.undo_text is None


def test_edits_of_several_kinds_are_one_gesture(project: Project) -> None:
    before = state(project)
    picks = project.ledger.cycle(1).picks
    with project.journal.gesture("drop", ""):
        project.ledger.drop_pick(1, picks[3].key)
        project.ledger.add_pick(1, PickRecord(FrameKey("c", 1), 4, 0.5, 0.5))
    assert project.journal.undo_text == "Drop pick 4"
    project.journal.undo()
    assert state(project) == before

    def twice() -> None:
        project.ledger.drop_pick(1, picks[0].key)
        project.ledger.drop_pick(1, picks[0].key)

    with pytest.raises(InputError, match="no pick"):
        project.journal.together("drop", "", twice)
    assert state(project) == before
    assert project.journal.redo_text == "Drop pick 4"


def test_edits_that_cancel_out_are_no_gesture(project: Project) -> None:
    key = FrameKey("b", 1)
    with project.journal.gesture("edit", "nothing"):
        project.labels.change({key: FrameLabels("nothing")})
        project.labels.change({key: FrameLabels()})
    assert project.journal.undo_text is None


def test_a_refused_import_leaves_no_class(project: Project) -> None:
    outside = FrameLabels.of([Box(700, 0, 720, 5, "tram")])
    with pytest.raises(InputError, match="outside"):
        project.labels.change({FrameKey("b", 1): outside}, new_classes=["tram"])
    assert project.classes == ("pedestrian", "rider")


def test_what_a_cycle_has_taken_cannot_be_redone_over(project: Project) -> None:
    project.ledger.add_pick(1, PickRecord(FrameKey("b", 35), None, None, None, origin="hand"))
    project.journal.undo()
    take(project, 1)
    assert FrameKey("b", 35) in {pick.key for pick in project.ledger.cycle(2).picks}
    assert project.journal.redo() is None


def test_an_undone_sample_can_be_drawn_again(project: Project) -> None:
    first = project.evaluation.sample(5, seed=3)
    project.journal.undo()
    assert project.evaluation.sampled() == ()
    assert project.evaluation.sample(5, seed=3) == first
    assert project.journal.undo_text == "Sample 5 frames to measure by"
    with pytest.raises(InputError, match="measuring only"):
        project.ledger.add_pick(1, PickRecord(first[0], None, None, None))


def test_a_project_on_the_wrong_thread_fails_at_once(project: Project) -> None:
    writer = project.series.writer("c", {"detector": "first"})
    found: list[BaseException] = []

    def wrong() -> None:
        for work in (
            project.labels.all,
            lambda: project.journal.undo(),
            lambda: project.ledger.record("note", {}),
            lambda: project.evaluation.sample(1),
            # Scores wait in memory: without a check this would go wrong much later.
            lambda: writer.add(1, 0.5),
        ):
            try:
                work()
            except BaseException as error:
                found.append(error)

    thread = threading.Thread(target=wrong, name="other")
    thread.start()
    thread.join()
    assert [type(error) for error in found] == [WrongThread] * 5
    assert "another thread than 'other'; open it once more here" in str(found[0])


def test_the_journal_is_told_and_taken_back_by_commands(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(project.folder)
    project.class_list.add(["tram"])
    project.labels.change({FrameKey("b", 1): FrameLabels("nothing")}, text="nothing there")
    project.close()

    def command(*args: str) -> tuple[int, str]:
        status = main(list(args))
        answer = capsys.readouterr()
        return status, answer.out + answer.err

    assert command("undo", folder) == (0, "undone: nothing there\n")
    assert command("undo", folder) == (0, "undone: Add class tram\n")
    status, text = command("undo", folder)
    assert (status, "Nothing in" in text) == (2, True)
    assert command("undo", folder, "--redo") == (0, "done again: Add class tram\n")
    status, text = command("history", folder)
    assert status == 0
    assert "Take 4 picks (cycle 1)" in text
    assert "done again: Add class tram" in text
    assert text.endswith(
        "undo would take back: Add class tram\nredo would do again: nothing there\n"
    )
    _, text = command("history", folder, "--json", "--last", "2")
    told = json.loads(text)
    assert [line["verb"] for line in told["lines"]] == ["undo", "redo"]
    assert (told["undo"], told["redo"]) == ("Add class tram", "nothing there")


def test_a_journal_that_no_framesift_wrote_is_a_sentence(project: Project) -> None:
    project.labels.change({FrameKey("b", 1): FrameLabels("nothing")})
    project._database.run("DROP TRIGGER edits_keep_update")
    for column, text in (
        ("key", "[]"),
        ("key", "{"),
        ("before", "[1]"),
        ("subject", "weather"),
    ):
        [kept] = project._database.rows(f"SELECT {column} FROM edits")
        project._database.run(f"UPDATE edits SET {column} = ?", (text,))
        with pytest.raises(InputError, match="damaged"):
            project.journal.undo()
        project._database.run(f"UPDATE edits SET {column} = ?", kept)
    with pytest.raises(sqlite3.IntegrityError, match="can only grow"):
        project._database.run("UPDATE journal SET text = 'x'")
    assert project.journal.undo() is not None


def act(project: Project, seed: int) -> None:
    """One random gesture, undo or redo; the same for equal projects and seeds."""
    chance = random.Random(seed)
    key = FrameKey("a1", chance.randrange(10))
    pick = chance.choice(project.ledger.cycle(1).picks)
    first, *rest = project.classes
    box = Box(0, 0, 5 + chance.randrange(50), 9, first)

    def place() -> object:
        track = [*project.tracks.all(), *project.tracks.new()][0]
        return project.tracks.put_key(track, key, box)

    acts: tuple[Callable[[], object], ...] = (
        project.journal.undo,
        project.journal.undo,
        project.journal.redo,
        place,
        lambda: project.labels.change({key: project.labels.get(key).with_boxes(box)}),
        lambda: project.ledger.drop_pick(1, pick.key),
        lambda: project.ledger.add_pick(
            1, PickRecord(FrameKey("c", key.frame), None, None, None, origin="hand")
        ),
        lambda: project.class_list.add([f"class {chance.randrange(9)}"]),
        lambda: project.class_list.merge(rest[:1], first),
        lambda: project.videos.remove("c"),
        lambda: join_clips(project, ["a1", "b"]),
        lambda: part_clips(project, ["a2"]),
        lambda: project.evaluation.sample(2, seed=seed),
    )
    with contextlib.suppress(InputError):
        chance.choice(acts)()


def stacks(project: Project) -> object:
    """All that a restart must bring back: the state, and what undo and redo will do."""
    groups = project.journal.groups(1 << 30)
    return state(project), [(status, group.edits, group.text) for status, group in groups]


def write(folder: Path, seeds: list[int], pipe: int, statement: int) -> None:
    """The child: acts, acknowledges each with a byte, and dies before a statement of SQLite."""
    gc.disable()
    left = [statement]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        project = Project.open(folder)
        project._database._connection.set_trace_callback(count)
        for seed in seeds:
            act(project, seed)
            os.write(pipe, b".")
    except BaseException as error:
        os.write(pipe, repr(error).encode())
    finally:
        os._exit(0)


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_in_the_middle_of_gestures_of_every_kind(project: Project, memory: Path) -> None:
    chance = random.Random(7)
    folder = project.folder
    project.close()
    died = 0
    for round_ in range(60):
        child_at, model_at = (memory / f"{name}{round_}" for name in ("child", "model"))
        for copy in (child_at, model_at):
            shutil.copytree(folder, copy)
        seeds = [chance.getrandbits(60) for _ in range(8)]
        ends, begins = os.pipe()
        child = os.fork()
        if child == 0:
            write(child_at, seeds, begins, chance.randrange(5, 150))
        os.close(begins)
        with os.fdopen(ends, "rb") as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        assert said.strip(b".") == b"", said.decode()
        died += len(said) < len(seeds)
        with Project.open(model_at) as model, Project.open(child_at, readonly=True) as found:
            for seed in seeds[: len(said)]:
                act(model, seed)
            if stacks(found) != stacks(model):
                act(model, seeds[len(said)])
            assert stacks(found) == stacks(model)
            assert found.check() == ()
        for copy in (child_at, model_at):
            shutil.rmtree(copy)
    assert died > 20
