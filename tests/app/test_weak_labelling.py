"""Labels that cost less than boxes, by clicks and keys; undone, and their seconds counted."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tests.app.test_labelling import Desk, opened

from framesift.boxes import Box
from framesift.loop import measured_seconds
from framesift.project import Project

__all__ = ["opened"]
Key = Qt.Key
Left = Qt.MouseButton.LeftButton
PEOPLE = ((Box(10, 10, 30, 50), 0.9), (Box(60, 20, 80, 60), 0.8))


@pytest.fixture
def desk(qtbot: Any, opened: Any, until: Any) -> Desk:
    made = Desk(qtbot, opened, until)
    made.told = []
    opened.messages.told.connect(made.told.append)
    return made


def click(desk: Desk, x: float, y: float) -> None:
    QTest.mouseClick(desk.canvas, Left, pos=desk.at(x, y))
    desk.settle()


def test_points(desk: Desk) -> None:
    desk.key(Key.Key_Q)
    assert desk.bench.boxes.tool == "point"
    assert desk.panel.weak.buttons["point"].isChecked()
    assert "near the center" in desk.told[-1]
    click(desk, 20, 30)
    desk.key(Key.Key_2)
    click(desk, 70.2, 40.2)
    first, second = desk.labels.weak.points
    assert (first.category, second.category) == ("pedestrian", "rider")
    assert (first.x, second.y) == pytest.approx((20, 40.2), abs=1)
    assert (desk.labels.state, desk.labels.weak.every) == ("unseen", False)
    assert desk.session.journal.undo_text == "rider pointed at"
    assert desk.panel.state.text() == "to do · 2 points"
    assert not desk.canvas.grab().isNull()
    # On a point: it goes, and undo brings it back.
    click(desk, 20, 30)
    assert desk.labels.weak.points == (second,)
    desk.session.journal.undo()
    desk.settle()
    assert desk.labels.weak.points == (first, second)
    # D: each object has one; the frame is done, and no pick to do any more.
    desk.key(Key.Key_D)
    desk.settle()
    assert desk.labels.weak.every
    assert desk.session.labels.pick_state(desk.session.playhead.key) == "weak"
    assert desk.session.labels.cover([desk.session.playhead.key])
    assert desk.session.journal.undo_text == "done, 2 points"


def test_four_clicks_are_a_box(desk: Desk) -> None:
    QTest.mouseClick(desk.panel.weak.buttons["extremes"], Left)
    for at in ((50, 10), (40, 30), (55, 70)):
        click(desk, *at)
    assert len(desk.bench.weak.clicks) == 3
    assert not desk.canvas.grab().isNull()
    # Esc takes one click back, not the tool.
    desk.key(Key.Key_Escape)
    assert (len(desk.bench.weak.clicks), desk.bench.boxes.tool) == (2, "extremes")
    for at in ((55, 70), (60, 40)):
        click(desk, *at)
    (box,) = desk.labels.boxes
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((40, 10, 60, 70), abs=1)
    assert (desk.labels.state, desk.bench.weak.clicks) == ("started", ())
    assert desk.session.journal.undo_text == "pedestrian drawn"
    # In one line: told, and nothing is made.
    for y in (10, 20, 30, 40):
        click(desk, 20, y)
    assert len(desk.labels.boxes) == 1
    assert "in one line" in desk.told[-1]
    # Another frame begins anew.
    click(desk, 20, 20)
    desk.go(12)
    assert desk.bench.weak.clicks == ()


def test_answers_to_proposals(desk: Desk) -> None:
    key, session = desk.session.playhead.key, desk.session
    session._project.ask(
        lambda project: project.proposals.put("seer", {key: PEOPLE}),
        lambda _: session.proposals.fetch(key),
    )
    desk.until(lambda: len(desk.bench.proposals.all()) == 2)
    desk.key(Key.Key_V)
    assert desk.panel.proposals.accept.text() == "⏎ Yes"
    desk.key(Key.Key_Return)
    desk.settle()
    desk.until(lambda: len(desk.bench.proposals.all()) == 1)
    desk.key(Key.Key_X)
    desk.settle()
    assert [box.origin for box in desk.labels.boxes] == ["confirmed"]
    assert [(b.x1, b.denied) for b in desk.labels.weak.denied] == [(60, True)]
    assert session.journal.undo_text == "Deny 1 proposal"
    assert not desk.canvas.grab().isNull()
    # Space goes on: that these are all was not said.
    desk.key(Key.Key_Space)
    desk.settle()
    assert session.labels.of(key).state == "started"
    for _ in range(2):
        session.journal.undo()
        desk.settle()
    assert (session.labels.of(key).boxes, session.labels.of(key).weak.denied) == ((), ())


def test_tags(desk: Desk) -> None:
    desk.key(Key.Key_R)
    desk.key(Key.Key_1)
    desk.settle()
    assert desk.labels.weak.tags == (("pedestrian", True),)
    assert desk.rows(desk.panel.classes)[0].startswith("✓")
    desk.key(Key.Key_1)
    desk.settle()
    assert desk.labels.weak.tags == ()
    desk.key(Key.Key_2)
    desk.key(Key.Key_D)
    desk.settle()
    assert desk.labels.weak.tags == (("pedestrian", False), ("rider", True))
    assert desk.session.labels.pick_state(desk.session.playhead.key) == "weak"
    desk.session.journal.undo()
    desk.settle()
    assert desk.labels.weak.tags == (("rider", True),)
    # Digits are classes of boxes again without the tool.
    desk.key(Key.Key_R)
    desk.key(Key.Key_1)
    desk.settle()
    assert desk.labels.weak.tags == (("rider", True),)


def test_space_is_done_with_points(desk: Desk) -> None:
    desk.key(Key.Key_Q)
    click(desk, 20, 30)
    key = desk.session.playhead.key
    desk.key(Key.Key_Space)
    desk.settle()
    assert desk.session.labels.of(key).weak.every


def test_the_planner_knows_their_seconds(desk: Desk) -> None:
    desk.key(Key.Key_Q)
    for n in range(9):
        click(desk, 10 + 9 * n, 30)
    assert len(desk.labels.weak.points) == 9
    with Project.open(desk.session.folder, readonly=True) as project:
        measured = measured_seconds(project)
        kinds = [gesture.kind for gesture in project.journal.gestures()]
    assert kinds == ["point"] * 9
    assert list(measured) == ["point_seconds"]
    assert 0 < measured["point_seconds"] < 120
