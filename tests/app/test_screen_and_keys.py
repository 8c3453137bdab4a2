"""The window on small screens, and keys that reach who has the focus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QScrollArea,
    QTableWidget,
    QTreeWidget,
    QWidget,
)

from framesift_app import theme
from framesift_app.dialogs.new_project import NewProjectDialog
from framesift_app.panels.chart import Chart
from framesift_app.panels.cycles import CyclesPanel
from framesift_app.panels.icons import swatch
from framesift_app.panels.training import TrainingPanel
from framesift_app.session.training import TrainingView
from framesift_app.window import MainWindow

Key = Qt.Key
SMALL = (1024, 600)
"""1024×700 less a title bar and a task bar."""


@pytest.fixture
def window(
    qtbot: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> Iterator[MainWindow]:
    """A window with two drives of one file, evaluated on nothing, scored on nothing."""
    import shutil

    other = tmp_path / "other.mp4"
    shutil.copy(footage, other)
    with other.open("ab") as end:
        end.write(b"\0\0\0\x08free")
    made = MainWindow()
    made.show()
    qtbot.waitExposed(made)
    session = made.session
    session.new_project(tmp_path / "week", ["pedestrian", "rider"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage, other])
    until(lambda: len(session.footage.drives) == 2 and session.detector.view)
    yield made
    made.close()
    made.deleteLater()


def _focused(window: MainWindow, widget: QWidget, until: Any) -> None:
    window.activateWindow()
    widget.setFocus()
    until(lambda: window.isActiveWindow() and widget.hasFocus())


def test_a_key_counts_as_soon_as_its_action_makes_sense(
    window: MainWindow, footage: Path, until: Any
) -> None:
    """Not only once the menus have been refreshed."""
    session, canvas = window.session, window.docks.panels.viewer.canvas
    until(lambda: session.playhead.key is not None)
    key = session.playhead.key
    _focused(window, canvas, until)
    window._soon.stop()
    window._soon.setInterval(600_000)
    QTest.keyClick(canvas, Key.Key_N)
    until(lambda: session.journal.undo_text and not session.journal.writing)
    assert not window.commands["undo"].isEnabled()
    QTest.keyClick(canvas, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(lambda: session.labels.of(key).state == "unseen")


def test_a_new_window_is_inside_the_screen(qtbot: Any) -> None:
    made = MainWindow()
    room = made.screen().availableGeometry()
    assert made.width() < room.width()
    assert made.height() < room.height()
    made.close()
    made.deleteLater()


def test_the_window_fits_a_small_screen(window: MainWindow, until: Any) -> None:
    """Nothing is cut off: each control of the timeline's bar lies inside it, in two lines."""
    window.resize(*SMALL)
    window.trigger("reset_layout")
    until(lambda: (window.width(), window.height()) == SMALL)
    rules = window.docks.panels.timeline.rules
    for knob in (rules.budget, rules.delta1, rules.delta2, rules.sigma, rules.half_window):
        assert knob.geometry().right() <= rules.width()
        text = knob.number.fontMetrics().horizontalAdvance(knob.number.text())
        assert knob.number.lineEdit().width() > text
    assert rules.half_window.y() > rules.budget.y()
    gallery = window.docks.panels.gallery
    assert gallery.around.geometry().bottom() <= gallery.height()
    labels = window.docks.panels.labels
    assert labels.height() >= labels.minimumSizeHint().height()
    assert window.docks.panels.viewer.overlays.isVisible()


