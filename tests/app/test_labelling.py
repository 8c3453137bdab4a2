"""Labelling through real clicks and keys, on a project's session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from framesift.boxes import Box
from framesift.labels import FrameLabels, Proposal
from framesift.project import Project
from framesift_app.panels.labels import LabelsPanel
from framesift_app.panels.viewer import ViewerPanel
from framesift_app.workbench import Workbench

Key = Qt.Key
Shift = Qt.KeyboardModifier.ShiftModifier
Ctrl = Qt.KeyboardModifier.ControlModifier
Left = Qt.MouseButton.LeftButton


class Desk:
    """A viewer and a labels panel on one session, and hands to work with."""

    def __init__(self, qtbot: Any, session: Any, until: Callable[..., None]) -> None:
        self.qtbot, self.session, self.until = qtbot, session, until
        self.viewer, self.panel = ViewerPanel(session), LabelsPanel(session)
        for widget in (self.viewer, self.panel):
            qtbot.addWidget(widget)
            widget.resize(700, 560)
            widget.show()
        self.bench, self.canvas = Workbench.of(session), self.viewer.canvas
        self.go(10)

    def go(self, frame: int) -> None:
        self.session.playhead.go_to(self.session.footage.drives[0].key, frame)
        self.until(lambda: self.canvas.picture.key == self.session.playhead.key)
        self.canvas.setFocus()

    def settle(self) -> None:
        """Waits until every edit is on the disk."""
        self.until(lambda: self.session.journal.writing == 0)

    @property
    def labels(self) -> FrameLabels:
        return self.session.labels.of(self.session.playhead.key)

    def at(self, x: float, y: float) -> QPoint:
        return self.canvas.placement.to_screen(x, y).toPoint()

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifier: Any = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        self.qtbot.mousePress(self.canvas, Left, modifier, self.at(*start))
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.qtbot.mouseMove(self.canvas, self.at(*middle))
        self.canvas.grab()
        self.qtbot.mouseMove(self.canvas, self.at(*end))
        self.qtbot.mouseRelease(self.canvas, Left, modifier, self.at(*end))

    def key(self, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.canvas, key, modifier)

    def rows(self, widget: Any) -> list[str]:
        return [widget.item(row).text() for row in range(widget.count())]


@pytest.fixture
def opened(session: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any) -> Any:
    """A session with a project of one drive, not scored; two classes."""
    session.new_project(tmp_path / "week", ["pedestrian", "rider"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives)
    yield session
    assert session.errors == []


@pytest.fixture
def desk(qtbot: Any, opened: Any, until: Any) -> Desk:
    return Desk(qtbot, opened, until)


def near(box: Box, *corners: float) -> None:
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx(corners, abs=0.6)


def test_draw_move_resize_delete(desk: Desk) -> None:
    desk.key(Key.Key_B)
    assert desk.panel.draw.isChecked()
    desk.drag((20, 20), (40, 60))
    near(desk.labels.boxes[0], 20, 20, 40, 60)
    assert desk.labels.state == "started"
    assert desk.rows(desk.panel.boxes) == [f"pedestrian  {20}×{40}"]
    desk.key(Key.Key_Escape)
    desk.drag((30, 40), (40, 35))
    near(desk.labels.boxes[0], 30, 15, 50, 55)
    box = desk.labels.boxes[0]
    desk.drag((box.x2, box.y2), (60, 70))
    near(desk.labels.boxes[0], 30, 15, 60, 70)
    for key, modifier in (
        (Key.Key_Left, Qt.KeyboardModifier.NoModifier),
        (Key.Key_Up, Shift),
        (Key.Key_Right, Ctrl),
    ):
        desk.key(key, modifier)
    near(desk.labels.boxes[0], 29, 5, 60, 60)
    assert desk.session.playhead.place[1] == 10
    desk.key(Key.Key_Delete)
    assert desk.labels.state == "unseen"
    desk.settle()
    for _ in range(7):
        desk.session.journal.undo()
    desk.settle()
    assert desk.session.journal.undo_text is None
    for _ in range(2):
        desk.session.journal.redo()
    desk.settle()
    near(desk.labels.boxes[0], 30, 15, 50, 55)


def test_centre_and_ignore(desk: Desk) -> None:
    desk.key(Key.Key_B)
    desk.drag((60, 50), (70, 60), Ctrl)
    near(desk.labels.boxes[0], 50, 40, 70, 60)
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_I)
    desk.drag((90, 10), (120, 30))
    assert desk.labels.boxes[1].ignore
    assert "ignore region" in desk.rows(desk.panel.boxes)[1]
    desk.bench.boxes.select(desk.labels.ids[0])
    desk.key(Key.Key_I)
    assert desk.labels.boxes[0].ignore


def test_classes_and_attributes(desk: Desk) -> None:
    desk.key(Key.Key_2)
    desk.key(Key.Key_B)
    desk.drag((20, 20), (40, 60))
    assert desk.labels.boxes[0].category == "rider"
    desk.key(Key.Key_1)
    assert desk.labels.boxes[0].category == "pedestrian"
    desk.key(Key.Key_O)
    desk.panel.truncated.click()
    assert desk.labels.boxes[0].occluded
    assert desk.labels.boxes[0].truncated
    assert desk.rows(desk.panel.classes)[0] == "1  pedestrian  ×1"
    assert desk.panel.state.text() == "half done · 1 box"
    desk.key(Key.Key_D)
    assert desk.panel.state.text() == "labelled · 1 box"
    desk.canvas.grab()
    desk.panel.grab()


def test_nothing_skip_copy(desk: Desk) -> None:
    desk.bench.boxes.set_tool("draw")
    desk.drag((20, 20), (40, 60))
    desk.go(11)
    desk.key(Key.Key_C)
    near(desk.labels.boxes[0], 20, 20, 40, 60)
    desk.go(12)
    desk.key(Key.Key_N)
    assert desk.labels.state == "nothing"
    assert desk.panel.state.text() == "nothing there"
    assert not desk.panel.nothing.isEnabled()
    desk.go(13)
    desk.key(Key.Key_S)
    state = desk.session.labels.of(
        desk.session.footage.key_at(desk.session.footage.drives[0].key, 13)
    ).state
    assert state == "skipped"


def propose(desk: Desk) -> tuple[Proposal, ...]:
    key = desk.session.playhead.key
    boxes = [
        (Box(10, 10, 30, 50), 0.4),
        (Box(60, 20, 90, 80, "rider"), 0.9),
        (Box(100, 20, 120, 80), 0.6),
    ]
    desk.session._project.ask(lambda project: project.proposals.put("someone", {key: boxes}))
    desk.session.proposals._known.pop(key, None)
    desk.session.proposals.of(key)
    desk.until(lambda: len(desk.bench.proposals.all()) == 3)
    return desk.bench.proposals.all()


def test_proposals(desk: Desk) -> None:
    surest, second, third = propose(desk)
    assert desk.panel.proposals.title.text() == "3 proposals"
    assert desk.panel.proposals.list.currentRow() == 0
    desk.canvas.grab()
    desk.key(Key.Key_Return)
    first = replace(surest.box, origin="confirmed")
    desk.until(lambda: desk.labels.boxes == (first,))
    desk.until(lambda: desk.bench.proposals.current() == second)
    desk.qtbot.mouseClick(desk.canvas, Left, pos=desk.at(20, 30))
    assert desk.bench.proposals.current() == third
    desk.key(Key.Key_X)
    desk.until(lambda: desk.bench.proposals.all() == (second,))
    desk.key(Key.Key_Return, Shift)
    desk.until(lambda: desk.labels.boxes == (first, replace(second.box, origin="confirmed")))
    assert not desk.panel.proposals.accept.isEnabled()


def test_every_gesture_is_on_the_disk(desk: Desk) -> None:
    desk.key(Key.Key_B)
    desk.drag((20, 20), (40, 60))
    desk.settle()
    assert desk.panel.saving.text() == ""
    with Project.open(desk.session.folder, readonly=True) as project:
        stored = project.labels.get(desk.session.playhead.key)
        assert stored == desk.labels
        assert project.journal.undo_text == "pedestrian drawn"
        assert project.labels.pictures is not None


def test_lists_choose(desk: Desk) -> None:
    desk.session.labels.change(
        desk.session.playhead.key,
        FrameLabels.of([Box(10, 10, 30, 50), Box(60, 20, 90, 80, "rider")]),
    )
    desk.panel.boxes.setCurrentRow(1)
    assert desk.bench.boxes.editor.selected == desk.labels.ids[1]
    desk.qtbot.keyClick(desk.panel.boxes, Key.Key_Delete)
    assert len(desk.labels.boxes) == 1
    desk.key(Key.Key_BracketRight)
    assert desk.bench.boxes.editor.selected == desk.labels.ids[0]
    item = desk.panel.classes.visualItemRect(desk.panel.classes.item(1)).center()
    desk.qtbot.mouseClick(desk.panel.classes.viewport(), Left, pos=item)
    assert desk.labels.boxes[0].category == "rider"


def test_while_it_plays_nothing_is_changed(desk: Desk) -> None:
    desk.session.labels.change(desk.session.playhead.key, FrameLabels.of([Box(10, 10, 30, 50)]))
    desk.bench.play_around()
    desk.until(lambda: desk.session.playhead.place[1] != 10)
    desk.canvas.grab()
    desk.key(Key.Key_N)
    desk.key(Key.Key_Delete)
    desk.bench.play_around()
    assert desk.session.playhead.place[1] == 10
    assert len(desk.labels.boxes) == 1


def test_the_arrows_of_a_window_leave_the_selected_box_alone(desk: Desk) -> None:
    window = QMainWindow()
    desk.qtbot.addWidget(window)
    window.setCentralWidget(desk.viewer)
    step = QAction("step", window)
    step.setShortcut("Right")
    step.triggered.connect(lambda: desk.session.playhead.step(1))
    window.addAction(step)
    window.show()
    window.activateWindow()
    desk.session.labels.change(desk.session.playhead.key, FrameLabels.of([Box(10, 10, 30, 50)]))
    desk.canvas.setFocus()
    desk.bench.boxes.next()
    desk.key(Key.Key_Right)
    near(desk.labels.boxes[0], 11, 10, 31, 50)
    assert desk.session.playhead.place[1] == 10
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_Right)
    assert desk.session.playhead.place[1] == 11
    desk.viewer.setParent(None)


def test_without_a_frame(qtbot: Any, session: Any) -> None:
    panel = LabelsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.state.text() == "No frame"
    assert not panel.draw.isEnabled()
    bench = Workbench.of(session)
    for act in (
        bench.delete,
        bench.accept,
        bench.proposals.reject,
        bench.nothing,
        bench.skip,
        bench.copy_last,
        bench.boxes.toggle_draw,
        bench.escape,
        bench.playback.home,
        bench.play_around,
        bench.playback.toggle,
        bench.begin_mask,
        bench.drop_pick,
    ):
        act()
    panel.grab()


def test_a_frame_is_labelled_when_somebody_says_done(desk: Desk) -> None:
    """Not by its first box: half done it never trains, and opens again as it was."""
    key = desk.session.playhead.key
    desk.key(Key.Key_B)
    desk.drag((20, 20), (40, 60))
    desk.key(Key.Key_Escape)
    assert not desk.labels.trains
    assert desk.session.training.trainable_frames() == 0
    desk.settle()
    desk.key(Key.Key_D)
    desk.settle()
    assert desk.labels.state == "labelled"
    assert desk.session.training.trainable_frames() == 1
    assert desk.session.journal.undo_text == "done, 1 boxes"
    desk.session.journal.undo()
    desk.settle()
    assert desk.session.labels.of(key).state == "started"
    # Boxes that are added to a frame which is done leave it done.
    desk.session.journal.redo()
    desk.settle()
    desk.key(Key.Key_B)
    desk.drag((60, 20), (80, 60))
    assert desk.labels.state == "labelled"


def test_open_proposals_keep_a_frame_open(desk: Desk) -> None:
    told: list[str] = []
    desk.session.messages.told.connect(told.append)
    propose(desk)
    desk.key(Key.Key_Return)
    desk.until(lambda: len(desk.labels.boxes) == 1)
    assert desk.labels.state == "started"
    desk.key(Key.Key_D)
    assert "2 proposals are open" in told[-1]
    assert desk.labels.state == "started"
    desk.key(Key.Key_X, Shift)
    desk.until(lambda: not desk.bench.proposals.all())
    desk.key(Key.Key_D)
    assert desk.labels.state == "labelled"


def test_done_and_space_never_mean_nothing_there(desk: Desk) -> None:
    told: list[str] = []
    desk.session.messages.told.connect(told.append)
    for key in (Key.Key_D, Key.Key_Space):
        desk.key(key)
        assert desk.labels.state == "unseen"
    assert "press N" in told[0]


def test_n_asks_before_boxes_go(desk: Desk) -> None:
    desk.key(Key.Key_B)
    for x in (20, 60):
        desk.drag((x, 20), (x + 20, 60))
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_N)
    assert len(desk.labels.boxes) == 2
    desk.key(Key.Key_N)
    assert desk.labels.state == "nothing"
    desk.settle()
    assert desk.session.journal.undo_text == "nothing there, 2 boxes gone"
    desk.session.journal.undo()
    desk.settle()
    assert len(desk.labels.boxes) == 2
    # The question is about this frame and these boxes alone.
    desk.key(Key.Key_N)
    desk.go(11)
    desk.go(10)
    desk.key(Key.Key_N)
    assert len(desk.labels.boxes) == 2


def test_proposals_have_a_threshold_of_their_own(desk: Desk, until: Any) -> None:
    propose(desk)
    desk.panel.proposals.least.setValue(50)
    assert [p.score for p in desk.bench.proposals.all()] == [0.9, 0.6]
    assert desk.panel.proposals.least_words.text() == "≥ 0.50"
    folder = desk.session.folder
    desk.settle()
    desk.session.close_project()
    until(lambda: desk.session.folder is None)
    desk.session.open_project(folder)
    until(lambda: desk.session.folder is not None)
    assert desk.session.proposals.least == 0.5


def test_a_proposal_that_a_label_covers_goes(desk: Desk) -> None:
    propose(desk)
    desk.key(Key.Key_B)
    desk.drag((62, 22), (91, 79))
    assert [p.score for p in desk.bench.proposals.all()] == [0.6, 0.4]
    desk.session.journal.undo()
    desk.until(lambda: len(desk.bench.proposals.all()) == 3)


def test_copy_stays_in_its_drive(desk: Desk, footage: Path, tmp_path: Path) -> None:
    import shutil

    other = tmp_path / "elsewhere.mp4"
    shutil.copy(footage, other)
    with other.open("ab") as end:
        end.write(b"\0\0\0\x08free")
    desk.session.footage.add([other])
    desk.until(lambda: len(desk.session.footage.drives) == 2)
    desk.key(Key.Key_B)
    desk.drag((20, 20), (40, 60))
    desk.key(Key.Key_Escape)
    told: list[str] = []
    desk.session.messages.told.connect(told.append)
    desk.session.playhead.go_to("elsewhere", 10)
    desk.key(Key.Key_C)
    assert not desk.labels.boxes
    assert "this drive" in told[-1]
