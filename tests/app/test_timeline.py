"""The timeline over made-up scores, and over a project that is scored."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from framesift.project import StoredDrive, VideoRecord
from framesift.selection.rules import Rules, fitting_length
from framesift.video import Distance, parse_distance
from framesift_app.panels.timeline import TimelinePanel
from framesift_app.panels.timeline.scale import clock, nice_seconds, nice_step
from framesift_app.panels.timeline.view import TimelineView
from framesift_app.session import Session


def record(
    name: str,
    frames: int,
    *,
    width: int = 640,
    height: int = 480,
    fps: float = 30.0,
    kind: str = "file",
) -> VideoRecord:
    return VideoRecord(
        id=name,
        name=f"{name}.mp4",
        path=Path(f"{name}.mp4"),
        fingerprint=name,
        kind=kind,
        stream=None,
        frames=frames,
        fps=fps,
        width=width,
        height=height,
        role="pool",
        drive=name,
        place=0,
        added=0.0,
    )


def drives(**frames: int) -> tuple[StoredDrive, ...]:
    return tuple(StoredDrive(name, (record(name, n),)) for name, n in frames.items())


def scores(frames: int, seed: int = 0) -> np.ndarray:
    """A plausible series: slow waves, short bursts, noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames)
    base = 0.05 + 0.02 * np.sin(t / 900) + 0.015 * np.sin(t / 137 + seed)
    for _ in range(max(3, frames // 900)):
        at, wide, high = rng.integers(frames), rng.integers(8, 90), rng.random() * 0.12
        reach = slice(max(0, at - 4 * wide), at + 4 * wide)
        base[reach] += high * np.exp(-(((t[reach] - at) / wide) ** 2))
    return np.abs(base + rng.normal(0, 0.009, frames)).astype(np.float32)


def fill(
    session: Session,
    footage: Sequence[StoredDrive],
    raw: dict[str, np.ndarray],
    taken: dict[str, tuple[int, ...]] | None = None,
    **rules: object,
) -> None:
    """Gives a session footage and scores, as an opened project would, and selects."""
    session.project_name = "week47"
    session.labels.classes = ("pedestrian", "rider")
    session.footage.drives = tuple(footage)
    session.scores.signals = {"entropy": dict(raw)}
    session.scores.taken = dict(taken or {})
    session.projectChanged.emit()
    session.footage.changed.emit()
    session.selection.set_rules(**{"budget": 20, **rules})
    for drive in footage:
        session.scores.changed.emit(drive.key)


@pytest.fixture
def panel(qtbot: Any, session: Any) -> TimelinePanel:
    """Two drives, twenty picks, four frames taken before."""
    footage = drives(am=3000, pm=1500)
    made = TimelinePanel(session)
    qtbot.addWidget(made)
    made.resize(1000, 260)
    made.show()
    fill(
        session,
        footage,
        {d.key: scores(len(d), i) for i, d in enumerate(footage)},
        {"am": (100, 700, 701, 2000)},
        delta1=30,
        delta2=10,
    )
    qtbot.waitUntil(lambda: len(session.picks.all) == 20, timeout=20_000)
    return made


def spot(view: TimelineView, drive: str, frame: int) -> QPoint:
    return view.viewport.point_of(drive, frame).toPoint()


def picture(view: TimelineView) -> QImage:
    return view.grab().toImage()


def test_click_goes_there(qtbot: Any, session: Any, panel: TimelinePanel) -> None:
    view = panel.view
    at = spot(view, "pm", 700)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    drive, frame = session.playhead.place
    assert drive == "pm"
    assert (
        abs(frame - 700)
        <= (view.viewport.stop - view.viewport.start) / view.viewport.scale().width + 1
    )


def test_a_click_on_a_mark_means_the_pick(
    qtbot: Any, session: Any, panel: TimelinePanel
) -> None:
    view, pick = panel.view, session.picks.all[3]
    at = spot(view, pick.drive, pick.drive_frame)
    row = [d.key for d in view.rows.shown()].index(pick.drive)
    at = QPoint(at.x() + 1, round(row * view.viewport.row_height()) + 8)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    near = [p for p in session.picks.all if (p.drive, p.drive_frame) == session.playhead.place]
    assert len(near) == 1


def test_drag_pans_and_does_not_click(qtbot: Any, session: Any, panel: TimelinePanel) -> None:
    view = panel.view
    view.viewport.show_range(1000, 2000)
    start = spot(view, "am", 1500)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, start + QPoint(40, 0))
    qtbot.mouseMove(view, start + QPoint(80, 0))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(80, 0))
    assert view.viewport.start == pytest.approx(
        1000 - 80 * 1000 / view.viewport.scale().width, abs=2
    )
    assert session.playhead.place is None
    assert panel.along.isVisible()


