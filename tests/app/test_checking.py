"""The label check in the window: a queue of doubts, decided on by keys and clicks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tests.app.test_labelling import Desk, opened
from tests.helpers.menus import chooses

from framesift.boxes import Box, Prediction
from framesift.labels import FrameLabels
from framesift_app.panels.checking import CheckPanel
from framesift_app.panels.frames import FramesPanel

__all__ = ["opened"]
Key = Qt.Key
GROUND = Box(10, 10, 30, 50)
AWAY = Box(60, 20, 80, 60)


class Seer:
    """A detector that finds one box in every frame."""

    classes = ("pedestrian",)

    def predict(self, frames: Any, threshold: float, flip: bool = False) -> list[Prediction]:
        box = np.array([[60, 20, 80, 60]], np.float32)
        found = Prediction(box, np.array([0.9], np.float32), np.zeros(1, np.int64))
        return [found] * len(frames)

    def best_iou(self, boxes: Any, native: tuple[int, int]) -> Any:
        return np.ones(len(boxes))

    def identity(self) -> str:
        return "seer"


@pytest.fixture
def desk(qtbot: Any, opened: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Frame 2 has a label elsewhere, frame 4 nothing, frame 6 a label where the box is."""
    for load in ("detector", "exact_detector"):
        monkeypatch.setattr(opened._crew.inference, load, lambda source, device: Seer())
    made = Desk(qtbot, opened, until)
    drive = opened.footage.drives[0]
    for frame, boxes in ((2, [GROUND]), (4, []), (6, [AWAY])):
        opened.labels.change(drive.key_of(frame), FrameLabels.of(boxes))
    made.settle()
    return made


@pytest.fixture
def panel(qtbot: Any, desk: Desk) -> CheckPanel:
    made = CheckPanel(desk.session)
    qtbot.addWidget(made)
    made.resize(320, 480)
    made.show()
    QTest.mouseClick(made.start, Qt.MouseButton.LeftButton)
    desk.until(lambda: made.list.count() == 3)
    return made


def _frames(panel: CheckPanel) -> list[int]:
    return [doubt.key.frame for doubt in panel._bench.doubts.all()]


def test_a_queue_of_doubts_by_keys(desk: Desk, panel: CheckPanel) -> None:
    assert _frames(panel) == [2, 2, 4]
    assert panel.list.item(0).text().startswith("1.00 · 2 · label not found · pedestrian")
    desk.key(Key.Key_U)
    assert desk.session.playhead.key.frame == 2
    assert desk.bench.boxes.editor.box() == GROUND
    assert "Y keeps it" in panel.hint.text()
    # Kept: the label stays, and the next doubt comes.
    desk.key(Key.Key_Y)
    desk.settle()
    assert (desk.labels.boxes, desk.labels.upheld) == ((GROUND,), {1})
    assert desk.bench.doubts.current.disagreement.kind == "unmatched_box"
    # There is no such object: the box is denied.
    desk.key(Key.Key_Y)
    desk.settle()
    second = desk.session.labels.of(desk.session.footage.drives[0].key_of(2))
    assert [(b.x1, b.y1) for b in second.weak.denied] == [(60, 20)]
    # The last one: the detector is right.
    assert desk.session.playhead.key.frame == 4
    desk.until(lambda: desk.canvas.picture.key == desk.session.playhead.key)
    desk.key(Key.Key_E)
    desk.settle()
    assert (desk.labels.state, desk.labels.boxes[0].origin) == ("labelled", "confirmed")
    assert _frames(panel) == []
    assert panel.hint.text() == "Nothing is in doubt."
    # One undo history: each comes back, with its name.
    assert desk.session.journal.undo_text == "pedestrian mended"
    for left in ([4], [2, 4], [2, 2, 4]):
        desk.session.journal.undo()
        desk.settle()
        assert _frames(panel) == left
    desk.session.journal.redo()
    desk.settle()
    # It is not asked again.
    desk.session.checking.start()
    desk.until(lambda: desk.session.jobs.active("check") is None)
    desk.until(lambda: desk.session.checking.checked.settled == 1)
    assert _frames(panel) == [2, 4]


def test_delete_and_kinds_by_clicks(desk: Desk, panel: CheckPanel) -> None:
    panel.kind.setCurrentIndex(panel.kind.findData("unmatched_label"))
    assert _frames(panel) == [2]
    QTest.mouseClick(
        panel.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=panel.list.visualItemRect(panel.list.item(0)).center(),
    )
    desk.until(lambda: desk.canvas.picture.key == desk.session.playhead.key)
    assert panel.delete.isEnabled()
    desk.canvas.grab()
    desk.key(Key.Key_Delete)
    desk.settle()
    assert desk.labels.boxes == ()
    assert desk.session.journal.undo_text == "pedestrian deleted"
    assert _frames(panel) == []
    panel.kind.setCurrentIndex(0)
    assert _frames(panel) == [2, 4]


def test_an_edit_by_hand_decides_too(desk: Desk, panel: CheckPanel) -> None:
    desk.key(Key.Key_U)
    desk.until(lambda: desk.canvas.picture.key == desk.session.playhead.key)
    # No box of the detector's to take: the label stays in hand.
    QTest.mouseClick(panel.mend, Qt.MouseButton.LeftButton)
    assert desk.bench.doubts.current.label == desk.bench.boxes.editor.selected
    desk.key(Key.Key_Right)
    desk.settle()
    assert desk.labels.boxes[0].x1 == 11
    assert [d.disagreement.kind for d in desk.bench.doubts.all()] == ["unmatched_box"] * 2


def test_false_positives_of_the_measuring_set(desk: Desk, panel: CheckPanel) -> None:
    session = desk.session
    session.footage.sample_evaluation(3)
    desk.until(lambda: len(session.footage.sampled) == 3)
    for key in session.footage.sampled:
        session.labels.change(key, FrameLabels.of([]))
    desk.settle()
    panel.part.setCurrentIndex(panel.part.findData("measuring"))
    panel.kind.setCurrentIndex(panel.kind.findData("unmatched_box"))
    QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    desk.until(lambda: len(panel._bench.doubts.all()) == 3)
    assert {d.key for d in panel._bench.doubts.all()} == {*session.footage.sampled}


def test_frames_like_this_one(qtbot: Any, scored: Any, until: Any) -> None:
    panel = FramesPanel(scored)
    qtbot.addWidget(panel)
    panel.show()
    drive = scored.footage.drives[0]
    scored.playhead.go_to(drive.key, 5)
    scored.labels.mark(drive.key_of(5), "skipped")
    until(lambda: drive.key_of(5) in [view.key for view in panel.model.picks])
    row = [view.key for view in panel.model.picks].index(drive.key_of(5))
    panel.list.scrollTo(panel.model.index(row))
    at = panel.list.visualRect(panel.model.index(row)).center()
    chooses(panel.list.viewport(), at, "Frames like this one", until)
    until(lambda: panel.kind.currentData() == "alike" and panel.model.picks)
    views = panel.model.picks
    assert [view.rank for view in views] == [*range(1, len(views) + 1)]
    likeness = [view.score for view in views]
    assert likeness == sorted(likeness, reverse=True)
    assert all(abs(view.key.frame - 5) >= 30 or view.key.frame != 5 for view in views)
    assert scored.errors == []
