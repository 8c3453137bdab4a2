"""Which frames the timeline shows, and where rows and frames lie."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QSize, Signal
from PySide6.QtGui import QFont, QFontMetricsF

from framesift_app.panels.timeline.name_paint import least_height
from framesift_app.panels.timeline.rows import Rows
from framesift_app.panels.timeline.scale import FrameScale

ROW = 46
"""Least height of a row, if letters need no more; with more drives than fit, rows scroll."""
GUTTER = 112
NARROW_GUTTER = 56
MARGIN = 8
"""What is left free to the right of the rows."""
LEAST = 12.0
"""Fewest frames that are shown."""


class Viewport(QObject):
    """Shows the frames [start, stop) of each shown drive, one row below the other, `offset`
    pixels of them scrolled away above."""

    changed = Signal()
    """Another stretch is shown, or other rows."""

    def __init__(
        self, rows: Rows, view_size: Callable[[], QSize], font: Callable[[], QFont]
    ) -> None:
        """`view_size`, `font`: the view's of now."""
        super().__init__()
        self._rows, self._view_size, self._font = rows, view_size, font
        self.start, self.stop = 0.0, 1.0
        self.offset = 0
        self.fitted = True
        rows.replaced.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        if self.fitted:
            self.fit()
        else:
            self.changed.emit()

    # What is shown

    def fit(self) -> None:
        """Shows everything."""
        self.show_range(0, self._rows.longest())
        self.fitted = True

    def show_range(self, start: float, stop: float) -> None:
        """Shows frames [start, stop), kept to what there is."""
        longest = float(max(self._rows.longest(), 2))
        span = min(max(stop - start, min(LEAST, longest)), longest)
        middle = (start + stop) / 2
        start = min(max(0.0, middle - span / 2), longest - span)
        self.start, self.stop = start, start + span
        self.fitted = span >= longest
        self.changed.emit()

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Shows `factor` times as many frames, about one (default: the middle)."""
        if about is None:
            about = (self.start + self.stop) / 2
        start = about - (about - self.start) * factor
        self.show_range(start, start + (self.stop - self.start) * factor)

    def shows(self, frame: int) -> bool:
        """Whether a frame lies in the stretch that is shown."""
        return self.start <= frame < self.stop

    def scroll_rows(self, offset: int) -> None:
        """Scrolls the rows up by some pixels, kept to what there is."""
        self.offset = min(max(0, offset), self.hidden_height())
        self.changed.emit()

    # Where things are

    @property
    def gutter(self) -> int:
        """The width for the drives' names."""
        return GUTTER if self._view_size().width() > 480 else NARROW_GUTTER

    def axis_height(self) -> float:
        """The height of the axis below the rows."""
        return 2 * QFontMetricsF(self._font()).height() + 8

    def rows_height(self) -> float:
        """The height of the place for the rows."""
        return self._view_size().height() - self.axis_height()

    def row_height(self) -> float:
        """The height of each row."""
        least = max(ROW, least_height(self._font()))
        return max(least, self.rows_height() / max(1, len(self._rows.shown())))

    def rows_in_sight(self) -> range:
        """The rows of which a part is in the place for them."""
        height = self.row_height()
        last = math.ceil((self.offset + self.rows_height()) / height)
        return range(int(self.offset // height), min(last, len(self._rows.shown())))

    def hidden_height(self) -> int:
        """By how much the rows are higher than the place for them."""
        rows = self.row_height() * len(self._rows.shown())
        return max(0, math.ceil(rows - self.rows_height()))

    def row_top(self, drive: str) -> float:
        """Where a shown drive's row begins."""
        return self._rows.row_of(drive) * self.row_height() - self.offset

    def scale(self) -> FrameScale:
        """Where the frames lie."""
        width = max(1, self._view_size().width() - self.gutter - MARGIN)
        return FrameScale(self.start, self.stop, self.gutter, width)

    def place_at(self, at: QPointF) -> tuple[str, int] | None:
        """The drive and frame under a point."""
        if at.x() < self.gutter or at.y() > self.rows_height():
            return None
        shown = self._rows.shown()
        row = int((at.y() + self.offset) // self.row_height())
        if not 0 <= row < len(shown):
            return None
        frame = self.scale().frame(at.x())
        return (shown[row].key, frame) if 0 <= frame < len(shown[row]) else None

    def on_ruler(self, at: QPointF) -> bool:
        """Whether a point is on the axis below the rows."""
        return at.y() > self.rows_height() and at.x() >= self.gutter - 8

    def point_of(self, drive: str, frame: int) -> QPointF:
        """Where a frame lies on the screen."""
        return QPointF(self.scale().x(frame), self.row_top(drive) + self.row_height() / 2)
