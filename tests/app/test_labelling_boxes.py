"""The editing model: gestures become labels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.boxes import Box
from framesift.labels import UNSEEN, FrameLabels, checked
from framesift_app.workbench.box_editing import HANDLES, IGNORED, BoxEditor, handle_at

REACH = 5.0


@pytest.fixture
def editor() -> BoxEditor:
    editor = BoxEditor()
    editor.show(
        FrameLabels.of([Box(10, 10, 30, 50), Box(100, 20, 160, 140, "rider")]), 200, 150
    )
    return editor


def drag(editor: BoxEditor, *points: tuple[float, float], centre: bool = False):
    assert editor.press(points[0], REACH, centre=centre)
    for point in points[1:]:
        editor.move(point)
    return editor.release(points[-1])


def test_draw(editor: BoxEditor) -> None:
    editor.tool, editor.category = "draw", "rider"
    assert editor.press((60, 60), REACH)
    editor.move((40, 90))
    assert editor.preview() == (None, Box(40, 60, 60, 90, "rider"))
    assert len(editor.labels.boxes) == 2
    change = editor.release((40, 100))
    assert change is not None
    assert change.labels.boxes[-1] == Box(40, 60, 60, 100, "rider")
    assert (change.done, change.what) == ("drawn", "rider")
    assert editor.selected == change.labels.ids[-1]


def test_a_click_with_the_tool_selects(editor: BoxEditor) -> None:
    editor.tool = "draw"
    assert drag(editor, (120, 50), (121, 51)) is None
    assert editor.selected == 2


def test_draw_from_the_centre_stays_inside(editor: BoxEditor) -> None:
    editor.tool = "draw"
    change = drag(editor, (60, 100), (70, 300), centre=True)
    assert change is not None
    assert change.labels.boxes[-1] == Box(50, 50, 70, 150)


def test_ignore_region(editor: BoxEditor) -> None:
    editor.tool = "ignore"
    change = drag(editor, (60, 60), (90, 90))
    assert change is not None
    assert change.labels.boxes[-1].ignore
    assert (change.done, change.what) == ("drawn", IGNORED)


def test_move_and_click(editor: BoxEditor) -> None:
    change = drag(editor, (20, 20), (25, 18))
    assert change is not None
    assert change.labels.box(1) == Box(15, 8, 35, 48)
    assert drag(editor, (25, 20), (25, 20)) is None
    editor.press((25, 20), REACH)
    editor.cancel()
    assert editor.preview() is None
    assert not editor.press((190, 5), REACH)
    assert editor.selected is None


def test_moving_stops_at_the_edge(editor: BoxEditor) -> None:
    change = drag(editor, (20, 20), (-300, 900))
    assert change is not None
    assert change.labels.box(1) == Box(0, 110, 20, 150)


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        ("nw", (5, 3, 30, 50)),
        ("n", (10, 3, 30, 50)),
        ("ne", (10, 3, 25, 50)),
        ("e", (10, 10, 25, 50)),
        ("se", (10, 10, 25, 43)),
        ("s", (10, 10, 30, 43)),
        ("sw", (5, 10, 30, 43)),
        ("w", (5, 10, 30, 50)),
    ],
)
def test_resize(editor: BoxEditor, handle: str, expected: tuple) -> None:
    editor.selected = 1
    at = handle_at(editor.labels.box(1), handle)
    change = drag(editor, at, (at[0] - 5, at[1] - 7))
    assert change is not None
    assert change.labels.box(1) == Box(*expected)


def test_a_handle_never_turns_a_box_over(editor: BoxEditor) -> None:
    editor.selected = 1
    change = drag(editor, (10, 10), (190, 149))
    assert change is not None
    assert change.labels.box(1) == Box(27, 47, 30, 50)


def test_keys(editor: BoxEditor) -> None:
    assert editor.nudge(1, 0) is None
    editor.select_next()
    assert editor.selected == 1
    change = editor.nudge(1, -2)
    assert change is not None
    assert change.labels.box(1) == Box(11, 8, 31, 48)
    change = editor.nudge(10, 1, resize=True)
    assert change is not None
    assert change.labels.box(1) == Box(11, 8, 41, 49)
    change = editor.classify("rider")
    assert change is not None
    assert (change.done, change.what) == ("classified", "rider")
    assert editor.category == "rider"
    assert editor.classify("rider") is None
    change = editor.toggle("occluded")
    assert change is not None
    assert change.labels.box(1).occluded
    change = editor.toggle("ignore")
    assert change is not None
    assert (change.done, change.what) == ("marked", "ignore")
    change = editor.delete()
    assert change is not None
    assert change.labels.ids == (2,)
    assert editor.selected == 2
    change = editor.delete()
    assert change is not None
    assert change.labels.state == "unseen"
    assert editor.delete() is None
    editor.select_next(-1)
    assert editor.selected is None


def test_smallest_box_is_hit_and_the_selected_one_first() -> None:
    editor = BoxEditor()
    editor.show(FrameLabels.of([Box(0, 0, 100, 100), Box(40, 40, 60, 60)]), 100, 100)
    assert editor.hit((50, 50)) == 2
    editor.selected = 1
    assert editor.hit((50, 50)) == 1
    assert editor.hit((300, 50)) is None


def test_another_frame_drops_the_selection_and_the_gesture(editor: BoxEditor) -> None:
    editor.press((20, 20), REACH)
    editor.show(UNSEEN, 200, 150)
    assert editor.selected is None
    assert not editor.busy


coordinate = st.floats(-50, 250)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["select", "draw", "centre", "ignore"]),
            coordinate,
            coordinate,
            coordinate,
            coordinate,
            st.sampled_from(HANDLES),
        ),
        max_size=8,
    )
)
def test_whatever_is_done_can_be_stored(gestures: list) -> None:
    editor = BoxEditor()
    editor.show(FrameLabels.of([Box(10, 10, 30, 50)]), 200, 150)
    for tool, x1, y1, x2, y2, handle in gestures:
        editor.tool = tool
        box = editor.box()
        start = (x1, y1) if box is None or handle in ("n", "s") else handle_at(box, handle)
        if editor.press(start, REACH):
            editor.move((y1, x1))
            change = editor.release((x2, y2))
            if change is not None:
                assert checked(change.labels, 200, 150, ["pedestrian"]) == change.labels


def test_below_three_pixels_a_click_is_a_click(editor: BoxEditor) -> None:
    """On the screen as well as in the picture: `click` is in native pixels."""
    before = editor.labels
    editor.tool = "draw"
    editor.press((100, 100), REACH, click=12)
    assert editor.release((111, 140)) is None
    editor.press((100, 100), REACH, click=0.5)
    assert editor.release((102, 140)) is None
    editor.tool = "select"
    editor.press((20, 20), REACH, click=12)
    assert editor.release((28, 20)) is None
    assert editor.labels == before


def test_a_tool_in_hand_leaves_handles_alone(editor: BoxEditor) -> None:
    """A new box may begin at the very corner of the selected one; `adjust` takes the corner."""
    editor.selected, editor.tool = 1, "draw"
    corner = handle_at(editor.labels.box(1), "se")
    editor.press(corner, REACH)
    change = editor.release((corner[0] + 20, corner[1] + 20))
    assert change is not None
    assert change.done == "drawn"
    editor.selected = 1
    editor.press(corner, REACH, adjust=True)
    change = editor.release((corner[0] + 5, corner[1] + 5))
    assert change is not None
    assert change.done == "resized"
