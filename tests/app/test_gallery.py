"""The gallery of picks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget

from framesift.boxes import Box
from framesift.labels import FrameLabels
from framesift_app.actions import ENTRIES, WHEN
from framesift_app.panels.cycles import CyclesPanel
from framesift_app.panels.gallery import GalleryPanel
from framesift_app.workbench import Workbench


@pytest.fixture
def gallery(qtbot: Any, scored: Any) -> GalleryPanel:
    made = GalleryPanel(scored)
    qtbot.addWidget(made)
    made.resize(300, 560)
    made.show()
    return made


def test_thumbnails_and_clicks(
    qtbot: Any, scored: Any, gallery: GalleryPanel, until: Any
) -> None:
    assert gallery.title.text() == "Picks 0/4"
    gallery.grab()
    until(lambda: all(gallery.model.thumbnail(p.key) is not None for p in scored.picks.all))
    index = gallery.model.index(2)
    words = gallery.model.data(index)
    assert words.startswith("3 ")
    assert "to do · offered" in words
    qtbot.mouseClick(
        gallery.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=gallery.list.visualRect(index).center(),
    )
    assert scored.playhead.key == scored.picks.all[2].key
    gallery.grab()


def test_the_round_of_a_cycle(
    qtbot: Any, scored: Any, gallery: GalleryPanel, until: Any
) -> None:
    assert gallery.take.text() == "Take 4 picks"
    assert not gallery.add.isEnabled()
    gallery.take.click()
    until(lambda: scored.cycles.all and all(p.cycle == 1 for p in scored.picks.all))
    assert not gallery.take.isVisible()
    assert scored.playhead.key == scored.picks.all[0].key
    rows = [p.key for p in scored.picks.all]
    gallery.list.setFocus()
    qtbot.keyClick(gallery.list, Qt.Key.Key_N)
    until(lambda: scored.picks.all[0].state == "nothing")
    qtbot.keyClick(gallery.list, Qt.Key.Key_Space)
    assert scored.playhead.key == rows[1]
    qtbot.keyClick(gallery.list, Qt.Key.Key_S)
    assert [p.state for p in scored.picks.all] == ["nothing", "skipped", "todo", "todo"]
    assert scored.playhead.key == rows[2]
    qtbot.keyClick(gallery.list, Qt.Key.Key_Backspace)
    assert scored.playhead.key == rows[1]
    qtbot.keyClick(gallery.list, Qt.Key.Key_Down)
    assert scored.playhead.key == rows[2]
    assert gallery.title.text() == "Picks 2/4"
    gallery.grab()


def test_taking_twice_takes_one_cycle(scored: Any, gallery: GalleryPanel, until: Any) -> None:
    told: list[str] = []
    scored.messages.told.connect(told.append)
    # In haste, before the first is there.
    gallery.take.click()
    gallery.take.click()
    until(lambda: scored.cycles.all and not scored.selection.choosing)
    assert WHEN[ENTRIES["take"].when](scored)
    scored.picks.take()
    assert told[-1] == (
        "4 picks of cycle 1 are still to be labelled; Space goes to the next one. "
        "Cycle → Choose the next picks shows what another cycle would take."
    )
    scored.selection.choose_next()
    until(lambda: scored.selection.settled and gallery.take.isVisible())
    gallery.take.click()
    assert told[-1].endswith("To begin another cycle all the same, take the picks once more.")
    # What is offered now is another offer than the one that was asked about.
    scored.selection.set_rules(budget=3)
    until(lambda: scored.selection.settled)
    gallery.take.click()
    scored.selection.choose_next(False)
    until(lambda: scored.selection.settled)
    assert len(scored.cycles.all) == 1
    for pick in scored.picks.all:
        scored.labels.mark(pick.key, "nothing")
    scored.selection.choose_next()
    until(lambda: scored.selection.settled and gallery.take.isVisible())
    gallery.take.click()
    until(lambda: len(scored.cycles.all) == 2)
    assert scored.errors == []


def test_half_done_frames_are_not_labelled_ones(
    qtbot: Any, scored: Any, gallery: GalleryPanel, until: Any
) -> None:
    cycles = CyclesPanel(scored, lambda _: None)
    qtbot.addWidget(cycles)
    table = cycles.findChild(QTableWidget, "cycles")
    gallery.take.click()
    until(lambda: scored.cycles.all)
    key, other = (pick.key for pick in scored.picks.all[:2])
    scored.labels.mark(other, "nothing")
    scored.labels.change(key, FrameLabels.of([Box(10, 10, 30, 50)]).started(FrameLabels()))
    assert scored.labels.pick_state(key) == "started"
    assert (gallery.title.text(), table.item(1, 1).text()) == ("Picks 1/4", "1 of 4")
    scored.labels.finish(key)
    assert (gallery.title.text(), table.item(1, 1).text()) == ("Picks 2/4", "2 of 4")


def test_drop_and_add(scored: Any, gallery: GalleryPanel, until: Any) -> None:
    scored.picks.take()
    until(lambda: scored.cycles.all)
    until(lambda: scored.picks.current is not None)
    dropped = scored.playhead.key
    gallery.drop.click()
    until(lambda: dropped not in {p.key for p in scored.picks.all})
    free = next(
        f
        for f in range(48)
        if scored.footage.key_at(scored.footage.drives[0].key, f)
        not in {p.key for p in scored.picks.all} | {dropped}
    )
    scored.playhead.go_to(scored.footage.drives[0].key, free)
    key = scored.playhead.key
    until(gallery.add.isEnabled)
    gallery.add.click()
    until(lambda: key in {p.key for p in scored.picks.all})
    row = gallery.model.row_of(key)
    assert gallery.model.data(gallery.model.index(row)).startswith("by hand")
    assert scored.errors == []


def test_an_offered_pick_is_dropped(scored: Any, gallery: GalleryPanel, until: Any) -> None:
    first = scored.picks.all[0].key
    scored.playhead.go_to_key(first)
    Workbench.of(scored).drop_pick()
    until(lambda: first not in {p.key for p in scored.picks.all})
    assert len(scored.picks.all) == 4


def test_a_moved_playhead_paints_two_rows(scored: Any, gallery: GalleryPanel) -> None:
    first, second = scored.picks.all[1].key, scored.picks.all[3].key
    scored.playhead.go_to_key(first)
    rows: list[int] = []
    gallery.model.dataChanged.connect(lambda index, _: rows.append(index.row()))
    scored.playhead.go_to_key(second)
    assert sorted(rows) == [1, 3]
    rows.clear()
    drive = scored.footage.drives[0].key
    picked = {pick.drive_frame for pick in scored.picks.all}
    for frame in [frame for frame in range(48) if frame not in picked][:2]:
        scored.playhead.go_to(drive, frame)
    assert rows == [3]


def test_while_scoring_the_best_picks_are_in_sight(
    scored: Any, gallery: GalleryPanel, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scored.jobs, "active", lambda name: name == "score" or None)
    gallery.resize(300, 300)
    bar = gallery.list.verticalScrollBar()
    last = scored.picks.all[-1].key
    scored.playhead.go_to_key(last)
    until(lambda: bar.value() > 0)
    scored.picks.drop(last)
    until(lambda: last not in {pick.key for pick in scored.picks.all})
    assert bar.value() == 0
    # Where somebody scrolled, it stays.
    bar.setValue(bar.maximum())
    scored.picks.drop(scored.picks.all[0].key)
    until(lambda: scored.selection.settled)
    assert bar.value() > 0


def test_empty(qtbot: Any, session: Any) -> None:
    made = GalleryPanel(session)
    qtbot.addWidget(made)
    made.show()
    assert not made.list.isVisible()
    session.project_name = "week"
    session.projectChanged.emit()
    assert "Add footage" in made.explain.text()


def test_footage_without_a_score_is_to_be_scored(
    qtbot: Any, session: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> None:
    made = GalleryPanel(session)
    qtbot.addWidget(made)
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.scores.raw and session.selection.settled)
    until(lambda: made.explain.text().startswith("Score the footage"))


def test_picks_by_chance_say_so(scored: Any, gallery: GalleryPanel, until: Any) -> None:
    scored.selection.set_rules(random_share=0.5)
    until(lambda: any(pick.by == "chance" for pick in scored.picks.all))
    by_chance = [pick for pick in scored.picks.all if pick.by == "chance"]
    others = [pick for pick in scored.picks.all if pick.by != "chance"]
    assert by_chance
    assert others
    for pick in scored.picks.all:
        index = gallery.model.index(gallery.model.row_of(pick.key))
        said = index.data(Qt.ItemDataRole.AccessibleTextRole)
        assert ("by chance" in said) == (pick.by == "chance")
    scored.picks.take()
    until(lambda: bool(scored.cycles.all))
    assert {pick.by for pick in scored.picks.all} == {"chance", "entropy"}


def test_picks_by_time_have_no_score_either(
    scored: Any, gallery: GalleryPanel, until: Any
) -> None:
    scored.selection.set_rules(strategy="uniform")
    until(lambda: {pick.by for pick in scored.picks.all} == {"time"})
    for pick in scored.picks.all:
        index = gallery.model.index(gallery.model.row_of(pick.key))
        said = index.data(Qt.ItemDataRole.AccessibleTextRole)
        assert "evenly" in said
        assert not re.search(r"\d\.\d{3}", said)
    scored.picks.take()
    until(lambda: bool(scored.cycles.all))
    scored.reports.write()
    until(lambda: scored.reports.latest() is not None)
    assert "Chosen without scores" in scored.reports.latest().read_text(encoding="utf-8")


def test_when_all_is_labelled_it_says_what_is_next(
    qtbot: Any, scored: Any, gallery: GalleryPanel, until: Any
) -> None:
    """By whichever key the last one was done, and again by Space; for either list."""
    told: list[str] = []
    scored.messages.told.connect(told.append)
    scored.picks.take()
    until(lambda: scored.cycles.all)

    def nothing_there() -> None:
        until(lambda: Workbench.of(scored).editable)
        qtbot.keyClick(gallery.list, Qt.Key.Key_N)

    def done() -> list[str]:
        return [words for words in told if words.startswith("All ")]

    for left in (3, 2, 1):
        nothing_there()
        qtbot.keyClick(gallery.list, Qt.Key.Key_Space)
        assert sum(pick.state == "todo" for pick in scored.picks.all) == left
        assert done() == []
    nothing_there()
    [words] = done()
    assert words.startswith("All picks of cycle 1 are labelled: Detector → Fine-tune")
    qtbot.keyClick(gallery.list, Qt.Key.Key_Space)
    assert done() == [words, words]
    until(lambda: not scored.journal.writing)
    scored.footage.sample_evaluation(2)
    until(lambda: len(scored.footage.sampled) == 2)
    scored.picks.measure(True)
    for _ in range(2):
        qtbot.keyClick(gallery.list, Qt.Key.Key_Space)
        nothing_there()
    assert done()[2:] == [told[-1]]
    assert told[-1].startswith(
        "All 2 frames of the measuring set are labelled: Cycle → Measure"
    )
    until(lambda: not scored.journal.writing)
    assert scored.errors == []


def test_another_projects_picks_begin_with_the_best(
    scored: Any, gallery: GalleryPanel, until: Any
) -> None:
    gallery.resize(300, 190)
    bar, folder = gallery.list.verticalScrollBar(), scored.folder
    until(lambda: bar.maximum() > 0)
    scored.playhead.go_to_key(scored.picks.all[-1].key)
    assert bar.value() > 0
    offered = [pick.key for pick in scored.picks.all]
    scored.close_project()
    until(lambda: scored.folder is None)
    scored.open_project(folder)
    until(lambda: [pick.key for pick in scored.picks.all] == offered)
    assert scored.picks.current is None
    until(lambda: bar.maximum() > 0)
    assert bar.value() == 0
