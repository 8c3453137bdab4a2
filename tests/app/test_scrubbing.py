"""Moving through a drive: the ruler, the seek bar, J K L; the newest request wins."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionSlider
from tests.media import encode, pictures

from framesift.labels import FrameKey
from framesift.video import FileVideo, Frame
from framesift_app.panels.timeline.words import inline
from framesift_app.window import MainWindow
from framesift_app.workbench import Workbench
from framesift_app.workers.frame_loader import PAUSE_S, FrameReader

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(
    qtbot: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> Iterator[MainWindow]:
    made = MainWindow()
    made.show()
    qtbot.waitExposed(made)
    session = made.session
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.playhead.place)
    yield made
    made.close()
    made.deleteLater()


def test_dragging_on_the_ruler_moves_the_picture(window: MainWindow, until: Any) -> None:
    view = window.docks.panels.timeline.view
    session, canvas = window.session, window.docks.panels.viewer.canvas
    ruler = round(view.viewport.rows_height()) + 8

    def at(frame: int) -> QPoint:
        return QPoint(round(view.viewport.scale().x(frame)), ruler)

    QTest.mousePress(view, LEFT, pos=at(5))
    assert session.playhead.place == ("drive", 5)
    for frame in (12, 30, 41):
        QTest.mouseMove(view, at(frame))
        assert session.playhead.place == ("drive", frame)
    QTest.mouseRelease(view, LEFT, pos=at(41))
    until(lambda: canvas.picture.key == session.playhead.key)
    # The playhead itself is taken in its row; the rows are not panned by that.
    start = view.viewport.start
    row = round(view.viewport.row_top("drive") + view.viewport.row_height() * 0.7)
    QTest.mousePress(view, LEFT, pos=QPoint(at(41).x(), row))
    QTest.mouseMove(view, QPoint(at(20).x(), row))
    QTest.mouseRelease(view, LEFT, pos=QPoint(at(20).x(), row))
    assert session.playhead.place == ("drive", 20)
    assert view.viewport.start == start


def test_the_seek_bar(window: MainWindow, until: Any) -> None:
    player, session = window.docks.panels.viewer.player, window.session
    assert player.seek.maximum() == 47

    def handle() -> QRect:
        option = QStyleOptionSlider()
        player.seek.initStyleOption(option)
        part = QStyle.SubControl.SC_SliderHandle
        return player.seek.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, part, player.seek
        )

    start, middle = handle().center(), player.seek.width() // 2
    QTest.mousePress(player.seek, LEFT, pos=start)
    for x in (middle - 20, middle):
        QTest.mouseMove(player.seek, QPoint(x, start.y()))
    assert session.playhead.place[1] == player.seek.value()
    QTest.mouseRelease(player.seek, LEFT, pos=QPoint(middle, start.y()))
    assert 20 < session.playhead.place[1] < 28
    assert abs(handle().center().x() - middle) < 20
    player.seek.setFocus()
    QTest.keyClick(player.seek, Key.Key_End)
    assert session.playhead.place == ("drive", 47)
    session.playhead.go_to("drive", 7)
    assert player.seek.value() == 7


def test_j_k_l(window: MainWindow, until: Any) -> None:
    canvas, session = window.docks.panels.viewer.canvas, window.session
    playback = Workbench.of(session).playback
    session.playhead.go_to("drive", 20)
    window.activateWindow()
    canvas.setFocus()
    until(canvas.hasFocus)
    QTest.keyClick(canvas, Key.Key_J)
    assert playback.playing
    until(lambda: session.playhead.place[1] < 20)
    QTest.keyClick(canvas, Key.Key_K)
    assert not playback.playing
    here = session.playhead.place[1]
    QTest.keyClick(canvas, Key.Key_L)
    QTest.keyClick(canvas, Key.Key_L)
    assert playback._pace == 2
    until(lambda: session.playhead.place[1] > here)
    QTest.keyClick(canvas, Key.Key_J)
    until(lambda: not playback.playing)
    assert session.playhead.place[1] == 0


def test_full_screen(window: MainWindow, until: Any) -> None:
    window.activateWindow()
    until(window.isActiveWindow)
    QTest.keyClick(window, Key.Key_F11)
    until(window.isFullScreen)
    assert window.commands["full_screen"].isChecked()
    QTest.keyClick(window, Key.Key_F11)
    until(lambda: not window.isFullScreen())


def test_hovering_brings_a_picture(window: MainWindow, until: Any) -> None:
    view, session = window.docks.panels.timeline.view, window.session
    shown: list[FrameKey] = []
    session.pictures.hoverReady.connect(lambda key, image: shown.append(key))
    QTest.mouseMove(view, view.viewport.point_of("drive", 30).toPoint())
    until(lambda: shown)
    place = view._hover
    assert place is not None
    assert session.footage.key_at(*place) == shown[-1]


def test_a_picture_inside_words() -> None:
    from PySide6.QtGui import QTextDocument

    words = inline(np.full((20, 30, 3), 200, np.uint8))
    document = QTextDocument()
    document.setHtml(words)
    assert document.size().height() >= 20


def test_far_frames_come_by_way_of_the_one_where_decoding_begins(
    tmp_path: Path, narrow: Path
) -> None:
    """All that comes past, for whoever turns back, the exact one last; a step on needs no
    detour."""
    from framesift.project import Project
    from framesift.video import open_video

    path = encode(tmp_path / "long.mp4", pictures(60), gop=60)
    with (
        Project.create(tmp_path / "project", detector=str(narrow)) as project,
        open_video(path) as video,
    ):
        exact = video.frame(50).image
        project.videos.add(video)
    reader = FrameReader()
    key = FrameKey("long", 50)
    way = list(reader.towards(tmp_path / "project", key))
    assert way[0].number == 0
    assert len(way) > 20
    assert way[-1].number == 50
    np.testing.assert_array_equal(way[-1].frame().image, exact)
    [step] = reader.towards(tmp_path / "project", FrameKey("long", 51))
    assert step.number == 51
    reader.close()


def test_only_what_is_shown_becomes_a_picture(
    window: MainWindow, until: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long way the first, one now and then, and the exact one."""
    session = window.session
    session.footage.add([encode(tmp_path / "far.mp4", pictures(300, 320, 240), gop=300)])
    until(lambda: len(session.footage.drives) == 2)
    ready: list[int] = []
    shown: list[int] = []
    session.pictures.frameReady.connect(lambda drive, frame, image: ready.append(frame))
    session.pictures.previewReady.connect(
        lambda drive, frame, key, image: shown.append(key.frame)
    )
    made: list[int] = []
    finished = FileVideo._finished

    def counting(video: FileVideo, number: int, *rest: Any) -> Frame:
        if video.path.name == "far.mp4":
            made.append(number)
        return finished(video, number, *rest)

    monkeypatch.setattr(FileVideo, "_finished", counting)
    began = time.monotonic()
    session.playhead.go_to("far", 290)
    until(lambda: 290 in ready)
    took = time.monotonic() - began
    assert made == [*shown, 290]
    assert shown[0] < 12
    assert len(shown) <= 1 + took / PAUSE_S


