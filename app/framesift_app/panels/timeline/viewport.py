# ruff: noqa: N802 (names that Qt gave)
"""Which drives and frames the timeline shows, and where they lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from framesift.labels import FrameKey
from framesift.project import StoredDrive
from framesift_app.blocking import Blocking, blocking
from framesift_app.panels.timeline import paint
from framesift_app.panels.timeline.curves import Curve
from framesift_app.session import PickView, Session
from framesift_app.window import theme
from framesift_app.workbench import Workbench

ROW = 46
"""Least height of a row; with more drives than fit, the rows scroll."""
GUTTER = 112
LEAST = 12.0
"""Fewest frames that are shown."""


class TimelineRange(QWidget):
    """Shows the frames [start, stop) of each shown drive, one row below the other."""

    ranged = Signal()
    """Another stretch is shown, or other rows."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._bench = Workbench.of(session)
        self.only: str | None = None
        self.start, self.stop = 0.0, 1.0
        self.offset = 0
        self._fitted = True
        self._curves: dict[tuple[str, str], tuple[object, Curve]] = {}
        self._blocking: dict[str, Blocking] = {}
        self._picks: dict[str, list[PickView]] = {}
        self._cache: QPixmap | None = None
        self._press: tuple[QPointF, float, float, int] | None = None
        self._dragged = False
        self._marked = False
        self._hover: tuple[str, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 90)
        self.setAccessibleName(self.tr("Timeline"))
        session.projectChanged.connect(self._footage)
        session.footage.changed.connect(self._footage)
        session.scores.changed.connect(self._scores)
        session.picks.changed.connect(self._selection)
        session.cycles.changed.connect(self._selection)
        session.playhead.moved.connect(self._playhead)
        session.labels.changed.connect(self._labels)
        theme.changes().changed.connect(self._repaint)
        self._footage()

    def sizeHint(self) -> QSize:
        return QSize(900, 200)

    # Following the session

    def _footage(self) -> None:
        if self.only not in {drive.key for drive in self.every()}:
            self.only = None
        self._curves.clear()
        self._selection()
        if self._fitted:
            self.fit()
        self.ranged.emit()

    def _scores(self, drive: str) -> None:
        self._repaint()

    def _selection(self) -> None:
        self._blocking.clear()
        self._picks = {}
        for pick in self._session.picks.all:
            self._picks.setdefault(pick.drive, []).append(pick)
        self._repaint()

    def _playhead(self) -> None:
        place = self._session.playhead.place
        if place is not None and not self._fitted:
            rows = [drive.key for drive in self.rows()]
            if place[0] in rows and not self.start <= place[1] < self.stop:
                span = self.stop - self.start
                self.show_range(place[1] - span / 4, place[1] + span * 3 / 4)
        if self._session.picks.current is not None or self._marked:
            # Another pick is the current one.
            self._marked = self._session.picks.current is not None
            self._cache = None
        if place is not None:
            self.setAccessibleDescription(f"{place[0]}, {self._session.footage.spell(*place)}")
        self.update()

    def _labels(self, key: FrameKey) -> None:
        if any(
            clip.id == key.video
            for drive in self._session.footage.evaluation
            for clip in drive.clips
        ):
            self._repaint()

    def _repaint(self) -> None:
        self._cache = None
        self.update()

    # What is shown

    def rows(self) -> list[StoredDrive]:
        """The drives that are shown."""
        return [drive for drive in self.every() if self.only in (None, drive.key)]

    def every(self) -> tuple[StoredDrive, ...]:
        """All drives: those to pick from, then those to measure by."""
        return *self._session.footage.drives, *self._session.footage.evaluation

    def show_only(self, drive: str | None) -> None:
        """Shows one drive, or all (None)."""
        self.only, self.offset = drive, 0
        self.fit()

    def longest(self) -> int:
        return max((len(drive) for drive in self.rows()), default=1)

    def fit(self) -> None:
        """Shows everything."""
        self.show_range(0, self.longest())
        self._fitted = True

    def show_range(self, start: float, stop: float) -> None:
        """Shows frames [start, stop), kept to what there is."""
        longest = float(max(self.longest(), 2))
        span = min(max(stop - start, min(LEAST, longest)), longest)
        middle = (start + stop) / 2
        start = min(max(0.0, middle - span / 2), longest - span)
        self.start, self.stop = start, start + span
        self._fitted = span >= longest
        self._repaint()
        self.ranged.emit()

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Shows `factor` times as many frames, about one (default: the playhead if it is in
        sight, else the middle)."""
        place = self._session.playhead.place
        if about is None:
            seen = place is not None and self.start <= place[1] < self.stop
            about = (
                float(place[1]) if place is not None and seen else (self.start + self.stop) / 2
            )
        start = about - (about - self.start) * factor
        self.show_range(start, start + (self.stop - self.start) * factor)

    def curve(self, kind: str, drive: str) -> Curve | None:
        """The drive's "raw", "smoothed" or "earlier" curve with its pyramid."""
        selection = self._session.selection
        series: dict[str, Mapping[str, NDArray[Any]]] = {
            "raw": self._session.scores.raw,
            "smoothed": selection.smoothed,
            "earlier": selection.earlier,
        }
        values = series[kind].get(drive)
        if values is None:
            return None
        kept = self._curves.get((kind, drive))
        if kept is None or kept[0] is not values:
            kept = values, Curve(values)
            self._curves[kind, drive] = kept
        return kept[1]

    def blocked(self, drive: str) -> Blocking | None:
        """What the rules block in a drive."""
        selection = self._session.selection.current
        if selection is None or drive not in selection.request.series:
            return None
        if drive not in self._blocking:
            self._blocking[drive] = blocking(selection, drive)
        return self._blocking[drive]

    # Where things are

    @property
    def gutter(self) -> int:
        """The width for the drives' names."""
        return GUTTER if self.width() > 480 else 56

    def axis_height(self) -> float:
        return 2 * QFontMetricsF(self.font()).height() + 8

    def row_height(self) -> float:
        rows = max(1, len(self.rows()))
        return max(ROW, (self.height() - self.axis_height()) / rows)

    def hidden_height(self) -> int:
        """By how much the rows are higher than the place for them."""
        rows = self.row_height() * len(self.rows())
        return max(0, math.ceil(rows - (self.height() - self.axis_height())))

    def axis(self) -> paint.Window:
        return paint.Window(
            self.start, self.stop, self.gutter, max(1, self.width() - self.gutter - 8)
        )

    def place_at(self, at: QPointF) -> tuple[str, int] | None:
        """The drive and frame under a point."""
        rows = self.rows()
        row = int((at.y() + self.offset) // self.row_height())
        if (
            not 0 <= row < len(rows)
            or at.x() < self.gutter
            or at.y() > self.height() - self.axis_height()
        ):
            return None
        frame = self.axis().frame(at.x())
        return (rows[row].key, frame) if 0 <= frame < len(rows[row]) else None

    def point_of(self, drive: str, frame: int) -> QPointF:
        """Where a frame lies on the screen."""
        row = [one.key for one in self.rows()].index(drive)
        return QPointF(self.axis().x(frame), (row + 0.5) * self.row_height() - self.offset)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.offset = min(self.offset, self.hidden_height())
        self._repaint()
        self.ranged.emit()

    def scroll_rows(self, offset: int) -> None:
        """Scrolls the rows up by some pixels."""
        self.offset = min(max(0, offset), self.hidden_height())
        self._repaint()
        self.ranged.emit()
