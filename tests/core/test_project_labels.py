"""A project's labels: the same store as the model's, undo over restarts, imports, pictures,
proposals."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import (
    UNSEEN,
    FrameKey,
    FrameLabels,
    LabelStore,
    MemoryLabels,
    Picture,
    picture_hash,
)
from framesift.project import Project
from framesift.project.journal import ProjectJournal

BOX = Box(10.25, 20, 30, 60.1, occluded=True)
OTHER = Box(1 / 3, 0.1, 55, 60, "rider")
CROWD = Box(100, 100, 300, 300, "crowd", ignore=True)


class Clip:
    kind, fps, width, height = "file", 30.0, 640, 480
    times = None

    def __init__(self, path: Path, frames: int = 20_000) -> None:
        self.path, self.frames, self.fingerprint = path, frames, path.stem

    def __len__(self) -> int:
        return self.frames


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is such a place: what is tested is the order of writes, and a
    busy disk takes long to flush them."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", classes=["pedestrian", "rider"]) as opened:
        opened.videos.add(Clip(tmp_path / "v.mp4"))
        opened.videos.add(Clip(tmp_path / "w.mp4"))
        yield opened


def key(frame: int, video: str = "v") -> FrameKey:
    return FrameKey(video, frame)


def test_labels_come_back_exactly(project: Project) -> None:
    labels = FrameLabels.of([BOX, OTHER, CROWD]).without_boxes(2).with_boxes(OTHER)
    changes = {
        key(3): labels,
        key(4): FrameLabels("nothing"),
        key(5): FrameLabels("skipped"),
        key(0, "w"): FrameLabels.of([BOX]),
    }
    group = project.labels.change(changes, kind="draw", text="4 frames labelled")
    assert group is not None
    assert group.after() == changes
    assert project.labels.all() == changes
    assert project.labels.all("w") == {key(0, "w"): FrameLabels.of([BOX])}
    assert project.labels.get(key(3)).box(4) == OTHER
    assert project.labels.get(key(99)) == UNSEEN
    assert project.labels.states() == {k: v.state for k, v in changes.items()}
    states, boxes = project.labels.counts()
    assert states == {"labelled": 2, "nothing": 1, "skipped": 1}
    assert boxes == 4


def test_numbers_of_numpy_are_stored_as_well(project: Project) -> None:
    corners = np.array([10.5, 20.5, 30.5, 60.5], np.float32)
    project.labels.change({key(int(np.int64(3))): FrameLabels.of([Box(*corners)])})
    assert project.labels.get(key(3)).boxes == (Box(10.5, 20.5, 30.5, 60.5),)


def test_what_cannot_be_is_refused_as_a_whole(project: Project) -> None:
    good = FrameLabels.of([BOX])
    for bad, words in [
        ({key(3): FrameLabels.of([Box(0, 0, 5, 5, "cat")])}, "Frame 3 of v: .*'cat'"),
        ({key(3): FrameLabels.of([Box(700, 0, 720, 5)])}, "outside the picture of 640×480"),
        ({key(3): FrameLabels.of([Box(0, 0, math.nan, 5)])}, "no number"),
        ({key(20_000): good}, "has no frame 20000; it has 20000"),
        ({key(-1): good}, "has no frame -1"),
        ({FrameKey("x", 0): good}, "no video 'x'"),
    ]:
        with pytest.raises(InputError, match=words):
            project.labels.change({key(1): good, **bad})
    assert project.labels.all() == {}
    assert project.journal.undo_text is None
    project.class_list.add(["cat"])
    project.labels.change({key(3): FrameLabels.of([Box(-9, 0, 5, 5, "cat")])})
    assert project.labels.get(key(3)).boxes == (Box(0, 0, 5, 5, "cat", truncated=True),)


def test_undo_survives_a_restart(project: Project) -> None:
    project.labels.change({key(1): FrameLabels.of([BOX])}, text="one box")
    project.labels.change({key(1): FrameLabels.of([BOX, OTHER]), key(2): UNSEEN}, text="two")
    project.labels.change({key(2): FrameLabels("nothing")}, text="nothing there")
    assert project.journal.undo_text == "nothing there"
    project.journal.undo()
    project.journal.undo()
    folder = project.folder
    project.close()
    with Project.open(folder) as again:
        assert again.labels.all() == {key(1): FrameLabels.of([BOX])}
        assert (again.journal.undo_text, again.journal.redo_text) == ("one box", "two")
        assert again.status().redo == "two"
        redone = again.journal.redo()
        assert redone is not None
        assert redone.text == "two"
        assert again.labels.get(key(1)).boxes == (BOX, OTHER)
        again.labels.change({key(7): FrameLabels("skipped")}, text="skipped")
        assert again.journal.redo() is None
        assert [(g.status, g.text, g.frames) for g in again.journal.gestures()] == [
            ("done", "one box", 1),
            ("done", "two", 1),
            ("dropped", "nothing there", 1),
            ("done", "skipped", 1),
        ]
        assert [s for s, _ in again.journal.groups(2)] == ["dropped", "done"]
        while again.journal.undo():
            pass
        assert again.labels.all() == {}


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "drop", "move", "nothing", "skip", "many", "undo", "redo", "reopen"]
        ),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ACTIONS)
def test_the_store_does_what_the_model_does(
    tmp_path: Path, actions: list[tuple[str, int]]
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path)) / "project"
    model = MemoryLabels()
    project = Project.create(folder, classes=["pedestrian", "rider"])
    try:
        project.videos.add(Clip(folder.parent / "v.mp4"))
        for what, frame in actions:
            if what == "reopen":
                project.close()
                project = Project.open(folder)
            done = [
                act(model, model, what, frame),
                act(project.labels, project.journal, what, frame),
            ]
            assert done[0] == done[1]
            assert project.labels.all() == model.all()
        while model.undo():
            project.journal.undo()
            assert project.labels.all() == model.all()
        assert project.journal.undo() is None
    finally:
        project.close()


def act(
    store: LabelStore, history: MemoryLabels | ProjectJournal, what: str, frame: int
) -> object:
    """Does the same to any store; what changed by it."""
    labels = store.get(key(frame))
    group = None
    if what == "add":
        group = store.change({key(frame): labels.with_boxes(BOX)})
    elif what == "drop" and labels.boxes:
        group = store.change({key(frame): labels.without_boxes(labels.ids[0])})
    elif what == "move" and labels.boxes:
        group = store.change({key(frame): labels.with_box(labels.ids[-1], OTHER)})
    elif what in ("nothing", "skip"):
        state = "nothing" if what == "nothing" else "skipped"
        group = store.change({key(frame): labels.marked(state)})
    elif what == "many":
        group = store.change({key(n): FrameLabels.of([OTHER]) for n in range(frame + 1)})
    elif what in ("undo", "redo"):
        group = history.undo() if what == "undo" else history.redo()
    return group and group.edits


def test_ten_thousand_labels_are_one_gesture(project: Project) -> None:
    labels = {key(2 * n): FrameLabels.of([BOX, OTHER]) for n in range(10_000)}
    project.labels.change(labels, kind="import", text="labels.json imported")
    project.journal.undo()
    assert project.labels.all() == {}
    project.journal.redo()
    assert project.labels.counts() == ({"labelled": 10_000}, 20_000)


def test_the_snapshot_tells_labels_not_their_history(project: Project) -> None:
    empty = project.labels.snapshot()
    project.labels.change({key(1): FrameLabels.of([BOX])})
    one = project.labels.snapshot()
    project.labels.change({key(1): FrameLabels.of([OTHER])})
    assert len({empty, one, project.labels.snapshot()}) == 3
    project.labels.change({key(1): FrameLabels("labelled", (BOX,), (17,))})
    assert project.labels.snapshot() == one
    assert project.labels.snapshot([]) == empty
    project.labels.change({key(2): FrameLabels.of([BOX])})
    assert project.labels.snapshot([key(1)]) == one
    project.labels.change({key(1): UNSEEN, key(2): UNSEEN})
    assert project.labels.snapshot() == empty


def test_labels_are_tied_to_pictures(project: Project) -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    picture = Picture(picture_hash(image), 64, 48, 1234)
    project.labels.change(
        {key(1): FrameLabels.of([Box(50, 10, 70, 40)])}, pictures={key(1): picture}
    )
    assert project.labels.get(key(1)).boxes[0].x2 == 64
    assert project.labels.pictures.get(key(1)) == picture
    project.labels.change({key(1): FrameLabels("nothing")}, pictures={key(1): picture})
    other = Picture(picture_hash(image + 1), 64, 48, 1234)
    with pytest.raises(InputError, match="not the picture that was labelled"):
        project.labels.change({key(1): FrameLabels("skipped")}, pictures={key(1): other})
    assert project.labels.get(key(1)).state == "nothing"

    project.labels.change({key(2): FrameLabels("nothing"), key(3): FrameLabels("skipped")})
    assert project.labels.pictures.missing() == (key(2),)
    found = {key(1): picture.hash, key(2): "anything"}
    assert project.labels.pictures.verify(found) == ()
    [mismatch] = project.labels.pictures.verify({key(1): other.hash})
    assert (mismatch.key, mismatch.labelled) == (key(1), picture)
    assert "Frame 1 of v" in str(mismatch)
    project.labels.pictures.rebind({key(1): other})
    assert project.labels.pictures.all() == {key(1): other}


def test_proposals_never_count_until_accepted(project: Project) -> None:
    proposals = project.proposals
    proposals.put("detector-1", {key(1): [(BOX, 0.4), (OTHER, 0.9)], key(2): [(BOX, 0.8)]})
    assert [p.score for p in proposals.of(key(1))] == [0.9, 0.4]
    assert project.labels.all() == {}
    sure, unsure = proposals.open(key(1))
    assert proposals.accept(key(1), [sure.id]) is not None
    assert project.labels.get(key(1)).boxes == (replace(OTHER, origin="confirmed"),)
    assert project.journal.undo_text == "Accept 1 proposal"
    assert proposals.open(key(1)) == (unsure,)
    assert proposals.reject(key(1)) is not None
    assert proposals.open(key(1)) == ()
    project.journal.undo()
    assert proposals.open(key(1)) == (unsure,)
    project.journal.undo()
    assert project.labels.get(key(1)) == UNSEEN
    assert proposals.open(key(1)) == (sure, unsure)
    proposals.accept(key(1))
    assert project.journal.undo_text == "Accept 2 proposals"
    assert proposals.accept(key(1)) is None

    proposals.put("detector-2", {key(1): [(CROWD, 0.5)]})
    [newer] = proposals.open(key(1))
    assert newer.id > unsure.id
    assert newer.box == CROWD
    assert len(proposals.of(key(2))) == 1


def test_labels_that_cannot_be_read_are_a_sentence(project: Project) -> None:
    project.labels.change({key(1): FrameLabels("nothing")})
    for text in ("", "{}", "[1]", '["seen",[],1,[],[]]', '["labelled",[[1,2]],2,[],[]]'):
        project._database.run("UPDATE labels SET value = ?", (text,))
        with pytest.raises(InputError, match="damaged"):
            project.labels.all()