def test_a_newer_request_ends_one_on_its_way(
    window: MainWindow, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that are asked for one after the other, the first never becomes the picture."""
    session = window.session
    ready: list[int] = []
    passed: list[int] = []
    towards = FrameReader.towards
    begun, all_asked = threading.Event(), threading.Event()

    def underway(self: FrameReader, folder: Path, key: FrameKey) -> Iterator[Any]:
        # On its way until the last is asked for, however slow the window's thread is.
        begun.set()
        all_asked.wait(60)
        for passing in towards(self, folder, key):
            passed.append(passing.number)
            yield passing

    monkeypatch.setattr(FrameReader, "towards", underway)
    session.pictures.frameReady.connect(lambda drive, frame, image: ready.append(frame))
    session.pictures._shown.clear()
    session.playhead.go_to("drive", 40)
    until(begun.is_set)
    for frame in (3, 45, 12):
        session.playhead.go_to("drive", frame)
    all_asked.set()
    until(lambda: 12 in ready)
    assert ready[-1] == 12
    assert not {40, 45} & {*ready, *passed}


def test_while_somebody_drags_late_answers_are_shown(window: MainWindow, until: Any) -> None:
    """The playhead has moved on when a picture comes; the exact one is the last."""
    session, canvas = window.session, window.docks.panels.viewer.canvas
    image = np.zeros((96, 128, 3), np.uint8)
    late = [session.footage.key_at("drive", frame) for frame in (12, 24)]
    session.playhead.go_to("drive", 30)
    session.pictures.frameReady.emit("drive", 12, image)
    assert canvas.picture.key == late[0]
    session.pictures.previewReady.emit("drive", 28, late[1], image)
    assert canvas.picture.key == late[1]
    until(lambda: canvas.picture.key == session.playhead.key)
    session.pictures.frameReady.emit("drive", 12, image)
    session.pictures.previewReady.emit("drive", 28, late[1], image)
    assert canvas.picture.key == session.playhead.key