@pytest.mark.parametrize("size", [(1440, 900), (1366, 768), SMALL])
def test_buttons_of_panels_need_no_scrolling(
    window: MainWindow, until: Any, size: tuple[int, int]
) -> None:
    """Those that begin something or decide are whole, whatever else a panel has to say."""
    window.resize(*size)
    window.trigger("reset_layout")
    until(lambda: (window.width(), window.height()) == size)
    panels = window.docks.panels
    training = window.session.training
    checked = ["Y Keep", "E Mend", "Delete", "U Leave"]
    for name, panel, words in (
        ("cycles", panels.cycles, ["Fine-tune…", "Measure"]),
        ("training", panels.training, ["Fine-tune…"]),
        ("training", panels.training, ["Keep the old one", "Take the new one", "Fine-tune…"]),
        ("check", panels.check, checked),
    ):
        worse = (
            "The new detector is measurably worse on the measuring set: pedestrian misses 60 % "
            "where it missed 20 %. Keep the old one, or take the new one all the same."
        )
        run = TrainingView(9, ((1, 0.5), (9, 0.25)), ((1, 0.4), (2, 0.6)), False, worse)
        training.view = replace(run, offered=("new", "n" * 64)) if "Take" in str(words) else run
        training.changed.emit()
        window.docks.raise_panel(name)
        shown = {b.text(): b for b in panel.findChildren(QAbstractButton) if b.isVisible()}
        assert words == [text for text in shown if text in words]
        for _ in range(20):
            QApplication.processEvents()
        for text in words:
            assert shown[text].visibleRegion().boundingRect() == shown[text].rect()
    assert (window.width(), window.height()) == size


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700), SMALL])
def test_no_control_of_the_frames_lies_over_another(
    window: MainWindow, until: Any, size: tuple[int, int]
) -> None:
    """However low the panel is: what does not fit scrolls into sight."""
    window.resize(*size)
    window.trigger("reset_layout")
    until(lambda: (window.width(), window.height()) == size)
    frames = window.docks.panels.frames
    window.docks.raise_panel("frames")
    for _ in range(20):
        QApplication.processEvents()
    filters = (combo for combo in frames.findChildren(QComboBox) if combo.isVisible())
    parts = [*filters, frames.count, frames.list]
    for part in parts[:-1]:
        assert part.height() >= part.minimumSizeHint().height()
    places = [QRect(part.mapTo(frames, QPoint()), part.size()) for part in parts]
    assert all(frames.rect().contains(place) for place in places)
    assert not any(a.intersects(b) for a, b in combinations(places, 2))
    field = window.docks["frames"].widget()
    assert isinstance(field, QScrollArea)
    for part in parts[:-1]:
        field.ensureWidgetVisible(part)
        assert part.visibleRegion().boundingRect() == part.rect()


def test_fine_tuning_waits_for_footage_in_every_panel(
    qtbot: Any, session: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> None:
    panels = [TrainingPanel(session, print), CyclesPanel(session, print)]
    for panel in panels:
        qtbot.addWidget(panel)
    buttons = [
        next(b for b in panel.findChildren(QAbstractButton) if b.text() == "Fine-tune…")
        for panel in panels
    ]
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    assert not any(button.isEnabled() for button in buttons)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.jobs.active("add") is None)
    until(lambda: all(button.isEnabled() for button in buttons))


def test_headings_of_charts_are_whole(window: MainWindow, until: Any) -> None:
    window.resize(1366, 768)
    window.trigger("reset_layout")
    until(lambda: (window.width(), window.height()) == (1366, 768))
    charts = window.docks.panels.cycles.findChildren(Chart)
    assert len(charts) == 3
    for title in (chart.findChildren(QLabel)[0] for chart in charts):
        assert title.text()
        assert title.width() >= title.sizeHint().width()
        assert title.height() >= title.sizeHint().height()


def test_a_detectors_name_is_whole(qtbot: Any, session: Any, until: Any) -> None:
    dialog = NewProjectDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    until(lambda: session.detector.choices)
    field = dialog.findChild(QComboBox, "detector")
    names = [field.itemText(row) for row in range(field.count())]
    field.setCurrentIndex(names.index(max(names, key=len)))
    QApplication.processEvents()
    assert field.width() > field.fontMetrics().horizontalAdvance(field.currentText())


def test_the_bar_has_plain_words_and_tells_what_they_mean(window: MainWindow) -> None:
    rules, session = window.docks.panels.timeline.rules, window.session
    names = [
        knob.name.text()
        for knob in (rules.budget, rules.delta1, rules.delta2, rules.sigma, rules.half_window)
    ]
    assert names == [
        "Budget",
        "Apart (this cycle)",
        "Apart (later cycles)",
        "Smoothing",
        "Window ±",
    ]
    session.selection.set_rules(delta1="0.5s", delta2=6)
    assert "Δt1" in rules.delta1.number.toolTip()
    assert rules.delta1.number.toolTip().endswith("Now 0.5 s, 15 frames at 30/s")
    assert rules.delta2.number.toolTip().endswith("Now 6 frames, 0.2 s at 30/s")


def test_tab_leaves_the_table_of_cycles(window: MainWindow, until: Any) -> None:
    table = window.findChild(QTableWidget, "cycles")
    assert table is not None
    table.setRowCount(2)
    table.show()
    _focused(window, table, until)
    QTest.keyClick(table, Key.Key_Tab)
    assert not table.hasFocus()


