"""Where the picture lies on the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize

from framesift.boxes import Box

MOST = 40.0
"""Screen pixels per native pixel: none needs to be larger, but for fitting a tiny picture."""


class Placement:
    """`scale`: screen per native pixel; `origin`: the picture's corner on the screen; `fitted`:
    the whole picture is shown, whatever the canvas's size."""

    def __init__(self, view_size: Callable[[], QSize]) -> None:
        """`view_size`: the canvas's of now."""
        self._view_size = view_size
        self._size_wh: tuple[int, int] | None = None
        self.scale, self.origin, self.fitted = 1.0, QPointF(0, 0), True

    def place(self, size_wh: tuple[int, int] | None) -> None:
        """Takes a picture of that size; one of another size than before is shown whole."""
        if size_wh != self._size_wh:
            self._size_wh, self.fitted = size_wh, True
        self.follow()

    def follow(self) -> None:
        """Fits a fitted picture into the canvas as it is now."""
        if self._size_wh is None or not self.fitted:
            return
        (width, height), view = self._size_wh, self._view_size()
        self.scale = self._fitting()
        self.origin = QPointF(
            (view.width() - width * self.scale) / 2, (view.height() - height * self.scale) / 2
        )

    def fit(self) -> None:
        """Shows the whole picture."""
        self.fitted = True
        self.follow()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zooms about a point of the screen (default: the middle)."""
        if self._size_wh is None:
            return
        view = self._view_size()
        about = about or QPointF(view.width() / 2, view.height() / 2)
        fitting = self._fitting()
        scale = min(max(self.scale * factor, fitting * 0.5), max(MOST, fitting))
        self.origin = about + (self.origin - about) * (scale / self.scale)
        self.scale, self.fitted = scale, False

    def move(self, by: QPointF) -> None:
        """Moves the picture by some screen pixels, as far as it reaches the canvas's middle:
        out of sight, nobody would find it again."""
        if self._size_wh is None:
            return
        (width, height), view, to = self._size_wh, self._view_size(), self.origin + by
        x, y = view.width() / 2, view.height() / 2
        self.origin = QPointF(
            min(max(to.x(), x - width * self.scale), x),
            min(max(to.y(), y - height * self.scale), y),
        )
        self.fitted = False

    def _fitting(self) -> float:
        if self._size_wh is None:
            return 1.0
        (width, height), view = self._size_wh, self._view_size()
        return max(min(view.width() / width, view.height() / height), 1e-3)

    # Between screen and native pixels

    def to_screen(self, x: float, y: float) -> QPointF:
        return QPointF(self.origin.x() + x * self.scale, self.origin.y() + y * self.scale)

    def to_picture(self, at: QPointF) -> tuple[float, float]:
        return (
            (at.x() - self.origin.x()) / self.scale,
            (at.y() - self.origin.y()) / self.scale,
        )

    def rectangle(self, box: Box) -> QRectF:
        """Where a box lies on the screen."""
        return QRectF(self.to_screen(box.x1, box.y1), self.to_screen(box.x2, box.y2))

    def area(self) -> QRectF:
        """Where the picture lies on the screen; empty without one."""
        width, height = self._size_wh or (0, 0)
        return QRectF(self.origin.x(), self.origin.y(), width * self.scale, height * self.scale)
