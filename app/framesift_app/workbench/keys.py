"""The workbench's keys, for panels that have the focus."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from framesift_app.workbench import GESTURES, Workbench

Key = Qt.Key
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CTRL: Final = Qt.KeyboardModifier.ControlModifier
_PAD: Final = Qt.KeyboardModifier.KeypadModifier

_PLAIN: dict[Qt.Key, str] = {
    Key.Key_B: "draw",
    Key.Key_I: "ignore",
    Key.Key_Q: "point",
    Key.Key_W: "extremes",
    Key.Key_V: "verify",
    Key.Key_R: "tags",
    Key.Key_Z: "track",
    Key.Key_Delete: "delete",
    Key.Key_Return: "accept",
    Key.Key_Enter: "accept",
    Key.Key_X: "reject",
    Key.Key_N: "nothing",
    Key.Key_S: "skip",
    Key.Key_C: "copy_last",
    Key.Key_O: "occluded",
    Key.Key_T: "truncated",
    Key.Key_Escape: "escape",
    Key.Key_BracketRight: "next_box",
    Key.Key_BracketLeft: "previous_box",
    Key.Key_Space: "next",
    Key.Key_Backspace: "previous",
    Key.Key_D: "done",
    Key.Key_A: "add_pick",
    Key.Key_Y: "keep_label",
    Key.Key_E: "mend_label",
    Key.Key_U: "next_doubt",
    Key.Key_H: "heat",
    Key.Key_G: "boxes",
    Key.Key_M: "maxima",
    Key.Key_F: "fit",
    Key.Key_Plus: "zoom_in",
    Key.Key_Minus: "zoom_out",
    Key.Key_K: "play",
    Key.Key_J: "play_back",
    Key.Key_L: "play_on",
    Key.Key_P: "play_around",
    Key.Key_Home: "first",
    Key.Key_End: "last",
    **{Qt.Key(Key.Key_0 + n): f"class_{n}" for n in range(1, 10)},
}
_SHIFTED: dict[Qt.Key, str] = {
    Key.Key_D: "drop",
    Key.Key_B: "centre",
    Key.Key_Z: "follow",
    Key.Key_Return: "accept_all",
    Key.Key_Enter: "accept_all",
    Key.Key_X: "reject_all",
    Key.Key_Plus: "zoom_in",
}
_CONTROLLED: dict[Qt.Key, str] = {
    Key.Key_G: "go_to",
    Key.Key_Return: "confirm_boxes",
    Key.Key_Enter: "confirm_boxes",
}
_BY_MODIFIER = {
    Qt.KeyboardModifier.NoModifier: _PLAIN,
    _SHIFT: _SHIFTED,
    _CTRL: _CONTROLLED,
}
ARROWS: dict[Qt.Key, tuple[int, int]] = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, -1),
    Key.Key_Down: (0, 1),
}


def handle(workbench: Workbench, event: QKeyEvent, *, boxes: bool = False) -> bool:
    """Does what a key stands for; False for one that stands for nothing. With `boxes` arrows
    are a selected box's where `is_for_box` says so; else they step through the frames."""
    key = Qt.Key(event.key())
    modifiers = event.modifiers() & ~_PAD
    if key in ARROWS:
        boxes = boxes and is_for_box(workbench, event)
        return _arrow(
            workbench, *ARROWS[key], bool(modifiers & _SHIFT), bool(modifiers & _CTRL), boxes
        )
    name = _BY_MODIFIER.get(modifiers, {}).get(key)
    if name is None:
        return False
    GESTURES[name](workbench)
    return True


def is_for_box(workbench: Workbench, event: QKeyEvent) -> bool:
    """Whether an arrow moves the selected box (Ctrl: its corner). With a track in hand ← and →
    go to its next frames, though each shows its box selected."""
    key = Qt.Key(event.key())
    if key not in ARROWS or not workbench.editable or workbench.boxes.editor.box() is None:
        return False
    _, up = ARROWS[key]
    return bool(workbench.tracks.hand is None or up or event.modifiers() & _CTRL)


def _arrow(workbench: Workbench, dx: int, dy: int, far: bool, ctrl: bool, boxes: bool) -> bool:
    reach = 10 if far else 1
    if boxes:
        workbench.boxes.nudge(dx * reach, dy * reach, resize=ctrl)
        return True
    if dy or ctrl:
        return False
    workbench.playback.step(dx * reach)
    return True