def test_return_chooses_in_an_open_list(window: MainWindow, until: Any) -> None:
    """The window's own Return (accept a proposal) keeps out of it."""
    accepted: list[bool] = []
    window.commands["accept"].triggered.connect(lambda: accepted.append(True))
    combo: QComboBox = window.docks.panels.timeline.shown
    until(combo.isVisible)
    _focused(window, window.docks.panels.viewer.canvas, until)
    combo.showPopup()
    until(lambda: QApplication.activePopupWidget() is not None)
    handle = window.windowHandle()
    QTest.keyClick(handle, Key.Key_Down)
    QTest.keyClick(handle, Key.Key_Return)
    until(lambda: QApplication.activePopupWidget() is None)
    assert combo.currentIndex() == 1
    assert not accepted
    assert [d.key for d in window.docks.panels.timeline.view.rows.shown()] == ["drive"]


def test_after_go_to_frame_the_keys_are_the_pictures(window: MainWindow, until: Any) -> None:
    viewer = window.docks.panels.viewer
    _focused(window, viewer.canvas, until)
    window.trigger("go_to")
    line = viewer.player.number
    until(line.hasFocus)
    QTest.keyClicks(line, "17")
    QTest.keyClick(line, Key.Key_Return)
    until(viewer.canvas.hasFocus)
    assert window.session.playhead.place == ("drive", 17)
    QTest.keyClick(viewer.canvas, Key.Key_Right)
    assert window.session.playhead.place == ("drive", 18)
    window.trigger("go_to")
    QTest.keyClick(line, Key.Key_Escape)
    assert viewer.canvas.hasFocus()


def test_a_dialog_opens_once(window: MainWindow) -> None:
    for _ in range(2):
        window.trigger("score")
    dialogs = [d for d in window.findChildren(QDialog) if d.isVisible()]
    assert len(dialogs) == 1
    dialogs[0].close()


def test_arrows_in_the_list_of_footage_change_the_video(window: MainWindow, until: Any) -> None:
    tree = window.findChild(QTreeWidget, "footage")
    assert tree is not None
    window.session.playhead.go_to("drive", 5)
    _focused(window, tree, until)
    QTest.keyClick(tree, Key.Key_Down)
    assert window.session.playhead.place == ("other", 0)
    QTest.keyClick(tree, Key.Key_Up)
    assert window.session.playhead.place == ("drive", 0)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_an_empty_checkbox_has_an_outline(qtbot: Any, name: str) -> None:
    theme.current().apply(name)
    box = QCheckBox("box")
    qtbot.addWidget(box)
    box.show()
    picture = box.grab().toImage()
    row = [picture.pixelColor(x, picture.height() // 2) for x in range(12)]
    ground = box.palette().window().color()
    assert max(abs(colour.lightness() - ground.lightness()) for colour in row) > 70
    theme.current().apply("light")


def test_a_transport_button_that_is_off_looks_so(window: MainWindow) -> None:
    player, group = window.docks.panels.viewer.player, QPalette.ColorGroup
    for look in ("light", "dark"):
        theme.current().apply(look)
        QApplication.processEvents()
        shown = {
            mode: player.play.icon().pixmap(QSize(16, 16), mode).toImage().pixelColor(7, 8)
            for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled)
        }
        text, palette = QPalette.ColorRole.ButtonText, player.palette()
        for mode, of in (
            (QIcon.Mode.Normal, group.Active),
            (QIcon.Mode.Disabled, group.Disabled),
        ):
            both = zip(shown[mode].getRgb(), palette.color(of, text).getRgb(), strict=True)
            assert max(abs(a - b) for a, b in both) <= 2
        assert shown[QIcon.Mode.Disabled].alpha() < shown[QIcon.Mode.Normal].alpha()


@pytest.mark.parametrize("ground", ["#56b4e9", "#0060a8", "#ffffff", "#16191d"])
def test_a_swatch_stands_out_on_every_row(ground: str) -> None:
    """Even one of the row's own colour."""
    picture = QImage(18, 12, QImage.Format.Format_RGB32)
    picture.fill(QColor(ground))
    painter = QPainter(picture)
    painter.drawPixmap(0, 0, swatch(QColor(ground)))
    painter.end()
    level = QColor(ground).lightness()
    edge = [picture.pixelColor(x, 6).lightness() for x in range(3)]
    assert max(abs(value - level) for value in edge) > 60
