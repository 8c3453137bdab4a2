"""The list of frames: all that anything was ever said of can be reached in it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from framesift.boxes import Box
from framesift.labels import FrameLabels
from framesift_app.panels.frames import FramesPanel
from framesift_app.panels.timeline import TimelinePanel
from framesift_app.session import Filter

Key = Qt.Key


@pytest.fixture
def worked(scored: Any, until: Any) -> Any:
    """Two cycles, the first of them left unlabelled; an import; frames to measure by; one
    frame by hand, one half done, one skipped."""
    scored._project.ask(
        lambda project: project.class_list.add(["rider"]), lambda _: scored.labels.reload()
    )
    until(lambda: len(scored.labels.classes) == 2)
    scored.picks.take()
    until(lambda: len(scored.cycles.all) == 1)
    scored.selection.choose_next()
    until(lambda: any(p.cycle is None for p in scored.picks.all) and scored.selection.settled)
    # Picks of the first are to be labelled: it is asked, and said once more.
    scored.picks.take()
    scored.picks.take()
    until(lambda: len(scored.cycles.all) == 2)
    scored.footage.sample_evaluation(3)
    until(lambda: len(scored.footage.sampled) == 3)
    taken = {view.key for view in scored.frames.all}
    drive = scored.footage.drives[0]
    free = [drive.key_of(n) for n in range(len(drive)) if drive.key_of(n) not in taken]
    box, rider = Box(10, 10, 30, 50), Box(40, 10, 60, 50, "rider")
    scored.labels.change(free[0], FrameLabels.of([box, rider]))
    scored.labels.change(free[1], FrameLabels.of([box]).started(FrameLabels()))
    scored.labels.mark(free[2], "skipped")
    imported = FrameLabels.of([box, box, box])
    scored.labels.change(free[3], imported, "Import", "import")
    until(lambda: not scored.journal.writing and len(scored.frames.listed(Filter("imported"))))
    scored.free = free
    assert scored.errors == []
    return scored


@pytest.fixture
def panel(qtbot: Any, worked: Any) -> FramesPanel:
    made = FramesPanel(worked)
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show()
    return made


def _choose(panel: FramesPanel, combo: Any, data: object) -> list[Any]:
    """By keys, as somebody does who has no mouse."""
    combo.setFocus()
    QTest.keyClick(combo, Key.Key_Home)
    for _ in range(combo.findData(data)):
        QTest.keyClick(combo, Key.Key_Down)
    assert combo.currentData() == data
    return [view.key for view in panel.model.picks]


def test_each_kind_of_frame_is_reached(qtbot: Any, worked: Any, panel: FramesPanel) -> None:
    picks = {pick.key for cycle in worked.cycles.all for pick in cycle.to_label}
    sampled, free = {*worked.footage.sampled}, worked.free
    everything = picks | sampled | set(free[:4])
    assert set(_choose(panel, panel.kind, "all")) == everything
    assert panel.count.text() == f"{len(everything)} of {len(everything)}"
    assert set(_choose(panel, panel.kind, "todo")) == picks | sampled
    assert _choose(panel, panel.kind, "started") == [free[1]]
    assert set(_choose(panel, panel.kind, "labelled")) == {free[0], free[3]}
    assert _choose(panel, panel.kind, "skipped") == [free[2]]
    assert _choose(panel, panel.kind, "nothing") == []
    assert _choose(panel, panel.kind, "imported") == [free[3]]
    assert set(_choose(panel, panel.kind, "measuring")) == sampled


def test_by_cycle_drive_and_class(worked: Any, panel: FramesPanel) -> None:
    for cycle in worked.cycles.all:
        expected = {pick.key for pick in cycle.to_label}
        assert set(_choose(panel, panel.cycle, cycle.number)) == expected
    assert set(_choose(panel, panel.cycle, 0)) == {*worked.footage.sampled, *worked.free[:4]}
    assert worked.frames.listed(Filter(drive="elsewhere")) == ()
    [view] = worked.frames.listed(Filter(category="rider"))
    assert view.key == worked.free[0]


def test_in_each_order(worked: Any, panel: FramesPanel) -> None:
    def values(order: Any, name: str) -> list[Any]:
        _choose(panel, panel.order, order)
        return [getattr(view, name) for view in panel.model.picks]

    assert values("boxes", "boxes")[:3] == [3, 2, 1]
    scores = [score for score in values("score", "score") if score is not None]
    assert scores == sorted(scores, reverse=True)
    assert values("time", "drive_frame") == sorted(values("time", "drive_frame"))
    ranks = [(v.cycle, v.rank) for v in worked.frames.listed(Filter(order="rank")) if v.picked]
    assert ranks == sorted(ranks)


def test_thumbnails_of_three_sizes_are_kept(
    worked: Any, panel: FramesPanel, qtbot: Any
) -> None:
    heights = []
    for name in ("small", "middle", "large"):
        _choose(panel, panel.thumbs, name)
        heights.append(panel.list.sizeHintForRow(0))
    assert heights[0] < heights[1] < heights[2]
    again = FramesPanel(worked)
    qtbot.addWidget(again)
    assert again.thumbs.currentData() == "large"


def test_the_frame_that_is_chosen_is_shown(
    worked: Any, panel: FramesPanel, qtbot: Any, until: Any
) -> None:
    panel.kind.setCurrentIndex(panel.kind.findData("imported"))
    spot = panel.list.visualRect(panel.model.index(0)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert worked.playhead.key == worked.free[3]
    panel.kind.setCurrentIndex(0)
    panel.activateWindow()
    panel.list.setFocus()
    until(panel.list.hasFocus)
    panel.list.setCurrentIndex(panel.model.index(0))
    qtbot.keyClick(panel.list, Key.Key_Down)
    assert worked.playhead.key == panel.model.picks[1].key
    panel.grab()


def test_an_undone_import_is_none(worked: Any, until: Any) -> None:
    worked.journal.undo()
    until(lambda: not worked.frames.listed(Filter("imported")))
    worked.journal.redo()
    until(lambda: worked.frames.listed(Filter("imported")))


def test_the_timeline_marks_each_kind(
    qtbot: Any, worked: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift_app.panels.timeline import paint

    marked: list[tuple[str, str]] = []
    monkeypatch.setattr(
        paint,
        "paint_mark",
        lambda painter, x, top, kind, state, colours: marked.append((kind, state)),
    )
    made = TimelinePanel(worked)
    qtbot.addWidget(made)
    made.resize(1400, 200)
    made.show()
    made.view.grab()
    assert set(marked) >= {
        ("imported", "labelled"),
        ("measuring", "todo"),
        ("other", "labelled"),
        ("other", "started"),
        ("other", "skipped"),
        ("other", "todo"),
    }
