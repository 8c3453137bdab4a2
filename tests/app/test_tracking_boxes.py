"""Tracks in the window: drawn at two frames, interpolated, followed, corrected, confirmed."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tests.app.test_labelling import Desk, opened

from framesift.boxes import Box
from framesift.labels import FrameKey, FrameLabels
from framesift_app.session import Filter

__all__ = ["opened"]
Key = Qt.Key
Left = Qt.MouseButton.LeftButton
Ctrl, Shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(qtbot: Any, opened: Any, until: Any) -> Desk:
    """One box in frame 10, its track in hand."""
    made = Desk(qtbot, opened, until)
    made.key(Key.Key_B)
    made.drag((20, 20), (50, 60))
    made.settle()
    made.key(Key.Key_Z)
    made.until(lambda: made.bench.tracks.hand is not None)
    made.settle()
    return made


def labels(desk: Desk, frame: int) -> FrameLabels:
    return desk.session.labels.of(desk.session.footage.drives[0].key_of(frame))


def left_edges(desk: Desk, *frames: int) -> list[float]:
    edges = []
    for frame in frames:
        (box,) = (*labels(desk, frame).boxes, *labels(desk, frame).derived)
        edges.append(round(box.x1))
    return edges


def draw_later(desk: Desk) -> None:
    desk.go(14)
    desk.drag((40, 20), (70, 60))
    desk.settle()


def test_drawn_twice_and_interpolated_between(desk: Desk) -> None:
    track = desk.bench.tracks.hand
    assert desk.labels.boxes[0].track == track
    assert desk.panel.tracks.track.text() == f"Track {track}"
    draw_later(desk)
    assert left_edges(desk, 10, 11, 12, 13, 14) == [20, 25, 30, 35, 40]
    assert [labels(desk, n).state for n in (10, 12, 14)] == ["started", "unseen", "started"]
    assert {labels(desk, n).derived[0].origin for n in (11, 12, 13)} == {"interpolated"}
    # They are listed for themselves, and are no frames to do.
    shown = {
        kind: [view.key.frame for view in desk.session.frames.listed(Filter(kind))]
        for kind in ("derived", "todo", "started")
    }
    assert shown == {"derived": [11, 12, 13], "todo": [], "started": [10, 14]}
    # Nothing of what the program made counts before somebody confirms it.
    desk.go(12)
    assert not desk.canvas.grab().isNull()
    desk.key(Key.Key_Return, Ctrl)
    desk.settle()
    assert (desk.labels.state, desk.labels.boxes[0].origin) == ("started", "confirmed")
    # The whole gesture is one step of the one history.
    desk.session.journal.undo()
    desk.settle()
    desk.session.journal.undo()
    desk.settle()
    assert [len(labels(desk, n).derived) for n in (11, 12, 13)] == [0, 0, 0]
    assert labels(desk, 14) == FrameLabels()


def test_with_a_track_in_hand_arrows_go_from_frame_to_frame(desk: Desk) -> None:
    draw_later(desk)
    desk.key(Key.Key_B)
    desk.go(10)
    (before,) = desk.labels.boxes
    assert desk.bench.boxes.editor.box() == before
    for _ in range(2):
        desk.key(Key.Key_Right)
    assert desk.session.playhead.place[1] == 12
    desk.key(Key.Key_Left)
    desk.key(Key.Key_Left)
    assert desk.session.playhead.place[1] == 10
    assert desk.labels.boxes == (before,)
    # What is not along the frames is the box's, and all of them once the track is laid down.
    desk.key(Key.Key_Down)
    desk.key(Key.Key_Z)
    desk.key(Key.Key_Right)
    desk.settle()
    (box,) = desk.labels.boxes
    assert (box.x1 - before.x1, box.y1 - before.y1) == pytest.approx((1, 1))
    assert desk.session.playhead.place[1] == 10


def test_corrected_by_dragging_and_gone_on_from_there(desk: Desk) -> None:
    draw_later(desk)
    desk.key(Key.Key_B)
    desk.go(12)
    desk.drag((45, 40), (45, 50))
    desk.settle()
    (box,) = desk.labels.boxes
    assert (box.origin, round(box.y1)) == ("person", 30)
    assert [round(labels(desk, n).derived[0].y1) for n in (11, 13)] == [25, 25]
    # The track's box is selected wherever it has one; it goes, and the rest follows.
    desk.go(14)
    assert desk.bench.boxes.editor.box() == labels(desk, 14).boxes[0]
    desk.go(12)
    desk.key(Key.Key_Delete)
    desk.settle()
    assert [round(labels(desk, n).derived[0].y1) for n in (11, 12, 13)] == [20, 20, 20]
    desk.go(14)
    desk.key(Key.Key_Delete)
    desk.settle()
    assert [len(labels(desk, n).derived) for n in (11, 12, 13)] == [0, 0, 0]


def test_a_click_on_a_derived_box_changes_nothing(desk: Desk) -> None:
    draw_later(desk)
    desk.key(Key.Key_B)
    desk.key(Key.Key_Z)
    desk.key(Key.Key_Escape)
    desk.bench.tracks.lay_down()
    desk.go(12)
    before = desk.labels
    QTest.mouseClick(desk.canvas, Left, pos=desk.at(45, 40))
    desk.settle()
    assert desk.labels == before
    assert desk.bench.tracks.hand == before.derived[0].track
    assert desk.bench.boxes.editor.labels == before


def test_followed_by_what_the_frames_show(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from framesift.loop import carrying

    asked: list[tuple[int, int]] = []
    real = carrying.carry_track

    def carry(project: Any, track: int, key: FrameKey, *, frames: int) -> Any:
        asked.append((key.frame, frames))
        return real(project, track, key, frames=frames)

    monkeypatch.setattr(carrying, "carry_track", carry)
    desk.panel.tracks.far.setValue(5)
    desk.key(Key.Key_Z, Shift)
    desk.until(lambda: asked and desk.session.jobs.active("follow") is None)
    desk.settle()
    assert asked == [(10, 5)]
    carried = [n for n in range(11, 48) if labels(desk, n).derived]
    assert carried == list(range(11, 11 + len(carried)))
    assert 1 <= len(carried) <= 5
    assert {labels(desk, n).derived[0].origin for n in carried} == {"tracked"}
    assert all(labels(desk, n).state == "unseen" for n in carried)


def test_a_correction_takes_old_followed_boxes_along(desk: Desk) -> None:
    first = desk.labels.boxes[0]
    assert first.track is not None
    ways = {n: replace(first, x1=first.x1 + n - 10, origin="tracked") for n in range(11, 16)}
    boxes = {desk.session.footage.drives[0].key_of(n): box for n, box in ways.items()}
    desk.session.journal.write(lambda project: project.tracks.put_tracked(first.track, boxes))
    desk.settle()
    desk.go(12)
    desk.key(Key.Key_B)
    desk.drag((45, 40), (45, 50))
    desk.settle()
    assert desk.labels.boxes[0].origin == "person"
    assert [n for n in range(11, 48) if labels(desk, n).derived] == [11]
    desk.session.journal.undo()
    desk.settle()
    assert [n for n in range(11, 48) if labels(desk, n).derived] == list(range(11, 16))


def test_what_was_followed_from_a_box_that_was_corrected_is_not_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.loop import carrying

    real, followed, corrected = carrying.carry_track, threading.Event(), threading.Event()

    def carry(*given: Any, **named: Any) -> Any:
        *records, carried = real(*given, **named)
        yield from records
        followed.set()
        corrected.wait(60)
        yield carried

    failed: list[str] = []
    desk.session.messages.failed.connect(lambda sentence, details: failed.append(sentence))
    monkeypatch.setattr(carrying, "carry_track", carry)
    desk.key(Key.Key_Z, Shift)
    desk.until(followed.is_set)
    desk.key(Key.Key_B)
    desk.drag((35, 40), (35, 50))
    desk.settle()
    assert round(desk.labels.boxes[0].y1) == 30
    corrected.set()
    desk.until(lambda: failed and desk.session.jobs.active("follow") is None)
    assert "was corrected while it was followed" in failed[0]
    assert not any(labels(desk, n).derived for n in range(48))
    desk.session.errors.clear()


def test_without_a_box_it_says_what_to_do(desk: Desk) -> None:
    told: list[str] = []
    desk.session.messages.told.connect(told.append)
    desk.bench.tracks.lay_down()
    desk.go(20)
    desk.key(Key.Key_Z)
    desk.key(Key.Key_Z, Shift)
    assert told == [
        "Select the box of the object to track first.",
        "Select the box of an object, and press Z first.",
    ]


def test_all_of_a_track_is_confirmed_or_removed(desk: Desk) -> None:
    draw_later(desk)
    desk.bench.tracks.confirm_all()
    desk.settle()
    assert [labels(desk, n).state for n in range(10, 15)] == ["started"] * 5
    desk.bench.tracks.remove()
    desk.settle()
    assert not any(labels(desk, n).boxes or labels(desk, n).derived for n in range(10, 15))
    assert desk.bench.tracks.hand is None


def test_another_object_is_no_box_of_the_track(desk: Desk) -> None:
    desk.drag((60, 20), (80, 60))
    desk.settle()
    assert [box.track for box in desk.labels.boxes] == [desk.bench.tracks.hand, None]
    assert isinstance(desk.labels.boxes[1], Box)
