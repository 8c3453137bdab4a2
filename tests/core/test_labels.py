"""Labels as values: states, box ids, what may be stored, proposals, picture hashes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import (
    UNSEEN,
    FrameKey,
    FrameLabels,
    MemoryLabels,
    Proposal,
    accept,
    checked,
    picture_hash,
    reject,
    undecided,
)

BOX = Box(10, 20, 30, 60)
OTHER = Box(40, 20, 55, 60, occluded=True)


def test_states_say_what_is_known() -> None:
    assert FrameLabels().state == "unseen"
    assert FrameLabels.of([]).state == "nothing"
    assert FrameLabels.of([BOX]).state == "labelled"
    assert [FrameLabels(s).trains for s in ("unseen", "nothing", "skipped")] == [
        False,
        True,
        False,
    ]
    with pytest.raises(ValueError, match="no state"):
        FrameLabels("seen")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 boxes"):
        FrameLabels("labelled")
    with pytest.raises(ValueError, match="1 boxes"):
        FrameLabels("nothing", (BOX,))


def test_box_ids_are_stable_and_never_given_twice() -> None:
    labels = FrameLabels.of([BOX, OTHER])
    assert labels.ids == (1, 2)
    without = labels.without_boxes(2)
    assert without.with_boxes(OTHER).ids == (1, 3)
    moved = labels.with_box(2, BOX.scaled(2))
    assert moved.box(2) == BOX.scaled(2)
    assert moved.box(1) == BOX
    with pytest.raises(KeyError):
        without.box(2)
    with pytest.raises(ValueError, match="id of its own"):
        FrameLabels("labelled", (BOX, OTHER), (1, 1))


def test_losing_the_last_box_does_not_say_that_nothing_is_there() -> None:
    labels = FrameLabels.of([BOX]).without_boxes(1)
    assert labels.state == "unseen"
    assert labels.marked("nothing").trains
    assert FrameLabels.of([BOX]).marked("skipped").boxes == ()


def test_boxes_are_cut_at_the_edge() -> None:
    def stored(box: Box) -> Box:
        return checked(FrameLabels.of([box]), 100, 80, ["pedestrian"]).boxes[0]

    assert stored(BOX) == BOX
    assert stored(Box(-20, 10, 30, 90)) == Box(0, 10, 30, 80, truncated=True)
    assert stored(Box(-0.5, 10, 30, 60)) == Box(0, 10, 30, 60)
    ignored = Box(0, 0, 10, 10, "crowd", ignore=True)
    assert stored(ignored) == ignored


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (Box(math.nan, 0, 10, 10), "no number"),
        (Box(0, 0, math.inf, 10), "no number"),
        (Box(10, 0, 10, 10), "empty"),
        (Box(10, 20, 5, 30), "empty"),
        (Box(200, 0, 220, 10), "outside the picture of 100×80"),
        (Box(0, 0, 10, 10, "bicycle"), "'bicycle', which is not among pedestrian"),
    ],
)
def test_boxes_that_cannot_be_are_refused(box: Box, words: str) -> None:
    with pytest.raises(InputError, match=words):
        checked(FrameLabels.of([box]), 100, 80, ["pedestrian"])


def test_proposals_count_only_when_accepted() -> None:
    proposals = [Proposal(7, BOX, 0.9), Proposal(8, OTHER, 0.4), Proposal(9, BOX, 0.2)]
    labels = accept(UNSEEN, proposals[:1])
    confirmed = replace(BOX, origin="confirmed")
    assert labels.boxes == (confirmed,)
    assert accept(labels, proposals[:1]) == labels
    declined = reject(labels, proposals)
    assert declined.boxes == (confirmed,)
    assert declined.rejected == {8, 9}
    assert undecided(labels, proposals) == tuple(proposals[1:])
    assert undecided(declined, proposals) == ()
    assert accept(declined, [proposals[1]]).rejected == {9}
    assert reject(UNSEEN, proposals).state == "unseen"


def test_the_picture_hash_tells_pictures_apart() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    assert len(picture_hash(image)) == 32
    assert picture_hash(image) == picture_hash(image.copy())
    assert picture_hash(image) != picture_hash(image.reshape(6, 4, 3))
    other = image.copy()
    other[3, 5, 2] = 1
    assert picture_hash(image) != picture_hash(other)
    assert picture_hash(other[:, ::2]) == picture_hash(np.ascontiguousarray(other[:, ::2]))


def test_a_change_that_changes_nothing_is_no_gesture() -> None:
    store = MemoryLabels()
    key = FrameKey("v", 3)
    assert store.change({key: UNSEEN}) is None
    assert store.change({key: FrameLabels.of([])}, text="nothing") is not None
    assert store.change({key: FrameLabels.of([])}) is None
    assert store.all() == {key: FrameLabels.of([])}
    group = store.undo()
    assert group is not None
    assert group.text == "nothing"
    assert store.all() == {}
    assert store.undo() is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "drop", "move", "nothing", "undo", "redo"]),
            st.integers(0, 2),
        ),
        max_size=30,
    )
)
def test_undo_brings_back_the_very_labels(actions: list[tuple[str, int]]) -> None:
    store = MemoryLabels()
    past = [store.all()]
    for what, frame in actions:
        key = FrameKey("v", frame)
        labels = store.get(key)
        done = None
        if what == "add":
            done = store.change({key: labels.with_boxes(BOX)})
        elif what == "drop" and labels.boxes:
            done = store.change({key: labels.without_boxes(labels.ids[0])})
        elif what == "move" and labels.boxes:
            done = store.change({key: labels.with_box(labels.ids[-1], OTHER)})
        elif what == "nothing":
            done = store.change({key: labels.marked("nothing")})
        elif what == "undo" and store.undo():
            past.pop()
        elif what == "redo" and store.redo():
            past.append(store.all())
        if done is not None:
            past.append(store.all())
        assert store.all() == past[-1]
    while store.undo():
        past.pop()
        assert store.all() == past[-1]
