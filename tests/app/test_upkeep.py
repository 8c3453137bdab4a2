"""Upkeep of a project and menus at the pointer, by clicks."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QToolButton,
    QTreeWidget,
)
from tests.helpers.menus import chooses

from framesift.boxes import Box
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project
from framesift_app.panels import jobs_strip
from framesift_app.panels.lines import LinesDialog
from framesift_app.window import MainWindow


@pytest.fixture
def window(
    qtbot: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> Iterator[MainWindow]:
    """Two drives, two classes, a frame with a box of each class, one with nothing there."""
    first, second = tmp_path / "drives" / "one.mp4", tmp_path / "drives" / "two.mp4"
    first.parent.mkdir()
    shutil.copy(footage, first)
    shutil.copy(footage, second)
    with second.open("ab") as end:
        end.write(b"\0\0\0\x08free")
    made = MainWindow()
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    session: Any = made.session
    session.errors = []
    session.messages.failed.connect(lambda *error: session.errors.append(error))
    session.new_project(tmp_path / "week", ["pedestrian", "rider"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([first, second])
    until(lambda: len(session.footage.drives) == 2 and session.detector.view)
    boxes = [Box(10, 10, 30, 50), Box(40, 10, 60, 50, "rider")]
    session.labels.change(FrameKey("one", 5), FrameLabels.of(boxes))
    session.labels.mark(FrameKey("one", 9), "nothing")
    until(lambda: not session.journal.writing)
    yield made
    assert session.errors == []
    made.close()
    made.deleteLater()


def _row(tree: QTreeWidget, row: int) -> QPoint:
    item = tree.topLevelItem(row)
    assert item is not None
    return tree.visualItemRect(item).center()


def _classes(folder: Path) -> tuple[str, ...]:
    with Project.open(folder, readonly=True) as project:
        return project.classes


def test_a_drive_is_removed_and_comes_back(window: MainWindow, until: Any) -> None:
    session, tree = window.session, window.findChild(QTreeWidget, "footage")
    assert tree is not None
    chooses(tree.viewport(), _row(tree, 1), "Remove two", until)
    until(lambda: [d.key for d in session.footage.drives] == ["one"])
    assert session.journal.undo_text == "Remove two.mp4"
    window.trigger("undo")
    until(lambda: [d.key for d in session.footage.drives] == ["one", "two"])


def test_the_menu_key_brings_the_menu_of_the_row_that_is_chosen(
    window: MainWindow, until: Any
) -> None:
    """Where the window system asks by the key, the place counts from the tree's corner."""
    tree = window.findChild(QTreeWidget, "footage")
    assert tree is not None
    tree.setFocus()
    tree.setCurrentItem(tree.topLevelItem(1))
    at = tree.viewport().mapTo(tree, tree.visualRect(tree.currentIndex()).center())
    chooses(tree, at, "Remove two", until, QContextMenuEvent.Reason.Keyboard)
    until(lambda: [d.key for d in window.session.footage.drives] == ["one"])


def test_rows_that_are_made_anew_show_which_drive_is_looked_at(
    window: MainWindow, until: Any
) -> None:
    """While the list has the keys, too."""
    session, tree = window.session, window.findChild(QTreeWidget, "footage")
    assert tree is not None
    session.playhead.go_to("two", 3)
    window.activateWindow()
    tree.setFocus()
    until(tree.hasFocus)
    reloaded: list[bool] = []
    session.footage.reloaded.connect(lambda: reloaded.append(True))
    session.footage.reload()
    until(lambda: reloaded)
    assert [item.text(0) for item in tree.selectedItems()] == ["two"]
    assert session.playhead.place == ("two", 3)


def test_what_was_asked_of_a_drive_that_has_left_is_no_failure(
    window: MainWindow, until: Any
) -> None:
    """Its frame, boxes and thumbnail are asked for, and come when it is gone."""
    session = window.session
    drives = session.footage.drives
    left = FrameKey("two", 30)
    session.upkeep.remove_drive("two")
    until(lambda: [d.key for d in session.footage.drives] == ["one"])
    heard: list[object] = []
    session.footage.drives = drives
    session.pictures.request_frame("two", 30)
    session.pictures.request_boxes(left)
    session.pictures.request_heat(left)
    session.pictures.request_thumbnail(left)
    session.footage.drives = drives[:1]
    # Answers come in the order of the questions: what failed before these was heard.
    one = FrameKey("one", 1)
    for ready in (session.pictures.thumbnailReady, session.pictures.boxesReady):
        ready.connect(lambda key, _: heard.append(key))
    session.pictures.request_boxes(one)
    session.pictures.request_thumbnail(one)
    until(lambda: heard.count(one) == 2)
    asked: list[object] = []
    session._project.ask(lambda project: project.folder, asked.append)
    until(lambda: asked)
    assert session.errors == []
    # One that is there and cannot be opened is told of, as before.
    session.footage.drives[0].clips[0].path.unlink()
    session._crew.thumbnails.rest()
    session.pictures.request_thumbnail(FrameKey("one", 2))
    until(lambda: session.errors)
    session.errors.clear()