def wheel(view: TimelineView, at: QPoint, delta: int, modifiers: Any) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.mapToGlobal(at)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_wheel_zooms_about_the_pointer(panel: TimelinePanel) -> None:
    view = panel.view
    none = Qt.KeyboardModifier.NoModifier
    at = spot(view, "am", 1200)
    for _ in range(10):
        wheel(view, at, 120, none)
    assert view.viewport.stop - view.viewport.start < 400
    assert abs(view.viewport.scale().frame(at.x()) - 1200) <= 4
    before = view.viewport.start
    wheel(view, at, -120, Qt.KeyboardModifier.ShiftModifier)
    assert view.viewport.start > before
    for _ in range(60):
        wheel(view, at, 120, none)
    assert view.viewport.stop - view.viewport.start >= 12
    view.viewport.fit()
    assert (view.viewport.start, view.viewport.stop) == (0, 3000)
    assert not panel.along.isVisible()


def test_rules_move_the_picks_while_dragging(
    qtbot: Any, session: Any, panel: TimelinePanel
) -> None:
    seen = []
    session.picks.changed.connect(lambda: seen.append(len(session.picks.all)))
    panel.rules.budget.slider.setValue(panel.rules.budget.scale.position(5))
    qtbot.waitUntil(lambda: len(session.picks.all) == 5, timeout=20_000)
    assert seen
    assert panel.rules.budget.number.value() == 5
    panel.rules.delta1.number.setValue(200)
    qtbot.waitUntil(lambda: str(session.selection.rules.delta1) == "200", timeout=20_000)
    own = sorted(p.drive_frame for p in session.picks.all if p.drive == "am")
    assert all(b - a > 200 for a, b in itertools.pairwise(own))
    panel.rules.sigma.number.setValue(7.5)
    panel.rules.half_window.number.setValue(9)
    assert (session.selection.rules.sigma, session.selection.rules.half_window) == (7.5, 9)


def test_the_unit_turns_over_and_back(session: Any, panel: TimelinePanel) -> None:
    bar = panel.rules
    session.selection.set_rules(delta1="0.5s", delta2="0.067s")
    assert bar.delta1.number.value() == 0.5
    assert bar.delta1.number.text() == "0.5 s"
    bar.unit.click()
    assert (str(session.selection.rules.delta1), str(session.selection.rules.delta2)) == (
        "15",
        "2",
    )
    assert bar.delta1.number.text() == "15"
    bar.unit.click()
    assert session.selection.rules.delta1 == Distance(0.5, "seconds")
    assert session.selection.rules.delta2.frames(30) == 2


def test_a_knob_tells_the_default_that_holds(panel: TimelinePanel) -> None:
    """The tooltips were written by hand: they went on saying 0.5 s when 3 s was the default."""
    rules = Rules()
    apart, later = fitting_length(1e6, rules.budget, 0)
    expected = {
        "budget": rules.budget,
        "delta1": apart.value,
        "delta2": later.value,
        "sigma": rules.sigma,
        "half_window": rules.half_window,
    }
    for name, value in expected.items():
        knob = getattr(panel.rules, name)
        for widget in (knob.name, knob.slider, knob.number):
            told = re.search(r"Default:? ([\d.]*\d)", widget.toolTip())
            assert told is not None, name
            assert float(told[1]) == value, name


