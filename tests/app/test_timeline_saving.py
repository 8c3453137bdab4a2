"""The timeline in pyqtgraph's view: everything lies where the viewport says, and is saved as
it is shown."""

from __future__ import annotations

import csv
import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPaintEvent, QRegion
from PySide6.QtWidgets import QFileDialog, QWidget
from tests.app.test_timeline import drives, fill, scores

from framesift.series import NO_BOXES
from framesift.series.value_scale import ValueScale
from framesift_app.panels.colours import scheme
from framesift_app.panels.timeline import TimelinePanel
from framesift_app.panels.timeline.curve_paint import ground_of
from framesift_app.panels.timeline.painter import Painter
from framesift_app.session.values import Stretch, ValuesWritten, writing


@pytest.fixture
def panel(qtbot: Any, session: Any, until: Any) -> TimelinePanel:
    made = TimelinePanel(session)
    qtbot.addWidget(made)
    made.resize(1000, 260)
    made.show()
    footage = drives(am=3000, pm=1500)
    values = {"am": scores(3000), "pm": scores(1500, 1)}
    values["pm"][::3] = np.nan
    fill(session, footage, values, delta1=30, delta2=10)
    until(lambda: len(session.picks.all) == 20)
    return made


def test_rows_and_frames_lie_where_the_viewport_says(panel: TimelinePanel) -> None:
    view, box = panel.view.viewport, panel.view.canvas.box
    for start, stop in ((0, 3000), (700.5, 950.25), (100, 112)):
        view.show_range(start, stop)
        for frame in (math.ceil(start), int(stop) - 1):
            for row, drive in enumerate(("am", "pm")):
                there = box.mapViewToScene(QPointF(frame + 0.5, row + 0.5))
                expected = view.point_of(drive, frame)
                assert there.x() == pytest.approx(expected.x(), abs=0.6)
                assert there.y() == pytest.approx(expected.y(), abs=0.6)


