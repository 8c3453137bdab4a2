"""The map of frames: a point per frame; a click goes there, a rectangle lists several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from framesift_app import theme
from framesift_app.panels.frame_map import FrameMapDialog
from framesift_app.panels.frames import FramesPanel
from framesift_app.panels.plotting.cursor import ARROWS, neighbour
from framesift_app.session import Filter

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(qtbot: Any, scored: Any, until: Any) -> FrameMapDialog:
    made = FrameMapDialog(scored)
    qtbot.addWidget(made)
    # Every test looks at the dialog after closing it.
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.show()
    until(lambda: scored.frame_maps.latest is not None)
    return made


def place(dialog: FrameMapDialog, point: int) -> QPoint:
    """Where a point is in the viewport."""
    field = dialog.scatter.field
    at = QPointF(*dialog._session.frame_maps.latest.points[point])  # type: ignore[union-attr]
    return field.mapFromScene(field.view.mapViewToScene(at))


def test_a_click_goes_to_the_frame(dialog: FrameMapDialog, until: Any) -> None:
    session = dialog._session
    latest = session.frame_maps.latest
    assert latest is not None
    QTest.mouseClick(
        dialog.scatter.field.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place(dialog, 5)
    )
    (chosen,) = dialog.scatter.chosen.tolist()
    # Of frames alike one lies on the other: whichever was meant, it is shown.
    assert latest.points[chosen] == pytest.approx(latest.points[5], abs=0.05)
    assert session.playhead.place == session.footage.place_of(latest.keys[chosen])


def test_a_rectangle_lists_the_frames_in_it(
    dialog: FrameMapDialog, qtbot: Any, until: Any
) -> None:
    session = dialog._session
    panel = FramesPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    assert not dialog.show_list.isEnabled()
    points = session.frame_maps.latest.points  # type: ignore[union-attr]
    # Wider than a pixel, and inside what is left free around the points.
    margin = 0.01 * np.ptp(points, axis=0)
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    view, field = dialog.scatter.field.view, dialog.scatter.field
    begin, end = (field.mapFromScene(view.mapViewToScene(QPointF(*p))) for p in (low, high))
    middle = (begin + end) / 2
    inside = field.viewport().rect()
    begin, end = (QPoint(*(_within(p, inside))) for p in (begin, end))
    QTest.mousePress(field.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, begin)
    QTest.mouseMove(field.viewport(), middle)
    QTest.mouseMove(field.viewport(), end)
    QTest.mouseRelease(field.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, end)
    assert len(dialog.scatter.chosen) == len(points)
    dialog.show_list.click()
    assert panel.filter.kind == "chosen"
    listed = session.frames.listed(Filter("chosen"))
    assert {view.key for view in listed} == {*session.frame_maps.latest.keys}  # type: ignore[union-attr]
    until(lambda: len(panel.model.picks) == len(points))


def _within(point: QPoint, rectangle: Any) -> tuple[int, int]:
    return (
        max(rectangle.left() + 1, min(rectangle.right() - 1, point.x())),
        max(rectangle.top() + 1, min(rectangle.bottom() - 1, point.y())),
    )


def test_keys_go_from_frame_to_frame(dialog: FrameMapDialog) -> None:
    session, field = dialog._session, dialog.scatter.field
    latest, cursor = session.frame_maps.latest, dialog.scatter.cursor
    assert latest is not None
    assert field.hasFocus()

    def press(*keys: Qt.Key) -> int:
        for key in keys:
            QTest.keyClick(field, key)
        assert cursor.at is not None
        return cursor.at

    assert cursor.at is None
    middle = press(Key.Key_Return)  # opens nothing before there is a cursor
    assert dialog.isVisible()
    gone = []
    for key, way in ARROWS.items():
        cursor.at = middle
        there = press(key)
        gone.append(there != middle)
        if gone[-1]:
            assert (latest.points[there] - latest.points[middle]) @ way > 0
    # The middle has others on more than half of its sides, wherever the drive puts them.
    assert sum(gone) >= 2
    # Each frame is reached, whatever lies on it, and each is marked and shown.
    last = len(latest.keys) - 1
    assert press(*[Key.Key_PageUp] * len(latest.keys)) == 0
    for number in range(last):
        assert press(Key.Key_PageDown) == number + 1
    assert press(Key.Key_PageDown, Key.Key_Space, Key.Key_PageUp, Key.Key_Space) == last - 1
    assert dialog.scatter.chosen.tolist() == [last - 1, last]
    press(Key.Key_Space, Key.Key_Return)
    assert dialog.scatter.chosen.tolist() == [last]
    assert session.playhead.key == latest.keys[last - 1]
    # Out of sight, the view follows.
    QTest.keyClick(field, Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    for _ in range(6):
        QTest.keyClick(field, Key.Key_Plus)
    for keys in ([Key.Key_PageUp], [Key.Key_PageUp] * last):
        at = press(*keys)
        assert field.view.viewRect().contains(QPointF(*latest.points[at]))


@given(st.lists(st.tuples(*[st.integers(-9, 9)] * 2), min_size=1, max_size=12), st.data())
def test_an_arrow_goes_to_what_is_next_that_way(
    places: list[tuple[int, int]], data: st.DataObject
) -> None:
    points = np.array(places, float)
    at = data.draw(st.integers(0, len(places) - 1))
    right, up = data.draw(st.sampled_from(list(ARROWS.values())))

    def far(to: int) -> float:
        across, along = points[to] - points[at]
        ahead, aside = across * right + along * up, across * up + along * right
        return float(np.hypot(ahead, aside)) if 0 < ahead >= abs(aside) else np.inf

    found = neighbour(points, at, (right, up))
    nearest = min(map(far, range(len(places))))
    assert (found == at) if nearest == np.inf else (far(found) == nearest)


def test_kinds_follow_the_labels_in_either_theme(dialog: FrameMapDialog, until: Any) -> None:
    session = dialog._session
    picks = {pick.key for pick in session.picks.all}
    assert picks
    counts = {name: len(numbers) for name, numbers in dialog._numbers().items()}
    assert counts["pick"] == len(picks & {*session.frame_maps.latest.keys})  # type: ignore[union-attr]
    key = next(pick.key for pick in session.picks.all)
    session.labels.mark(key, "nothing")
    until(lambda: len(dialog._numbers()["labelled"]) == 1)
    assert "labelled 1" in dialog.legend.text()


def test_its_colours_are_the_themes(dialog: FrameMapDialog) -> None:
    shown, legends = theme.current().chosen, []
    try:
        for name in ("dark", "light"):
            theme.current().choose(name)
            legends.append(dialog.legend.text())
    finally:
        theme.current().choose(shown)
    assert legends[0] != legends[1]


def test_without_described_frames_it_says_so(
    qtbot: Any, session: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> None:
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: bool(session.footage.drives))
    made = FrameMapDialog(session)
    qtbot.addWidget(made)
    until(lambda: bool(session.frame_maps.problem))
    assert "not described yet" in made.about.text()
    assert not made.show_list.isEnabled()
