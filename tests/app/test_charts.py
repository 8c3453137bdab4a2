"""The charts: all of their lines in sight until somebody moves them, keys, wheel, saving."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from framesift_app import theme
from framesift_app.panels.chart import Chart
from framesift_app.panels.elided import Elided
from framesift_app.panels.plotting.axes import Axis
from framesift_app.panels.plotting.drawing import Axes, Line
from framesift_app.panels.plotting.field import Field

LOSS = Line("loss", [(step, 2.0 / step) for step in range(1, 41)], "raw")
MEAN = Line("mean", [(step, 1.0) for step in range(1, 41)], dashed=True)


@pytest.fixture
def chart(qtbot: Any, session: Any) -> Chart:
    made = Chart("Loss per step", "Nothing is learnt yet.", session.messages)
    qtbot.addWidget(made)
    made.resize(420, 240)
    made.show()
    return made


def shown(chart: Chart) -> list[list[float]]:
    return chart.field.view.viewRange()


def holds(chart: Chart, x: float, y: float) -> bool:
    (left, right), (low, high) = shown(chart)
    return left <= x <= right and low <= y <= high


def test_empty_it_says_why_and_has_no_plot(chart: Chart) -> None:
    chart.show_lines([Line("loss", [])])
    assert chart.findChild(Field) is None
    assert chart._empty.isVisible()
    chart.show_lines([LOSS])
    assert chart.field.isVisible()
    chart.show_lines([])
    assert not chart.field.isVisible()
    assert chart._empty.isVisible()


def test_the_title_has_the_whole_line_until_values_are_told(chart: Chart) -> None:
    title = chart._title
    chart.setFixedWidth(title.fontMetrics().horizontalAdvance(title.text()) + 24)
    for lines in ([], [LOSS]):
        chart.show_lines(lines)
        QApplication.processEvents()
        assert title.width() >= title.sizeHint().width()


def test_all_is_in_sight_until_somebody_moves_it(chart: Chart) -> None:
    chart.show_lines([LOSS])
    assert holds(chart, 1, 2.0)
    assert holds(chart, 40, 0.0)
    chart.show_lines([Line("loss", [*LOSS.points, (80, 3.0)])])
    assert holds(chart, 80, 3.0)
    QTest.keyClick(chart.field, Qt.Key.Key_Plus)
    near = shown(chart)
    assert not holds(chart, 80, 3.0)
    chart.show_lines([Line("loss", [*LOSS.points, (80, 3.0), (81, 3.0)])])
    assert shown(chart) == near
    QTest.keyClick(chart.field, Qt.Key.Key_Left)
    assert shown(chart)[0][0] < near[0][0]
    QTest.keyClick(chart.field, Qt.Key.Key_Home)
    assert holds(chart, 81, 3.0)


def test_a_drag_moves_it_and_the_menu_fits_it(chart: Chart) -> None:
    chart.show_lines([LOSS])
    QTest.keyClick(chart.field, Qt.Key.Key_Plus)
    before, port = shown(chart), chart.field.viewport()
    at = port.rect().center()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at)
    for step in range(1, 6):
        QTest.mouseMove(port, at + QPoint(10 * step, 0), 12)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at + QPoint(50, 0))
    assert shown(chart)[0][0] < before[0][0]
    dict(entry for entry in chart._entries() if entry)["Fit"]()
    assert holds(chart, 1, 2.0)


@pytest.mark.parametrize("modifier", ["NoModifier", "ControlModifier"])
def test_the_wheel_is_the_panels_until_the_chart_is_meant(chart: Chart, modifier: str) -> None:
    chart.show_lines([LOSS])
    chart.field.clearFocus()
    before, at = shown(chart), chart.field.viewport().rect().center()
    event = QWheelEvent(
        QPointF(at),
        QPointF(chart.field.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier[modifier],
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(chart.field.viewport(), event)
    assert (shown(chart) != before) is (modifier == "ControlModifier")


def test_the_pointer_is_told_the_values(chart: Chart) -> None:
    chart.show_lines([LOSS, MEAN])
    view = chart.field.view
    at = chart.field.mapFromScene(view.mapViewToScene(QPointF(20.2, 0.5)))
    QTest.mouseMove(chart.field.viewport(), at)
    assert chart._told.text() == "20: 0.1, 1"
    chart.field.exited.emit()
    assert chart._told.text() == ""
    assert "loss 40: 0.05" in chart.field.accessibleDescription()


def test_several_lines_are_explained(chart: Chart) -> None:
    chart.show_lines([LOSS])
    assert not chart._legend.isVisible()
    chart.show_lines([LOSS, MEAN])
    assert chart._legend.isVisible()
    assert all(name in chart._legend.text() for name in ("loss", "mean", "━", "╍"))
    theme.current().apply("dark")
    assert theme.colours().accent in chart._legend.text()


def test_shares_and_whole_numbers_are_spelt(qtbot: Any, session: Any) -> None:
    made = Chart("Miss rate", "", session.messages, Axes(percent=True))
    qtbot.addWidget(made)
    bottom = made.field.axes[1]
    made.show_lines([Line("miss rate", [(0, 0.5), (1, 0.25)], marks=True)])
    assert made.field.axes[0].tickStrings([0.25], 1, 0.1) == ["25 %"]
    for step, _ in bottom.tickSpacing(0, 1, 300) or ():
        assert step == int(step) >= 1


def test_logarithmic_axes(qtbot: Any, session: Any) -> None:
    made = Chart("Curve", "", session.messages, Axes(percent=True, logarithmic=True))
    qtbot.addWidget(made)
    made.show_lines([Line("a", [(0.0, 1.0), (0.01, 0.8), (1.0, 0.2), (10.0, math.nan)])])
    (left, right), (low, high) = shown(made)
    assert left == pytest.approx(-2, abs=0.1)
    assert right == pytest.approx(0, abs=0.1)
    assert low < math.log10(0.2) < math.log10(0.8) < high
    assert made.field.axes[0].tickStrings([-1.0], 1, 1) == ["10 %"]


def test_one_point_is_a_dot(chart: Chart) -> None:
    """As after the first step of a training: a line needs two."""
    chart.show_lines([Line("loss", [(1, 0.5)])])
    QApplication.processEvents()
    picture, colour = chart.grab().toImage(), theme.colours().accent
    seen = sum(
        picture.pixelColor(x, y).name() == colour
        for x in range(picture.width())
        for y in range(picture.height())
    )
    assert seen > 9


def test_it_follows_the_theme(chart: Chart) -> None:
    chart.show_lines([LOSS])
    pictures = {}
    for name in ("light", "dark"):
        theme.current().apply(name)
        pictures[name] = chart.grab().toImage()
        ground = pictures[name].pixelColor(200, pictures[name].height() - 3).name()
        assert ground == theme.colours().background
    assert pictures["light"] != pictures["dark"]


def test_saving(
    chart: Chart, session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart.show_lines([LOSS, MEAN])
    reported: list[Path] = []
    session.messages.reported.connect(lambda sentence, lines, path: reported.append(path))
    entries = dict(entry for entry in chart._entries() if entry)
    for kind in ("png", "svg", "csv"):
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_, kind=kind: (str(tmp_path / "loss"), kind)
        )
        entries[next(words for words in entries if kind.upper() in words)]()
    assert sorted(path.name for path in tmp_path.glob("loss*")) == [
        "loss.csv",
        "loss.png",
        "loss.svg",
    ]
    assert reported == [tmp_path] * 3
    picture = QImage(str(tmp_path / "loss.png"))
    assert picture.width() >= 2 * 400
    assert "Loss per step" in (tmp_path / "loss.svg").read_text()
    with (tmp_path / "loss.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["loss_x", "loss_y", "mean_x", "mean_y"]
    assert [float(cell) for cell in rows[20]] == [20, 0.1, 20, 1]


def test_a_disk_that_refuses_is_told(chart: Chart, session: Any, tmp_path: Path) -> None:
    chart.show_lines([LOSS])
    place = tmp_path / "file"
    place.write_text("")
    chart.saving.save(place / "loss.png", "png")
    assert [sentence.startswith("Cannot write") for sentence, _ in session.errors] == [True]


def test_the_menu_comes_by_pointer_and_key(chart: Chart) -> None:
    chart.show_lines([LOSS])
    reason = QContextMenuEvent.Reason.Keyboard
    before = len(chart.field.findChildren(QMenu))
    event = QContextMenuEvent(reason, QPoint(50, 50), chart.field.mapToGlobal(QPoint(50, 50)))
    QApplication.sendEvent(chart.field.viewport(), event)
    menus = chart.field.findChildren(QMenu)
    assert len(menus) == before + 1
    texts = [action.text() for action in menus[-1].actions() if not action.isSeparator()]
    assert texts[0] == "Fit"
    assert len(texts) == 4
    menus[-1].close()


def test_a_chart_with_lines_has_room_for_its_ticks_and_names(qtbot: Any, chart: Chart) -> None:
    empty = chart.minimumHeight()
    names = ("start · pedestrian", "cycle 1 · pedestrian")
    chart.show_lines([Line(name, ((0.0, 0.9), (1.0, 0.8))) for name in names])
    chart.resize(200, chart.minimumHeight())
    assert chart.minimumHeight() > empty
    # Both names are wider than the chart: each has a line of its own.
    line = chart._legend.fontMetrics().height()
    qtbot.waitUntil(lambda: chart._legend.height() >= 2 * line)
    assert chart.field.height() >= 80
    chart.show_lines([])
    assert chart.minimumHeight() == empty


def test_a_line_that_does_not_fit_says_so(qtbot: Any) -> None:
    label = Elided()
    qtbot.addWidget(label)
    label.setText("Training: 15 steps over 19 labelled frames")
    label.resize(1000, 20)
    assert label.shown_text() == label.text()
    label.resize(90, 20)
    assert label.shown_text().endswith("…")
    assert label.minimumSizeHint().width() == 0


def test_an_axis_of_powers_within_a_decade_has_numbers_too(qtbot: Any) -> None:
    axis = Axis("left", percent=True)
    axis.setLogMode(False, True)
    within = [math.log10(share) for share in (0.7, 0.8, 0.9)]
    assert axis.tickStrings(within, 1, 1) == ["70 %", "80 %", "90 %"]
    decades = [math.log10(share) for share in (0.01, 0.02, 0.03, 0.1)]
    assert axis.tickStrings(decades, 1, 1) == ["1 %", "2 %", "", "10 %"]
