"""Drives to measure by: in the timeline, marked as such, never picked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from framesift.boxes import Box
from framesift_app.panels.timeline import TimelinePanel

NAME = "apart"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from framesift.synth import drive, write_drive

    path = tmp_path_factory.mktemp("apart") / f"{NAME}.mp4"
    for _ in write_drive(drive(seed=5, frames=24, size=(96, 128)), path):
        pass
    return path


@pytest.fixture
def panel(scored: Any, apart: Path, qtbot: Any, until: Any) -> TimelinePanel:
    scored.footage.add([apart], evaluation=True)
    until(
        lambda: (
            scored.footage.evaluation
            and scored.selection.settled
            and scored.jobs.active("add") is None
        )
    )
    made = TimelinePanel(scored)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    return made


def test_it_has_a_row_of_its_own(panel: TimelinePanel, scored: Any, qtbot: Any) -> None:
    view = panel.view
    assert [drive.key for drive in view.rows.shown()] == ["drive", NAME]
    assert "measuring set" in panel.shown.itemText(panel.shown.findData(NAME))
    at = view.viewport.point_of(NAME, 10).toPoint()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert scored.playhead.place is not None
    assert scored.playhead.place[0] == NAME
    assert abs(scored.playhead.place[1] - 10) <= 1
    assert "never picked" in view.describe(NAME, 10)


def test_none_of_its_frames_is_picked(panel: TimelinePanel, scored: Any, until: Any) -> None:
    scored.selection.set_rules(budget=40, delta1=0, delta2=0)
    until(lambda: scored.selection.settled)
    assert len(scored.picks.all) > 4
    assert {pick.drive for pick in scored.picks.all} == {"drive"}


def test_what_is_labelled_is_marked(panel: TimelinePanel, scored: Any, until: Any) -> None:
    (drive,) = scored.footage.evaluation
    before = panel.view.grab().toImage()
    key = drive.key_of(7)
    labels = scored.labels.of(key).with_boxes(Box(10, 10, 30, 60, "pedestrian"))
    scored.labels.change(key, labels, "1 box")
    assert scored.labels.states(drive) == {7: "labelled"}
    assert "labelled" in panel.view.describe(NAME, 7)
    changed = panel.view.grab().toImage()
    assert changed != before
    # The mark stands above its frame, in the row of its drive.
    at = panel.view.viewport.point_of(NAME, 7)
    row = panel.view.viewport.row_height()
    moved = [
        (x, y)
        for x in range(changed.width())
        for y in range(changed.height())
        if changed.pixel(x, y) != before.pixel(x, y)
    ]
    assert moved
    assert all(abs(x - at.x()) <= 10 and at.y() - row / 2 - 1 <= y <= at.y() for x, y in moved)
    until(lambda: not scored.journal.writing)