def test_why(
    session: Any, panel: TimelinePanel, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The offscreen platform warns of every popup that is really shown.
    shown: list[bool] = []
    monkeypatch.setattr(panel.popup, "show", lambda: shown.append(True))
    assert panel.why.text() == "20 of 20 fit · why?"
    session.selection.set_rules(budget=300, delta1=parse_distance("3s"))
    until(
        lambda: (
            session.selection.current is not None and session.selection.current.requested == 300
        )
    )
    assert panel.why.text().startswith(f"{len(session.picks.all)} of 300 fit")
    panel.why.click()
    assert shown
    counts = [
        panel.popup.rows.itemAtPosition(row, 2).widget().text()
        for row in range(panel.popup.rows.rowCount())
        if panel.popup.rows.itemAtPosition(row, 2) is not None
    ]
    assert sum(int("".join(c for c in text if c.isdigit())) for text in counts) == 4500
    panel.popup.fill.click()
    assert session.selection.rules.fill
    until(lambda: len(session.picks.all) == 300)


def test_tips_say_what_blocks(session: Any, panel: TimelinePanel) -> None:
    pick = session.picks.all[0]
    assert "pick 1 · to do" in panel.view.describe(pick.drive, pick.drive_frame)
    beside = panel.view.describe(pick.drive, pick.drive_frame + 1)
    assert "within Δt1 of pick 1" in beside
    assert "by score" in beside
    assert "taken in an earlier cycle" in panel.view.describe("am", 100)
    assert "within Δt2 of frame 100" in panel.view.describe("am", 105)
    assert panel.view.describe("am", 0).startswith("<b>0 · 00:00.00</b>")


def test_one_drive_at_a_time(session: Any, panel: TimelinePanel) -> None:
    panel.shown.setCurrentIndex(2)
    panel.shown.activated.emit(2)
    assert [d.key for d in panel.view.rows.shown()] == ["pm"]
    assert panel.view.viewport.stop == 1500
    panel.view.show_only(None)
    assert len(panel.view.rows.shown()) == 2


def test_many_drives_scroll(qtbot: Any, session: Any, panel: TimelinePanel) -> None:
    footage = drives(**{f"d{n}": 100 for n in range(20)})
    session.selection.offered, session.picks.all = None, ()
    fill(session, footage, {d.key: scores(100, 1) for d in footage})
    assert panel.down.isVisible()
    panel.down.setValue(panel.down.maximum())
    assert panel.view.viewport.offset == panel.view.viewport.hidden_height() > 0
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=spot(panel.view, "d19", 50))
    assert session.playhead.place[0] == "d19"


def test_keys(qtbot: Any, session: Any, panel: TimelinePanel) -> None:
    session.playhead.go_to("am", 500)
    panel.view.setFocus()
    for key, place in (
        (Qt.Key.Key_Right, ("am", 501)),
        (Qt.Key.Key_Down, ("pm", 501)),
        (Qt.Key.Key_End, ("pm", 1499)),
        (Qt.Key.Key_Home, ("pm", 0)),
        (Qt.Key.Key_Up, ("am", 0)),
    ):
        qtbot.keyClick(panel.view, key)
        assert session.playhead.place == place
    qtbot.keyClick(panel.view, Qt.Key.Key_Plus)
    assert panel.view.viewport.stop - panel.view.viewport.start < 3000


def test_the_playhead_is_followed(session: Any, panel: TimelinePanel) -> None:
    panel.view.viewport.show_range(0, 300)
    session.playhead.go_to("am", 2500)
    assert panel.view.viewport.start < 2500 < panel.view.viewport.stop


def test_it_paints_bands_curves_and_marks(session: Any, panel: TimelinePanel) -> None:
    view = panel.view
    full = picture(view)
    session.selection.offered, session.picks.all = None, ()
    session.picks.changed.emit()
    bare = picture(view)
    assert full != bare
    # Zoomed in far enough, single frames are dots.
    view.viewport.show_range(100, 130)
    assert picture(view) != bare


def test_it_paints_gaps_and_nothing(qtbot: Any, session: Any, panel: TimelinePanel) -> None:
    values = scores(3000, 0)
    values[1000:2000] = np.nan
    values[::3] = np.nan
    raw = {"am": values, "pm": np.full(1500, np.nan, np.float32)}
    session.scores.signals = {"entropy": raw}
    session.selection.set_rules(sigma=4)
    for start, stop in ((0, 3000), (900, 1100), (1200, 1300), (990, 1005)):
        panel.view.viewport.show_range(start, stop)
        assert not picture(panel.view).isNull()
    session.close_project()
    session.footage.drives = ()
    session.footage.changed.emit()
    assert not picture(panel.view).isNull()


