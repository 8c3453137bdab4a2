"""The workbench's keys, for panels that have the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from framesift_app.workbench import Workbench

Key = Qt.Key
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CTRL: Final = Qt.KeyboardModifier.ControlModifier
_PAD: Final = Qt.KeyboardModifier.KeypadModifier

_PLAIN: dict[Qt.Key, Callable[[Workbench], None]] = {
    Key.Key_B: Workbench.toggle_draw,
    Key.Key_I: Workbench.toggle_ignore,
    Key.Key_Delete: Workbench.delete,
    Key.Key_Return: Workbench.accept,
    Key.Key_Enter: Workbench.accept,
    Key.Key_X: Workbench.reject,
    Key.Key_N: Workbench.nothing,
    Key.Key_S: Workbench.skip,
    Key.Key_C: Workbench.copy_last,
    Key.Key_O: Workbench.toggle_occluded,
    Key.Key_T: Workbench.toggle_truncated,
    Key.Key_Escape: Workbench.escape,
    Key.Key_BracketRight: Workbench.next_box,
    Key.Key_BracketLeft: Workbench.previous_box,
    Key.Key_Space: Workbench.next_pick,
    Key.Key_Backspace: Workbench.previous_pick,
    Key.Key_D: Workbench.drop_pick,
    Key.Key_A: Workbench.add_pick,
    Key.Key_H: Workbench.toggle_heat,
    Key.Key_G: Workbench.toggle_boxes,
    Key.Key_M: Workbench.toggle_maxima,
    Key.Key_F: Workbench.fit,
    Key.Key_Plus: Workbench.zoom_in,
    Key.Key_Minus: Workbench.zoom_out,
    Key.Key_K: Workbench.toggle_play,
    Key.Key_P: Workbench.play_around,
    Key.Key_Home: Workbench.home,
    Key.Key_End: Workbench.end,
}
_SHIFTED: dict[Qt.Key, Callable[[Workbench], None]] = {
    Key.Key_B: Workbench.toggle_centre,
    Key.Key_Return: Workbench.accept_all,
    Key.Key_Enter: Workbench.accept_all,
    Key.Key_X: Workbench.reject_all,
    Key.Key_Plus: Workbench.zoom_in,
}
ARROWS: dict[Qt.Key, tuple[int, int]] = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, -1),
    Key.Key_Down: (0, 1),
}


def handle(workbench: Workbench, event: QKeyEvent, *, boxes: bool = False) -> bool:
    """Does what a key stands for; False for one that stands for nothing. With `boxes` the
    arrows move a selected box (Ctrl: its corner); else they step through the frames."""
    key = Qt.Key(event.key())
    modifiers = event.modifiers() & ~_PAD
    if key in ARROWS:
        return _arrow(
            workbench, *ARROWS[key], bool(modifiers & _SHIFT), bool(modifiers & _CTRL), boxes
        )
    if modifiers == _SHIFT:
        found = _SHIFTED.get(key)
    elif modifiers == Qt.KeyboardModifier.NoModifier:
        if Key.Key_1 <= key <= Key.Key_9:
            workbench.digit(int(key) - int(Key.Key_0))
            return True
        found = _PLAIN.get(key)
    elif modifiers == _CTRL and key == Key.Key_G:
        found = Workbench.go_to_frame
    else:
        found = None
    if found is None:
        return False
    found(workbench)
    return True


def _arrow(workbench: Workbench, dx: int, dy: int, far: bool, ctrl: bool, boxes: bool) -> bool:
    reach = 10 if far else 1
    if boxes and workbench.editable and workbench.editor.box() is not None:
        workbench.nudge(dx * reach, dy * reach, resize=ctrl)
        return True
    if dy or ctrl:
        return False
    workbench.step(dx * reach)
    return True