def test_whoever_looks_at_a_drive_that_leaves_looks_at_another(
    window: MainWindow, until: Any
) -> None:
    """Joined to another, its frame stays in sight; when the last drive has left, nothing is
    looked at, and nothing can be labelled."""
    session, tree = window.session, window.findChild(QTreeWidget, "footage")
    canvas, labels = window.docks.panels.viewer.canvas, window.docks.panels.labels
    assert tree is not None
    key = FrameKey("two", 7)
    session.playhead.go_to_key(key)
    until(lambda: canvas.picture.key == key)
    chooses(tree.viewport(), _row(tree, 1), "Join to one", until)
    until(lambda: session.playhead.place == ("one", 48 + 7))
    assert session.playhead.key == key
    window.trigger("undo")
    until(lambda: session.playhead.place == ("two", 7))
    chooses(tree.viewport(), _row(tree, 1), "Remove two", until)
    until(lambda: session.playhead.place == ("one", 0))
    until(lambda: canvas.picture.key == FrameKey("one", 0))
    chooses(tree.viewport(), _row(tree, 0), "Remove one", until)
    until(lambda: session.playhead.key is None)
    assert canvas.picture.key is None
    assert labels.state.text() == "No frame"
    assert not labels.draw.isEnabled()
    window.trigger("undo")
    until(lambda: session.playhead.place == ("one", 0))
    assert labels.draw.isEnabled()


def test_clips_are_joined_and_parted(window: MainWindow, until: Any) -> None:
    session, tree = window.session, window.findChild(QTreeWidget, "footage")
    assert tree is not None
    chooses(tree.viewport(), _row(tree, 1), "Join to one", until)
    until(lambda: [len(d.clips) for d in session.footage.drives] == [2])
    item = tree.topLevelItem(0)
    assert item is not None
    item.setExpanded(True)
    clip = tree.visualItemRect(item.child(1)).center()
    chooses(tree.viewport(), clip, "Part two.mp4", until)
    until(lambda: [len(d.clips) for d in session.footage.drives] == [1, 1])
    for count in ([2], [1, 1]):
        window.trigger("undo")
        until(lambda count=count: [len(d.clips) for d in session.footage.drives] == count)


def test_a_lost_video_is_found_again(
    window: MainWindow, until: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, tree = window.session, window.findChild(QTreeWidget, "footage")
    assert tree is not None
    there = tmp_path / "elsewhere" / "two.mp4"
    there.parent.mkdir()
    (tmp_path / "drives" / "two.mp4").rename(there)
    exists, looked = Path.exists, set[str]()

    def looking(path: Path) -> bool:
        if path.name == "two.mp4":
            looked.add(threading.current_thread().name)
        return exists(path)

    monkeypatch.setattr(Path, "exists", looking)
    session.footage.reload()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(there), ""))
    until(lambda: tree.topLevelItem(1).toolTip(0).endswith("no longer there."))
    chooses(tree.viewport(), _row(tree, 1), "Find two.mp4", until)
    until(lambda: session.footage.drive("two").clips[0].path == there)
    until(lambda: not session.footage.lost)
    assert tree.topLevelItem(1).toolTip(0).startswith("two")
    # A disk may not answer for long: the window's thread does not ask it.
    assert looked
    assert threading.main_thread().name not in looked
    assert session.labels.of(FrameKey("one", 5)).boxes


def test_classes_are_added_renamed_recoloured_and_merged(
    window: MainWindow, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtGui import QColor

    session, panel = window.session, window.docks.panels.labels
    session.playhead.go_to("one", 5)
    answers = iter(["car", "cyclist"])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (next(answers), True))
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor("#123456"))

    def row(number: int) -> QPoint:
        return panel.classes.visualItemRect(panel.classes.item(number)).center()

    view = panel.classes.viewport()
    chooses(view, row(0), "Add a class", until)
    until(lambda: session.labels.classes == ("pedestrian", "rider", "car"))
    until(lambda: panel.classes.count() == 3)
    chooses(view, row(1), "Rename rider", until)
    until(lambda: session.labels.classes[1] == "cyclist")
    until(lambda: session.labels.of(FrameKey("one", 5)).boxes[1].category == "cyclist")
    chooses(view, row(1), "Color of cyclist", until)
    until(lambda: session.labels.colors == {"cyclist": "#123456"})
    chooses(view, row(1), "Merge cyclist into pedestrian", until)
    until(lambda: session.labels.classes == ("pedestrian", "car"))
    boxes = session.labels.of(FrameKey("one", 5)).boxes
    assert [box.category for box in boxes] == ["pedestrian"] * 2
    for _ in range(4):
        window.trigger("undo")
    until(lambda: session.labels.classes == ("pedestrian", "rider"))
    assert _classes(session.folder) == ("pedestrian", "rider")
    assert session.labels.of(FrameKey("one", 5)).boxes[1].category == "rider"