def test_the_playhead_moves_over_rows_that_are_kept(
    session: Any, panel: TimelinePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    paint_row = Painter.paint_row

    def count(self: Painter, painter: Any, drive: Any, row: int) -> None:
        painted.append(drive.key)
        paint_row(self, painter, drive, row)

    view, colour = panel.view, QColor(scheme().playhead)
    session.playhead.go_to("am", 1501)
    view.grab()
    monkeypatch.setattr(Painter, "paint_row", count)
    at = {}
    for frame in (1501, 2201):
        session.playhead.go_to("am", frame)
        image = view.grab().toImage()
        row = round(view.viewport.row_top("am") + view.viewport.row_height() / 2)
        at[frame] = {x for x in range(112, image.width()) if image.pixelColor(x, row) == colour}
        assert all(abs(x - view.viewport.scale().x(frame)) <= 2 for x in at[frame])
    assert at[1501]
    assert at[2201]
    assert painted == []
    session.selection.set_rules(budget=5)
    session.picks.changed.emit()
    view.grab()
    assert set(painted) == {"am", "pm"}


class Painted(QObject):
    """What of a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.regions: list[QRegion] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt)
        if isinstance(event, QPaintEvent):
            self.regions.append(event.region())
        return False


def test_a_moved_playhead_is_painted_where_it_was_and_where_it_is(
    session: Any, panel: TimelinePanel, until: Any
) -> None:
    view, port = panel.view, panel.view.canvas.viewport()
    picked = {pick.drive_frame for pick in view.rows.picks("am")}
    first, second = (
        next(n for n in range(start, 3000) if n not in picked) for start in (40, 90)
    )
    session.playhead.go_to("am", first)
    panel.repaint()
    seen = Painted(port)
    session.playhead.go_to("am", second)
    until(lambda: seen.regions)
    (region,) = seen.regions
    wide = sum(rect.width() for rect in region)
    assert wide < 20
    for frame in (first, second):
        line = QPoint(
            round(view.viewport.scale().x(frame)),
            round(view.viewport.row_top("am") + view.viewport.row_height() / 2),
        )
        assert region.contains(line)
    seen.regions.clear()
    # The names say which drive it is in.
    session.playhead.go_to("pm", second)
    until(lambda: seen.regions)
    assert seen.regions[-1].boundingRect() == port.rect()
    image = view.grab().toImage()
    for drive, colour in (("am", scheme().grid), ("pm", scheme().accent)):
        middle = round(view.viewport.row_top(drive) + view.viewport.row_height() / 2)
        assert image.pixelColor(view.viewport.gutter - 6, middle) == QColor(colour)


def test_the_curve_of_the_detector_before_is_on_the_scale(
    session: Any, panel: TimelinePanel
) -> None:
    """Of the scores of now, too; alone where the detector of now has scored nothing yet."""
    rows, raw = panel.view.rows, session.scores.raw
    low, high = (
        float(of([of(values) for values in raw.values()])) for of in (np.nanmin, np.nanmax)
    )
    assert rows.scale() == ValueScale(low, high)
    before = np.full(3000, 0.01)
    before[1500] = 0.7
    session.selection.earlier = {"am": before}
    assert rows.scale() == ValueScale(0.01, 0.7)
    panel.view.show_only("pm")
    assert rows.scale() == ValueScale(0.01, 0.7)
    session.scores.signals = {"entropy": {"am": np.full(3000, np.nan, np.float32)}}
    assert rows.scale() == ValueScale(0.01, 0.7)
    session.selection.earlier = {}
    assert rows.scale() == ValueScale(0.0, 1.0)


def heights(panel: TimelinePanel, drive: str, colour: QColor) -> tuple[float, float]:
    """Where a colour's lowest and highest pixels are in a drive's row, as shares of its height
    for curves; clear of the values before it."""
    view, image = panel.view.viewport, panel.view.grab().toImage()
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    top, bottom = view.row_top(drive), view.row_top(drive) + view.row_height()
    ground, height = ground_of(QRectF(0, top + 2, 1, view.row_height() - 4))
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    row = pixels[round(top) : round(bottom), view.gutter :] == colour.rgb()
    found = (ground - round(top) - np.flatnonzero(row.any(1))) / height
    return float(found.min()), float(found.max())


def score_again(session: Any, until: Any, **values: np.ndarray) -> None:
    session.scores.signals = {"entropy": values}
    session.selection.scores_loaded()
    until(lambda: session.selection.settled)


@pytest.mark.parametrize("span", [(0, 3000), (0, 1000), (0, 100)])
def test_curves_take_the_height_of_their_rows(
    session: Any, panel: TimelinePanel, until: Any, span: tuple[int, int]
) -> None:
    """All the way from 0.15 to 0.25, which at a distance from zero looks flat; what hardly
    differs stays so."""
    wave = (0.2 + 0.05 * np.sin(np.arange(3000) / 12)).astype(np.float32)
    score_again(session, until, am=wave, pm=wave[:1500])
    panel.view.viewport.show_range(*span)
    for drive in ("am", "pm"):
        low, high = heights(panel, drive, scheme().smoothed)
        assert low < 0.1
        assert high > 0.9
    even = (0.2 + 0.0005 * np.sin(np.arange(3000) / 12)).astype(np.float32)
    score_again(session, until, am=even, pm=even[:1500])
    panel.view.viewport.show_range(*span)
    low, high = heights(panel, "am", scheme().smoothed)
    assert low > 0.8
    assert high - low < 0.15


@pytest.mark.parametrize("points", [9, 14, 20])
def test_a_name_and_the_values_below_it_do_not_touch(panel: TimelinePanel, points: int) -> None:
    """In the lowest of rows, however large letters are."""
    font = panel.font()
    font.setPointSize(points)
    for widget in (panel.view, panel.view.canvas.viewport()):
        widget.setFont(font)
    panel.view.setFixedHeight(60)
    view = panel.view.viewport
    panel.view.setFixedHeight(math.ceil(view.axis_height() + view.row_height()))
    image = panel.view.grab().toImage()
    assert view.hidden_height() > 0
    rows, columns = range(round(view.row_height())), range(8, view.gutter - 10)
    inked = [any(image.pixelColor(x, y) != scheme().base for x in columns) for y in rows]
    assert sum(here and not above for above, here in pairwise([False, *inked])) == 3


@pytest.mark.parametrize("span", [(0, 3000), (1450, 1500)])
def test_where_a_curve_is_lower_than_its_row_a_mark_says_so(
    session: Any, panel: TimelinePanel, until: Any, span: tuple[int, int]
) -> None:
    values = np.linspace(1.0, 1.2, 3000, dtype=np.float32)
    values[1475] = 0.0
    score_again(session, until, am=values, pm=values[:1500])
    assert panel.view.rows.scale().bottom == pytest.approx(1.0)
    view = panel.view.viewport
    view.show_range(*span)
    image, y = panel.view.grab().toImage(), round(view.row_top("am") + view.row_height()) - 5
    scale, colours = view.scale(), (scheme().raw, scheme().smoothed)
    clear = range(max(view.gutter, round(scale.x(300))), image.width())
    marked = [x for x in clear if image.pixelColor(x, y) in colours]
    # Wider than the curve is there.
    assert len(marked) > 3
    assert all(abs(x - scale.x(1475)) < 6 + scale.x(5) - scale.x(0) for x in marked)


def test_the_note_on_the_curve_of_the_detector_before_can_be_read(
    session: Any, panel: TimelinePanel, until: Any
) -> None:
    before = np.tile([0.0, 1.0], 1500)
    nothing = np.full(3000, np.nan, np.float32)
    score_again(session, until, am=nothing, pm=nothing[:1500])
    session.selection.earlier = {"am": before}
    session.selection.changed.emit()
    view, image = panel.view.viewport, panel.view.grab().toImage()
    middle, colour = round(view.row_top("am") + view.row_height() / 2), scheme().earlier
    assert image.pixelColor(view.gutter + 300, middle) == colour
    noted = range(view.gutter + 8, view.gutter + 60)
    assert all(image.pixelColor(x, middle) != colour for x in noted)


def test_a_drive_without_boxes_is_not_said_to_be_unscored(
    session: Any,
    panel: TimelinePanel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    until: Any,
) -> None:
    some = np.full(3000, NO_BOXES, np.float32)
    some[10] = 0.5
    score_again(session, until, am=some, pm=np.full(1500, NO_BOXES, np.float32))
    assert [session.scores.score_of("am", frame) for frame in (9, 10)] == [None, 0.5]
    save(panel, tmp_path / "t.svg", monkeypatch)
    text = (tmp_path / "t.svg").read_text()
    assert text.count(">no boxes in what is scored</text>") == 1
    assert "not scored yet" not in text
    values = save_values(session, panel, tmp_path / "t.csv", monkeypatch, until)
    scored = [row for row in csv.DictReader(values) if row["score"]]
    assert [(row["drive"], row["frame"], row["score"]) for row in scored] == [
        ("am", "10", "0.5")
    ]


def save(panel: TimelinePanel, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chooses the entry of the menu for a file's kind."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    entries = dict(entry for entry in panel.view.entries(QPoint(1, 1)) if entry)
    entries[next(words for words in entries if path.suffix[1:].upper() in words)]()


def save_values(
    session: Any, panel: TimelinePanel, path: Path, monkeypatch: pytest.MonkeyPatch, until: Any
) -> list[str]:
    """The lines of the table of values, once it is written."""
    told: list[tuple[str, ...]] = []
    session.messages.reported.connect(lambda sentence, lines, path: told.append(lines))
    save(panel, path, monkeypatch)
    until(lambda: told)
    return path.read_text(encoding="utf-8").splitlines()


def test_a_saved_picture_is_what_is_shown(
    panel: TimelinePanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.view.viewport.show_range(500, 1700)
    save(panel, tmp_path / "t.png", monkeypatch)
    saved, shown = QImage(str(tmp_path / "t.png")), panel.view.grab().toImage()
    assert abs(saved.width() - 2 * shown.width()) <= 4
    small = saved.scaled(shown.size()).convertToFormat(QImage.Format.Format_RGB32)
    shown = shown.convertToFormat(QImage.Format.Format_RGB32)
    first, second = (
        np.frombuffer(image.constBits(), np.uint8).astype(np.int64) for image in (small, shown)
    )
    assert np.abs(first - second).mean() < 12


def test_a_saved_drawing_holds_its_curves_as_lines(
    panel: TimelinePanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(panel, tmp_path / "t.svg", monkeypatch)
    text = (tmp_path / "t.svg").read_text()
    curves = [points.split() for points in re.findall(r'<polygon[^>]* points="([^"]*)', text)]
    assert sum(len(points) > 600 for points in curves) == 4
    assert "clip-path" in text
    assert ">am</text>" in text


@pytest.mark.parametrize("strategy", ["guided-random", "random", "uniform"])
def test_a_strategy_without_scores_waits_for_none(
    session: Any,
    panel: TimelinePanel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    until: Any,
    strategy: str,
) -> None:
    session.selection.set_rules(strategy=strategy)
    session.selection.scores_loaded()
    until(lambda: session.selection.settled and session.selection.offered)
    save(panel, tmp_path / "t.svg", monkeypatch)
    text = (tmp_path / "t.svg").read_text()
    assert text.count(">chosen without scores</text>") == 2
    assert "not scored yet" not in text
    assert panel.view.rows.curve("smoothed", "am") is None
    values = save_values(session, panel, tmp_path / "t.csv", monkeypatch, until)
    assert values == ["drive,frame"]
    # Nor has a detector that was trained since one to be held against.
    session.selection.keep_earlier()
    assert session.selection.earlier == {}
    free = next(
        frame
        for frame in range(3000)
        if panel.view.rows.blocked("am").at(frame) is None
        and frame not in {pick.drive_frame for pick in panel.view.rows.picks("am")}
    )
    tip = panel.view.describe("am", free)
    assert tip.endswith("<br>free, but others were chosen")
    assert "by score" not in tip
    panel.popup.open_at(QPoint())
    last = panel.popup.rows.itemAtPosition(panel.popup.rows.rowCount() - 1, 1).widget()
    assert last.text() == "free, but others were chosen"
    panel.popup.close()


def test_saved_values_are_those_of_the_frames_that_are_shown(
    session: Any,
    panel: TimelinePanel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    until: Any,
) -> None:
    panel.view.viewport.show_range(1200, 1600)
    values = save_values(session, panel, tmp_path / "t.csv", monkeypatch, until)
    rows = list(csv.DictReader(values))
    assert list(rows[0]) == ["drive", "frame", "score", "smoothed"]
    assert [int(row["frame"]) for row in rows if row["drive"] == "am"] == list(
        range(1200, 1600)
    )
    raw, smoothed = session.scores.raw["pm"], session.selection.smoothed["pm"]
    for row in rows:
        if row["drive"] == "pm":
            frame = int(row["frame"])
            assert float(row["smoothed"]) == pytest.approx(smoothed[frame], rel=1e-6)
            if row["score"]:
                assert float(row["score"]) == pytest.approx(raw[frame], rel=1e-6)
            else:
                assert np.isnan(raw[frame])


def test_frames_without_values_are_left_out_and_counted(tmp_path: Path) -> None:
    parts = [
        Stretch("=a", 10, {"score": np.array([np.nan, 0.5, np.nan]), "smoothed": np.zeros(2)}),
        Stretch("b", 0, {"score": np.array([np.nan])}),
    ]
    *_, last = writing(tmp_path / "v.csv", parts)
    assert last == ValuesWritten(tmp_path / "v.csv", 2, 2)
    assert (tmp_path / "v.csv").read_text().splitlines() == [
        "drive,frame,score,smoothed",
        "'=a,10,,0",
        "'=a,11,0.5,0",
    ]


def test_writing_that_is_ended_leaves_no_file(tmp_path: Path) -> None:
    records = writing(tmp_path / "v.csv", [Stretch("a", 0, {"score": np.ones(50_000)})])
    next(records)
    records.close()
    assert list(tmp_path.iterdir()) == []
