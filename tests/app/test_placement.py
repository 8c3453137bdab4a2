"""Where things lie: the picture on the canvas, rows and frames on the timeline."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont

from framesift.boxes import Box
from framesift_app.panels.colours import class_colour
from framesift_app.panels.timeline.scale import FrameScale
from framesift_app.panels.timeline.viewport import ROW, Viewport
from framesift_app.panels.viewer.placement import MOST, Placement

sides = st.integers(8, 4000)
points = st.floats(-500, 4500)


def placed(view: tuple[int, int], picture: tuple[int, int]) -> Placement:
    placement = Placement(lambda: QSize(*view))
    placement.place(picture)
    return placement


def test_a_picture_is_shown_whole_and_in_the_middle() -> None:
    wide = placed((400, 400), (200, 100))
    assert wide.scale == 2
    assert wide.origin == QPointF(0, 100)
    assert wide.rectangle(Box(10, 20, 30, 60, "car")).getRect() == (20, 140, 40, 80)
    assert wide.area().getRect() == (0, 100, 400, 200)


def test_a_fitted_picture_follows_the_canvas_and_a_moved_one_stays() -> None:
    view = [400, 400]
    placement = Placement(lambda: QSize(*view))
    placement.place((200, 100))
    view[:] = [100, 100]
    placement.follow()
    assert placement.scale == 0.5
    placement.move(QPointF(7, -3))
    moved = placement.origin
    view[:] = [400, 400]
    placement.follow()
    assert (placement.scale, placement.origin) == (0.5, moved)
    placement.place((200, 100))
    assert placement.origin == moved, "another frame of the same size"
    placement.place((100, 100))
    assert placement.scale == 4, "a picture of another size is shown whole"


@given(
    view=st.tuples(sides, sides),
    picture=st.tuples(sides, sides),
    steps=st.lists(st.tuples(st.floats(-9000, 9000), st.floats(-9000, 9000)), max_size=4),
    zoom=st.floats(0.5, 8),
)
def test_a_picture_is_never_moved_out_of_sight(
    view: tuple[int, int],
    picture: tuple[int, int],
    steps: list[tuple[float, float]],
    zoom: float,
) -> None:
    placement = placed(view, picture)
    placement.zoom(zoom)
    for step in steps:
        placement.move(QPointF(*step))
        area = placement.area().adjusted(-0.01, -0.01, 0.01, 0.01)
        assert area.contains(QPointF(view[0] / 2, view[1] / 2))


def test_within_its_bounds_a_move_is_what_was_asked_for() -> None:
    placement = placed((400, 400), (200, 100))
    placement.move(QPointF(30, -20))
    assert placement.origin == QPointF(30, 80)
    placement.move(QPointF(-500, 500))
    assert placement.origin == QPointF(-200, 200)


@given(view=st.tuples(sides, sides), picture=st.tuples(sides, sides), x=points, y=points)
def test_the_screen_and_back(
    view: tuple[int, int], picture: tuple[int, int], x: float, y: float
) -> None:
    placement = placed(view, picture)
    assert placement.to_picture(placement.to_screen(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(
    view=st.tuples(sides, sides),
    picture=st.tuples(sides, sides),
    x=points,
    y=points,
    factors=st.lists(st.floats(0.2, 5), max_size=6),
)
def test_zooming_keeps_what_is_under_the_pointer(
    view: tuple[int, int],
    picture: tuple[int, int],
    x: float,
    y: float,
    factors: list[float],
) -> None:
    placement = placed(view, picture)
    fitting, under = placement.scale, placement.to_picture(QPointF(x, y))
    for factor in factors:
        placement.zoom(factor, QPointF(x, y))
    assert placement.to_picture(QPointF(x, y)) == pytest.approx(under, rel=1e-6, abs=1e-3)
    assert 0.5 * fitting <= placement.scale <= max(MOST, fitting)


# The timeline


class Rows(SimpleNamespace):
    """Rows of drives with so many frames each, as the viewport asks for them."""

    def shown(self) -> list[Any]:
        return [SizedDrive(f"d{n}", frames) for n, frames in enumerate(self.frames)]

    def row_of(self, drive: str) -> int:
        return [shown.key for shown in self.shown()].index(drive)

    def longest(self) -> int:
        return max(self.frames, default=1)


class SizedDrive:
    def __init__(self, key: str, frames: int) -> None:
        self.key, self._frames = key, frames

    def __len__(self) -> int:
        return self._frames


def viewport(frames: list[int], size: tuple[int, int] = (1000, 300)) -> Viewport:
    signal = SimpleNamespace(connect=lambda _: None)
    rows: Any = Rows(frames=frames, replaced=signal)
    return Viewport(rows, lambda: QSize(*size), QFont)


@pytest.mark.usefixtures("qapp")
@given(
    frames=st.lists(st.integers(2, 2000), min_size=1, max_size=12),
    share=st.floats(0, 1),
    span=st.floats(12, 400),
    data=st.data(),
)
def test_a_frame_is_where_it_is_painted(
    frames: list[int], share: float, span: float, data: Any
) -> None:
    view = viewport(frames)
    view.show_range(share * max(frames), share * max(frames) + span)
    assert 0 <= view.start < view.stop <= max(*frames, 2)
    row = data.draw(st.integers(0, len(frames) - 1))
    first, last = int(np.ceil(view.start)), min(int(view.stop) - 1, frames[row] - 1)
    assume(first <= last)
    frame = data.draw(st.integers(first, last))
    view.scroll_rows(round(row * view.row_height()))
    assert view.place_at(view.point_of(f"d{row}", frame)) == (f"d{row}", frame)


@pytest.mark.usefixtures("qapp")
def test_rows_share_the_height_until_they_scroll() -> None:
    few, many = viewport([100, 100]), viewport([100] * 20)
    assert few.row_height() == few.rows_height() / 2
    assert few.hidden_height() == 0
    assert many.row_height() == ROW
    assert many.hidden_height() == np.ceil(20 * ROW - many.rows_height())
    many.scroll_rows(10**6)
    assert many.offset == many.hidden_height()
    assert many.row_top("d19") + ROW == pytest.approx(many.rows_height(), abs=1)


@pytest.mark.usefixtures("qapp")
def test_zooming_the_timeline_keeps_the_frame_and_its_bounds() -> None:
    view = viewport([3000])
    view.zoom(0.5, 1200)
    assert (view.start, view.stop) == (600, 2100)
    assert not view.fitted
    view.zoom(1e-6)
    assert view.stop - view.start == 12
    view.zoom(1e9)
    assert (view.start, view.stop) == (0, 3000)
    assert view.fitted


def test_a_frames_middle_and_its_edges() -> None:
    scale = FrameScale(100, 200, 50, 1000)
    assert scale.x(100) == 55
    assert [scale.frame(x) for x in (50, 59.9, 60, 1049)] == [100, 100, 101, 199]


def test_a_class_that_is_none_of_the_projects_has_a_colour() -> None:
    classes = ("car", "person")
    colours = {class_colour(name, classes).name() for name in (*classes, "ghost")}
    assert len(colours) == 3