def test_what_was_selected_before_the_closing_is_not_heard(
    session: Any, panel: TimelinePanel, until: Any
) -> None:
    gate, answered = threading.Event(), []
    thread = session._crew.selecting
    thread.submit(gate.wait)
    session.selection.scores_grown()
    session.close_project()
    thread.submit(lambda: None, answered.append)
    gate.set()
    until(lambda: answered)
    assert (session.picks.all, session.selection.offered) == ((), None)


def test_the_joints_of_clips_show(qtbot: Any, session: Any) -> None:
    view = TimelineView(session)
    qtbot.addWidget(view)
    view.resize(800, 160)
    one = (StoredDrive("long", (record("long", 400),)),)
    two = (StoredDrive("long", (record("first", 150), record("second", 250))),)
    values = {"long": scores(400)}
    fill(session, one, values)
    whole = picture(view)
    fill(session, two, values)
    assert picture(view) != whole
    assert session.footage.key_at("long", 150) == two[0].key_of(150)


def test_a_million_frames(qtbot: Any, session: Any) -> None:
    """What redraws cost the thread itself: the machine may be busy otherwise."""
    panel = TimelinePanel(session)
    qtbot.addWidget(panel)
    panel.resize(1440, 240)
    fill(
        session,
        drives(long=1_000_000),
        {"long": scores(1_000_000)},
        {"long": tuple(range(0, 900_000, 5000))},
        budget=200,
        delta1=15,
    )
    qtbot.waitUntil(lambda: len(session.picks.all) == 200, timeout=60_000)
    view, spent = panel.view, []
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    view.viewport.show_range(100_000, 700_000)
    view.render(image)
    for at in range(20):
        began = time.thread_time()
        view.viewport.show_range(100_000 + at * 5000, 700_000 + at * 5000)
        view.render(image)
        spent.append(time.thread_time() - began)
    assert np.median(spent) <= 0.016


def test_steps_and_clocks() -> None:
    assert nice_step(1000, 10) == 100
    assert nice_step(1100, 10) == 200
    assert nice_step(5, 10) == 1
    assert nice_seconds(60, 6) == 10
    assert clock(59.999, fine=False) == "01:00"
    assert clock(3661.5, fine=True) == "1:01:01.50"


def test_on_a_project(qtbot: Any, scored: Any, until: Any) -> None:
    panel = TimelinePanel(scored)
    qtbot.addWidget(panel)
    panel.resize(900, 240)
    panel.show()
    assert panel.why.text() == "4 of 4 fit · why?"
    panel.rules.delta1.number.setValue(12)
    until(lambda: str(scored.selection.rules.delta1) == "12")
    frames = sorted(pick.drive_frame for pick in scored.picks.all)
    assert all(b - a > 12 for a, b in itertools.pairwise(frames))
    pick = scored.picks.all[0]
    assert "pick 1" in panel.view.describe(pick.drive, pick.drive_frame)


def test_times_are_each_drives_own(
    qtbot: Any, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drives of two rates have their times in their rows; of one rate, on the axis."""
    from framesift_app.panels.timeline.axis import Axis

    told: list[float] = []
    monkeypatch.setattr(
        Axis, "paint_times", lambda self, painter, colours, bottom, rate: told.append(rate)
    )
    made = TimelinePanel(session)
    qtbot.addWidget(made)
    made.resize(900, 240)
    made.show()
    raw = {"am": scores(300), "pm": scores(300, 1)}
    for second, expected in ((12.5, {30.0, 12.5}), (30.0, set())):
        footage = tuple(
            StoredDrive(name, (record(name, 300, fps=fps),))
            for name, fps in (("am", 30.0), ("pm", second))
        )
        told.clear()
        fill(session, footage, raw, delta1=10)
        picture(made.view)
        assert set(told) == expected
        session.playhead.go_to("pm", 40)
        picture(made.view)
        assert set(told) == expected


def test_times_lie_where_the_drives_rate_puts_them() -> None:
    from framesift_app.panels.timeline.axis import Axis
    from framesift_app.panels.timeline.scale import FrameScale

    axis = Axis(FrameScale(0, 250, 0, 250), 0, 250, words=True)
    assert axis.times(25, 5) == [(0.5 + 50 * n, f"00:{2 * n:02d}") for n in range(5)]