def test_a_boxs_menu(window: MainWindow, until: Any) -> None:
    session, panel = window.session, window.docks.panels.labels
    session.playhead.go_to("one", 5)
    until(lambda: panel.boxes.count() == 2)
    at = panel.boxes.visualItemRect(panel.boxes.item(0)).center()
    chooses(panel.boxes.viewport(), at, "Class rider", until)
    assert session.labels.of(FrameKey("one", 5)).boxes[0].category == "rider"
    chooses(panel.boxes.viewport(), at, "Delete", until)
    assert len(session.labels.of(FrameKey("one", 5)).boxes) == 1


def test_menus_of_timeline_frames_and_cycles(window: MainWindow, until: Any) -> None:
    session, panels = window.session, window.docks.panels
    view = panels.timeline.view
    chooses(view, view.viewport.point_of("two", 20).toPoint(), "Skip", until)
    assert session.labels.of(FrameKey("two", 20)).state == "skipped"
    chooses(view, view.viewport.point_of("two", 20).toPoint(), "This drive alone", until)
    assert [d.key for d in view.rows.shown()] == ["two"]
    window.docks.raise_panel("frames")
    frames = panels.frames
    until(lambda: len(frames.model.picks) == 3)
    index = frames.model.index([v.key for v in frames.model.picks].index(FrameKey("two", 20)))
    at = frames.list.visualRect(index).center()
    chooses(frames.list.viewport(), at, "Nothing there", until)
    assert session.labels.of(FrameKey("two", 20)).state == "nothing"
    table = window.findChild(QTableWidget, "cycles")
    assert table is not None
    opened: list[str] = []
    window.docks["cycles"].show()
    window.commands["train"].triggered.connect(lambda: opened.append("train"))
    chooses(table.viewport(), QPoint(5, 5), "Fine-tune", until)
    [dialog] = [d for d in window.findChildren(QDialog) if d.isVisible()]
    dialog.close()


def test_an_export_says_what_it_drops_and_opens_its_folder(
    window: MainWindow, until: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part that may train, in a format that cannot say "nothing there"."""
    from framesift.formats import FORMATS

    format = next(name for name, f in FORMATS.items() if not f.capability.nothing)
    opened: list[Path] = []
    monkeypatch.setattr(jobs_strip, "open_with_desktop", opened.append)
    window.trigger("export")
    [dialog] = [d for d in window.findChildren(QDialog) if d.isVisible()]
    formats = dialog.findChild(QComboBox, "format")
    formats.setCurrentIndex(formats.findData(format))
    assert "nothing there" in dialog.findChild(QLabel, "can").text()
    assert dialog.findChild(QComboBox, "part").currentData() == "training"
    dialog.findChild(QLineEdit, "out").setText(str(tmp_path / "out"))
    dialog.findChild(QPushButton, "go").click()
    button = window.findChild(QToolButton, "open_folder")
    until(button.isVisible)
    assert "1 frames are left out" in window.findChild(QLabel, "message").text()
    button.click()
    assert opened == [tmp_path / "out"]
    window.findChild(QToolButton, "more").click()
    lines = window.findChild(LinesDialog)
    assert lines is not None
    assert "one.mp4, frame 9" in lines.text.toPlainText()
    lines.close()


def test_an_import_counts_by_class_and_refreshes_the_classes(
    window: MainWindow, until: Any, tmp_path: Path
) -> None:
    names = ("pedestrian", "dog", "cat")
    (tmp_path / "labels.json").write_text(
        json.dumps(
            {
                "categories": [{"id": n, "name": name} for n, name in enumerate(names)],
                "images": [{"id": 1, "file_name": "1.png", "frame_index": 4}],
                "annotations": [
                    {"id": n, "image_id": 1, "category_id": n, "bbox": [20 * n, 20, 10, 30]}
                    for n in range(3)
                ],
            }
        ),
        encoding="utf-8",
    )
    panel, strip = window.docks.panels.labels, window.findChild(jobs_strip.JobsStrip)
    for add, classes, words in ((False, 2, "boxes of class “dog”"), (True, 4, "")):
        window.trigger("import")
        [dialog] = [d for d in window.findChildren(QDialog) if d.isVisible()]
        dialog.findChild(QLineEdit, "path").setText(str(tmp_path / "labels.json"))
        videos = next(c for c in dialog.findChildren(QComboBox) if c.findData("two") >= 0)
        videos.setCurrentIndex(videos.findData("two"))
        check = next(c for c in dialog.findChildren(QCheckBox) if "Add classes" in c.text())
        check.setChecked(add)
        dialog.findChild(QPushButton, "go").click()
        until(lambda: window.session.jobs.active("import") is None)
        until(lambda classes=classes: panel.classes.count() == classes)
        if words:
            until(strip.more.isVisible)
            assert any(words in line for line in strip._lines)
    assert window.session.labels.classes == ("pedestrian", "rider", "dog", "cat")


def test_the_legend_names_every_mark_and_band(window: MainWindow) -> None:
    window.findChild(QToolButton, "legend").click()
    popup = window.docks.panels.timeline.key_popup
    assert popup.isVisible()
    texts = [label.text() for label in popup.findChildren(QLabel) if label.text()]
    assert len(texts) == 16
    assert "frame of the measuring set" in texts
    popup.close()
