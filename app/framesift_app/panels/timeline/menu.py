"""What can be done at a point of the timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from framesift.project import StoredDrive
from framesift_app.panels.context import Entry
from framesift_app.panels.plotting.saving import WORDS, Saving, write_drawing, write_picture
from framesift_app.panels.timeline.canvas import Canvas
from framesift_app.panels.timeline.rows import Kind, Rows
from framesift_app.panels.timeline.viewport import Viewport
from framesift_app.session import Session
from framesift_app.session.values import Stretch
from framesift_app.strings import tr
from framesift_app.workbench import Workbench


class Menu(QObject):
    """The entries for a frame, and for the timeline as a whole."""

    drive_chosen = Signal(object)
    """The drive to be shown alone; None: all of them."""

    def __init__(
        self,
        session: Session,
        bench: Workbench,
        rows: Rows,
        viewport: Viewport,
        canvas: Canvas,
    ) -> None:
        super().__init__()
        self._session, self._bench = session, bench
        self._rows, self._viewport = rows, viewport
        self.saving = Saving(canvas, session.messages, tr("Timeline"))
        self.saving.add("png", partial(write_picture, canvas.plot))
        self.saving.add("svg", partial(write_drawing, canvas.plot))

    def entries(self, place: tuple[str, int] | None) -> Sequence[Entry]:
        """What can be done with a frame of a drive, the playhead there; without one, with the
        timeline alone."""
        if not self._rows.every():
            return ()
        if place is None:
            return self._of_all(None)
        self._session.playhead.go_to(*place)
        return [*self._of_frame(), None, *self._of_all(place[0])]

    def _of_frame(self) -> list[Entry]:
        bench, session = self._bench, self._session
        pick = session.picks.current
        entries: list[Entry] = [(tr("Play ±3 s"), bench.play_around)]
        if pick is not None and pick.cycle != 0:
            entries.append((tr("Drop this pick"), bench.drop_pick))
        elif pick is None and session.cycles.all:
            entries.append((tr("Add to the picks"), bench.add_pick))
        return [*entries, (tr("Nothing there"), bench.nothing), (tr("Skip"), bench.skip)]

    def _of_all(self, drive: str | None) -> list[Entry]:
        entries: list[Entry] = [(tr("Fit"), self._viewport.fit)]
        if self._rows.only is not None:
            entries.append((tr("All drives"), partial(self.drive_chosen.emit, None)))
        elif drive is not None and len(self._rows.every()) > 1:
            entries.append((tr("This drive alone"), partial(self.drive_chosen.emit, drive)))
        values = self.saving.asking("csv", self.save_values)
        return [*entries, None, *self.saving.entries(), (tr(WORDS["csv"]), values)]

    def save_values(self, path: Path) -> None:
        """Writes the scores of the frames that are shown."""
        shown = map(self._stretch, self._rows.shown())
        self._session.reports.save_values(path, [part for part in shown if part.columns])

    def _stretch(self, drive: StoredDrive) -> Stretch:
        first, end = math.floor(self._viewport.start), math.ceil(self._viewport.stop)
        kinds: dict[str, Kind] = {"score": "raw", "smoothed": "smoothed", "before": "earlier"}
        curves = {name: self._rows.curve(kind, drive.key) for name, kind in kinds.items()}
        columns = {
            name: curve.values[first:end] for name, curve in curves.items() if curve is not None
        }
        return Stretch(drive.key, first, columns)
