"""A cursor over points in a plane, moved by keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

Key = Qt.Key
ARROWS = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, 1),
    Key.Key_Down: (0, -1),
}
ALONG = {Key.Key_PageUp: -1, Key.Key_PageDown: 1}
ENTER = (Key.Key_Return, Key.Key_Enter)


class Cursor:
    """Which of n points the keys are at: at first none, then the middle one. Arrows go to the
    next point that way; Page Up and Page Down to the one before and after, by number, so that
    each is reached. `moved` hears of a move; `take` gets the point on Enter, `mark` on Space.
    """

    def __init__(
        self,
        moved: Callable[[], None],
        take: Callable[[int], None],
        mark: Callable[[int], None],
    ) -> None:
        self.at: int | None = None
        self._points = np.zeros((0, 2))
        self._moved, self._take, self._mark = moved, take, mark

    def place(self, points: NDArray[np.float64], at: int | None) -> None:
        """These points n×2, and the cursor at one of them, or at none."""
        self._points, self.at = points, at
        self._moved()

    def press(self, event: QKeyEvent, scale: tuple[float, float]) -> bool:
        """Acts on a key, with `scale` pixels for one of the plane's units across and up;
        whether it was one of the cursor's."""
        key = Key(event.key())
        meant = key in ARROWS or key in ALONG or key in ENTER or key == Key.Key_Space
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held or not meant or not len(self._points):
            return False
        if self.at is None:
            middle = np.median(self._points, axis=0)
            self._go(int(np.hypot(*(self._points - middle).T).argmin()))
        elif key in ARROWS:
            self._go(neighbour(self._points * scale, self.at, ARROWS[key]))
        elif key in ALONG:
            self._go(min(max(self.at + ALONG[key], 0), len(self._points) - 1))
        else:
            (self._take if key in ENTER else self._mark)(self.at)
        return True

    def _go(self, at: int) -> None:
        self.at = at
        self._moved()


def neighbour(points: NDArray[np.float64], at: int, way: tuple[int, int]) -> int:
    """The point of n×2 that is next to one of them within 45° of a way (right, up); that one
    where none is."""
    steps = points - points[at]
    ahead, aside = steps @ way, np.abs(steps @ (way[1], way[0]))
    far = np.where((ahead > 0) & (aside <= ahead), np.hypot(ahead, aside), np.inf)
    nearest = int(far.argmin())
    return nearest if np.isfinite(far[nearest]) else at
