"""Weak labels: points, extreme clicks, answers to proposals and tags, as values and in a
project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unlabelled_footage import drive

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import (
    NOT_WEAK,
    UNSEEN,
    FrameKey,
    FrameLabels,
    Point,
    Proposal,
    Weak,
    accept,
    box_of_extremes,
    checked,
    reject,
    verified,
    with_points,
    with_tags,
    without_points,
)
from framesift.labels.weak import renamed
from framesift.project import Project
from framesift.project.codec import decode, encode

KEY = FrameKey("v", 3)
OFFERED = Proposal(7, Box(1, 2, 30, 40), 0.4)
numbers = st.floats(0, 99, allow_nan=False)


@given(st.permutations([(5.0, 0.0), (0.0, 4.0), (6.0, 20.0), (10.0, 8.0)]))
def test_four_extremes_make_a_box_in_any_order(clicks: list[tuple[float, float]]) -> None:
    assert box_of_extremes(clicks, "car") == Box(0, 0, 10, 20, "car")


@pytest.mark.parametrize(
    ("clicks", "said"),
    [
        ([(0, 0), (1, 1), (2, 2)], "3 clicks make no box"),
        ([(0, 5), (1, 5), (2, 5), (3, 5)], "in one line"),
        ([(0, 5), (1, 8), (2, float("nan")), (3, 5)], "in one line"),
    ],
)
def test_other_clicks_are_refused(clicks: list[tuple[float, float]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        box_of_extremes(clicks)


def test_weak_labels_make_no_frame_labelled() -> None:
    labels = with_points(UNSEEN, [Point(3, 4)], every=True)
    labels = with_tags(labels, {"car": False, "pedestrian": True})
    assert (labels.state, labels.trains, labels.trains_weakly) == ("unseen", False, True)
    assert with_tags(labels, {"car": None}).weak.tags == (("pedestrian", True),)
    assert without_points(labels, 0).weak.points == ()
    assert not without_points(labels, 0).weak.every
    assert labels.marked("nothing").weak == NOT_WEAK
    assert not FrameLabels.of([Box(1, 2, 3, 4)]).trains_weakly


def test_a_no_is_learnt_from_and_a_proposal_put_aside_is_not() -> None:
    denied = verified(UNSEEN, [OFFERED], yes=False)
    assert denied.weak.denied == (Box(1, 2, 30, 40, denied=True),)
    assert denied.rejected == reject(UNSEEN, [OFFERED]).rejected == {7}
    assert reject(UNSEEN, [OFFERED]).weak == NOT_WEAK
    assert verified(UNSEEN, [OFFERED], yes=True) == accept(UNSEEN, [OFFERED])
    # What was answered is not asked again.
    assert verified(denied, [OFFERED], yes=True) == denied


weaks = st.builds(
    Weak,
    st.lists(st.builds(Point, numbers, numbers, st.sampled_from(["a", "ü b"])), max_size=3).map(
        tuple
    ),
    st.booleans(),
    st.lists(
        st.builds(Box, numbers, numbers, numbers, numbers, st.just("a"), denied=st.just(True)),
        max_size=2,
    ).map(tuple),
    st.dictionaries(st.sampled_from(["a", "b"]), st.booleans()).map(
        lambda tags: tuple(sorted(tags.items()))
    ),
)


@given(weaks, st.booleans())
def test_they_are_stored_to_the_bit(weak: Weak, box: bool) -> None:
    boxes = (Box(1, 2, 3, 4, "a"),) if box else ()
    labels = FrameLabels("started" if box else "unseen", boxes, weak=weak)
    assert decode(encode(labels), Path("p")) == labels


@pytest.mark.parametrize(
    "text",
    [
        '["unseen",[],1,[],[],[],[[[1,2,3]],false,[],[]]]',
        '["unseen",[],1,[],[],[],[[],false,[],[["a","yes"]]]]',
        '["unseen",[],1,[],[],[],[[[null,2,"a"]],false,[],[]]]',
        '["unseen",[],1,[],[],[],5]',
    ],
)
def test_damaged_ones_are_told(text: str) -> None:
    with pytest.raises(InputError, match="labels cannot be read"):
        decode(text, Path("project.sqlite"))


def test_they_are_checked_against_picture_and_classes() -> None:
    def check(**weak: object) -> FrameLabels:
        return checked(FrameLabels(weak=Weak(**weak)), 100, 50, ["car"])  # type: ignore[arg-type]

    with pytest.raises(InputError, match=r"point \(101, 4\) lies outside the picture"):
        check(points=(Point(101, 4, "car"),))
    with pytest.raises(InputError, match=r"outside"):
        check(points=(Point(float("nan"), 4, "car"),))
    with pytest.raises(InputError, match=r"point \(1, 4\) is of the class 'dog'"):
        check(points=(Point(1, 4, "dog"),))
    with pytest.raises(InputError, match="A tag is of the class 'dog'"):
        check(tags=(("dog", True),))
    cut = check(denied=(Box(90, 4, 120, 40, "car", denied=True),)).weak.denied[0]
    assert (cut.x2, cut.truncated, cut.denied) == (100, True, True)


def test_classes_that_become_one() -> None:
    weak = Weak((Point(1, 2, "man"),), tags=(("child", False), ("man", False)))
    both = {"man": "person", "child": "person"}
    assert renamed(weak, both).points == (Point(1, 2, "person"),)
    assert renamed(weak, both).tags == (("person", False),)
    # Nobody said whether a woman is there: that no person is there would be too much.
    assert renamed(weak, {**both, "woman": "person"}).tags == ()
    shown = Weak(tags=(("man", True),))
    assert renamed(shown, {**both, "woman": "person"}).tags == (("person", True),)


@pytest.fixture
def project(tmp_path: Path, folder: Path) -> Iterator[Project]:
    from framesift.cli import main

    assert main(["init", str(tmp_path / "p"), "--classes", "pedestrian", "car"]) == 0
    assert main(["add", str(tmp_path / "p"), str(folder / "v")]) == 0
    with Project.open(tmp_path / "p") as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drive(tmp_path_factory.mktemp("drive"), 6)


def test_the_journal_takes_them_back_and_brings_them_again(project: Project) -> None:
    key = FrameKey(project.videos.all()[0].id, 3)
    clicked = with_points(UNSEEN, [Point(3, 4)], every=False)
    project.labels.change({key: clicked}, kind="point", text="Click a pedestrian")
    snapshot = project.labels.snapshot()
    assert project.labels.get(key) == clicked
    project.journal.undo()
    assert project.labels.get(key) == UNSEEN
    assert project.labels.snapshot() != snapshot
    project.journal.redo()
    assert project.labels.get(key) == clicked
    # They make no frame labelled: nothing counts them among those that train.
    assert project.labels.states() == {}


def test_verification_and_classes_in_a_project(project: Project) -> None:
    key = FrameKey(project.videos.all()[0].id, 3)
    project.proposals.put("d", {key: [(Box(1, 2, 30, 40), 0.9), (Box(5, 6, 20, 30), 0.8)]})
    first, second = project.proposals.of(key)
    project.proposals.verify(key, True, [first.id])
    project.proposals.verify(key, False, [second.id])
    labels = project.labels.get(key)
    assert (labels.state, len(labels.boxes), len(labels.weak.denied)) == ("started", 1, 1)
    assert project.proposals.open(key) == ()
    assert [g.kind for g in project.journal.gestures(2)] == ["verify", "verify"]
    project.class_list.rename("pedestrian", "person")
    assert project.labels.get(key).weak.denied[0].category == "person"
    project.journal.undo()
    project.journal.undo()
    assert project.labels.get(key).weak == NOT_WEAK
