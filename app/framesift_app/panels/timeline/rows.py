"""The rows of the timeline: which drives are shown, and what there is to paint of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from framesift.labels import FrameKey
from framesift.project import StoredDrive
from framesift.selection.blocking import Blocking, blocking
from framesift.series import with_gaps, without_boxes
from framesift.series.value_scale import ValueScale
from framesift_app.panels.timeline.curves import Curve
from framesift_app.session import PickView, Session

Kind = Literal["raw", "smoothed", "earlier"]
Values = Mapping[str, NDArray[np.float32] | NDArray[np.float64]]


class Rows(QObject):
    """`only`: the drive that is shown alone; None: all are."""

    replaced = Signal()
    """There are other drives; after `changed`."""
    changed = Signal()
    """There is something else to paint of them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.only: str | None = None
        self._curves: dict[tuple[Kind, str], tuple[object, Curve]] = {}
        self._blocking: dict[str, Blocking] = {}
        self._picks: dict[str, list[PickView]] = {}
        self._marks: dict[str, list[PickView]] | None = None
        session.frames.changed.connect(self._marks_changed)
        session.projectChanged.connect(self._footage_changed)
        session.footage.changed.connect(self._footage_changed)
        session.scores.changed.connect(self._scores_changed)
        session.picks.changed.connect(self._selection_changed)
        session.cycles.changed.connect(self._selection_changed)
        session.labels.changed.connect(self._labels_changed)
        self._footage_changed()

    def _footage_changed(self) -> None:
        if self.only not in {drive.key for drive in self.every()}:
            self.only = None
        self._curves.clear()
        self._selection_changed()
        self.replaced.emit()

    def _scores_changed(self, drive: str) -> None:
        if self.only in (None, drive):
            self.changed.emit()

    def _selection_changed(self) -> None:
        self._blocking.clear()
        self._picks = {}
        for pick in self._session.picks.all:
            self._picks.setdefault(pick.drive, []).append(pick)
        self.changed.emit()

    def _marks_changed(self) -> None:
        self._marks = None
        self.changed.emit()

    def marks(self, drive: str) -> Sequence[PickView]:
        """The frames of a drive of which something is said that are none of its picks here:
        of earlier cycles, imported, by hand, to measure by."""
        if self._marks is None:
            self._marks = {}
            for view in self._session.frames.all:
                self._marks.setdefault(view.drive, []).append(view)
        shown = {pick.drive_frame for pick in self._picks.get(drive, ())}
        return [view for view in self._marks.get(drive, ()) if view.drive_frame not in shown]

    def _labels_changed(self, key: FrameKey) -> None:
        # A mark stands at each labelled frame of a drive to measure by.
        measured = self._session.footage.evaluation
        if any(clip.id == key.video for drive in measured for clip in drive.clips):
            self.changed.emit()

    def every(self) -> tuple[StoredDrive, ...]:
        """All drives: those to select from, then those to measure by."""
        return *self._session.footage.drives, *self._session.footage.evaluation

    def shown(self) -> list[StoredDrive]:
        """The drives that are shown."""
        return [drive for drive in self.every() if self.only in (None, drive.key)]

    def row_of(self, drive: str) -> int:
        """The number of a shown drive's row. Raises ValueError for one that is not shown."""
        return [shown.key for shown in self.shown()].index(drive)

    def longest(self) -> int:
        """Frames of the longest drive that is shown."""
        return max((len(drive) for drive in self.shown()), default=1)

    def measured(self, drive: StoredDrive) -> bool:
        """Whether a drive is only ever measured on."""
        return drive in self._session.footage.evaluation

    @property
    def by_score(self) -> bool:
        """Whether the strategy reads scores at all."""
        return bool(self._session.scores.strategy.signals)

    def boxless(self, drive: str) -> bool:
        """Whether frames of a drive were scored by their boxes and have none."""
        values = self._session.scores.raw.get(drive)
        return values is not None and bool(without_boxes(values).any())

    def curve(self, kind: Kind, drive: str) -> Curve | None:
        """One of a drive's curves, with its pyramid."""
        return self._curve(kind, drive, self._values(kind))

    def scale(self) -> ValueScale:
        """From the lowest to the highest score of all drives, by the detector of now and by
        the one before: one scale for all rows, whichever frames and drives are in sight."""
        kinds: tuple[Kind, ...] = ("raw", "earlier")
        # Smoothed ones are means of raw ones: they lie between them.
        values = {kind: self._values(kind) for kind in kinds}
        curves = (
            self._curve(kind, drive.key, values[kind])
            for kind in kinds
            for drive in self.every()
        )
        return ValueScale.over((curve.low, curve.high) for curve in curves if curve is not None)

    def _values(self, kind: Kind) -> Values:
        selection = self._session.selection
        if kind == "raw":
            return self._session.scores.raw
        if kind == "earlier":
            return selection.earlier
        # Without scores, what is ranked is zero all along, which says nothing.
        return selection.smoothed if self.by_score else {}

    def _curve(self, kind: Kind, drive: str, by_drive: Values) -> Curve | None:
        values = by_drive.get(drive)
        if values is None:
            return None
        kept = self._curves.get((kind, drive))
        if kept is None or kept[0] is not values:
            kept = values, Curve(with_gaps(values))
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

    def picks(self, drive: str) -> Sequence[PickView]:
        """The picks in a drive."""
        return self._picks.get(drive, ())
