"""Painting the parts of the timeline: a row, the names, the axis, the playhead."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from framesift.project import StoredDrive
from framesift.series.value_scale import ValueScale
from framesift_app.panels.colours import Scheme, scheme
from framesift_app.panels.timeline import paint
from framesift_app.panels.timeline.axis import Axis
from framesift_app.panels.timeline.curve_paint import paint_curve
from framesift_app.panels.timeline.curves import Curve
from framesift_app.panels.timeline.name_paint import paint_ends, paint_name
from framesift_app.panels.timeline.rows import Kind, Rows
from framesift_app.panels.timeline.scale import FrameScale
from framesift_app.panels.timeline.viewport import GUTTER, MARGIN, Viewport
from framesift_app.session import PickView, Session
from framesift_app.strings import tr


class Painter:
    """Paints in the pixels of the view, where the viewport has the rows."""

    def __init__(self, session: Session, rows: Rows, viewport: Viewport) -> None:
        self._session, self._rows, self._viewport = session, rows, viewport
        self._values: ValueScale | None = None

    def refresh(self) -> None:
        """There are other scores, perhaps."""
        self._values = None

    def area(self, row: int) -> QRectF:
        """Where the curves of a row lie."""
        view = self._viewport
        height = view.row_height()
        top = row * height - view.offset
        return QRectF(view.gutter, top + 2, view.scale().width, height - 4)

    def paint_row(self, painter: QPainter, drive: StoredDrive, row: int) -> None:
        """A drive's bands, curves, picks and marks; its times where the drives have several
        rates."""
        colours, scale, area = scheme(), self._viewport.scale(), self.area(row)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_row(painter, area, drive, scale, colours)
        if self._rate() is None and not math.isnan(drive.fps):
            self._axis().paint_times(painter, colours, area.bottom(), drive.fps)

    def paint_names(self, painter: QPainter) -> None:
        """The drives' names, before their rows."""
        view = self._viewport
        painter.setClipRect(QRectF(0, 0, view.gutter, view.rows_height()))
        shown = self._rows.shown()
        for row in view.rows_in_sight():
            self._paint_name(painter, self.area(row), shown[row], scheme())

    def paint_axis(self, painter: QPainter) -> None:
        """The axis below the rows."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._axis().paint(painter, scheme(), self._rate())

    def paint_playhead(self, painter: QPainter) -> None:
        """The playhead in its drive's row."""
        line = self.playhead()
        if line is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(scheme().playhead, 1.6, c=Qt.PenCapStyle.FlatCap))
            painter.drawLine(line)

    def playhead(self) -> QLineF | None:
        """Where the playhead lies; None where its drive is not shown."""
        place, view = self._session.playhead.place, self._viewport
        if place is None or place[0] not in [drive.key for drive in self._rows.shown()]:
            return None
        x, top = view.scale().x(place[1]), view.row_top(place[0])
        return QLineF(x, top, x, top + view.row_height())

    def _axis(self) -> Axis:
        view, scale = self._viewport, self._viewport.scale()
        right = scale.left + scale.width + MARGIN
        return Axis(scale, view.rows_height(), right, words=view.gutter == GUTTER)

    def _rate(self) -> float | None:
        """Frames per second of the drives shown; None where they differ, or have no time."""
        rates = {round(drive.fps, 3) for drive in self._rows.shown()}
        rate = rates.pop() if len(rates) == 1 else math.nan
        return None if math.isnan(rate) else rate

    def _value_scale(self) -> ValueScale:
        if self._values is None:
            self._values = self._rows.scale()
        return self._values

    # A row

    def _paint_name(
        self, painter: QPainter, area: QRectF, drive: StoredDrive, colours: Scheme
    ) -> None:
        gutter, playhead = self._viewport.gutter, self._session.playhead.place
        here = playhead is not None and playhead[0] == drive.key
        field = QRectF(8, area.top(), gutter - 18, area.height())
        if next(self._curves(drive), None) is not None:
            field = paint_ends(painter, field, self._value_scale(), colours)
        paint_name(painter, field, drive.key, colours)
        painter.fillRect(
            QRectF(gutter - 7, area.top() + 3, 3, area.height() - 6),
            colours.accent if here else colours.grid,
        )

    def _paint_row(
        self,
        painter: QPainter,
        area: QRectF,
        drive: StoredDrive,
        scale: FrameScale,
        colours: Scheme,
    ) -> None:
        painter.save()
        width = min(area.width(), scale.x(len(drive) - 0.5) - area.left()) + 1
        painter.setClipRect(
            QRectF(area.left(), area.top() - 2, width, area.height() + 4),
            Qt.ClipOperation.IntersectClip,
        )
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), colours.grid)
        self._paint_bands(painter, area, drive, scale, colours)
        self._paint_joints(painter, area, drive, scale, colours)
        if self._rows.measured(drive):
            self._paint_measured(painter, area, drive, scale, colours)
        else:
            self._paint_curves(painter, area, drive, scale, colours)
            self._paint_marks(painter, area, drive.key, scale, colours)
            self._paint_picks(painter, area, drive.key, scale, colours)
        painter.restore()

    def _paint_bands(
        self,
        painter: QPainter,
        area: QRectF,
        drive: StoredDrive,
        scale: FrameScale,
        colours: Scheme,
    ) -> None:
        blocked = self._rows.blocked(drive.key)
        if blocked is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            paint.paint_bands(painter, area, scale, blocked, colours)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_joints(
        self,
        painter: QPainter,
        area: QRectF,
        drive: StoredDrive,
        scale: FrameScale,
        colours: Scheme,
    ) -> None:
        """Where a clip of the drive ends and the next begins."""
        top, height = area.top() + paint.LANE, area.height() - paint.LANE
        for offset in drive.offsets[1:]:
            if scale.start < offset < scale.stop:
                painter.fillRect(QRectF(scale.x(offset - 0.5), top, 1, height), colours.grid)

    def _curves(self, drive: StoredDrive) -> Iterator[tuple[Curve, QColor, float, bool]]:
        """What is drawn of a drive's scores, with colour, width, and whether it is dashed."""
        colours = scheme()
        kinds: tuple[tuple[Kind, QColor, float, bool], ...] = (
            ("raw", colours.raw, 1.0, False),
            ("earlier", colours.earlier, 1.2, True),
            ("smoothed", colours.smoothed, 2.2, False),
        )
        for kind, colour, width, dashed in () if self._rows.measured(drive) else kinds:
            curve = self._rows.curve(kind, drive.key)
            if curve is not None and not math.isnan(curve.high):
                yield curve, colour, width, dashed

    def _paint_curves(
        self,
        painter: QPainter,
        area: QRectF,
        drive: StoredDrive,
        scale: FrameScale,
        colours: Scheme,
    ) -> None:
        values = self._value_scale()
        for curve, colour, width, dashed in self._curves(drive):
            paint_curve(painter, area, scale, curve, values, colour, width, dashed=dashed)
        raw = self._rows.curve("raw", drive.key)
        if not self._rows.by_score:
            self._paint_words(painter, area, tr("chosen without scores"), colours)
        elif raw is None or math.isnan(raw.high):
            boxless = self._rows.boxless(drive.key)
            words = tr("no boxes in what is scored") if boxless else tr("not scored yet")
            self._paint_words(painter, area, words, colours)

    def _paint_measured(
        self,
        painter: QPainter,
        area: QRectF,
        drive: StoredDrive,
        scale: FrameScale,
        colours: Scheme,
    ) -> None:
        """A drive to measure by: no scores, no picks; a mark at each labelled frame."""
        words = tr("measuring set: never picked, never learnt from")
        self._paint_words(painter, area.adjusted(0, paint.LANE, 0, 0), words, colours)
        place = self._session.playhead.place
        for frame, state in self._session.labels.states(drive).items():
            if scale.start - 1 <= frame <= scale.stop + 1:
                here = place == (drive.key, frame)
                x = scale.x(frame)
                paint.paint_pick(painter, x, area.top(), state, colours, current=here)

    def _paint_words(
        self, painter: QPainter, area: QRectF, words: str, colours: Scheme
    ) -> None:
        field, middle = area.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colours.faint)
        # A curve of the detector before may lie there. Without a pen, Qt measures nothing.
        behind = painter.boundingRect(field, middle, words).adjusted(-4, -1, 4, 1)
        back = QPainterPath()
        back.addRoundedRect(behind, 3, 3)
        painter.fillPath(back, colours.base)
        painter.drawText(field, middle, words)

    def _paint_marks(
        self, painter: QPainter, area: QRectF, drive: str, scale: FrameScale, colours: Scheme
    ) -> None:
        """Frames that are no picks here; one mark where many would lie in the same place."""
        last = (-1.0, "")
        for view in self._rows.marks(drive):
            if not scale.start - 1 <= view.drive_frame <= scale.stop + 1:
                continue
            x = scale.x(view.drive_frame)
            kind = "measuring" if view.measuring else "imported" if view.imported else "other"
            if x - last[0] < 2 and kind == last[1]:
                continue
            last = x, kind
            paint.paint_mark(painter, x, area.top(), kind, view.state, colours)

    def _paint_picks(
        self, painter: QPainter, area: QRectF, drive: str, scale: FrameScale, colours: Scheme
    ) -> None:
        """The current pick last, over its neighbours."""
        current = self._session.playhead.key
        last: PickView | None = None
        pictures: dict[str, QPixmap] = {}
        for pick in self._rows.picks(drive):
            if not scale.start - 1 <= pick.drive_frame <= scale.stop + 1:
                continue
            # Most keys differ in their frame: comparing that alone is quick.
            if current is not None and pick.key.frame == current.frame and pick.key == current:
                last = pick
            else:
                picture = pictures.get(pick.state)
                if picture is None:
                    picture = paint.pick_picture(painter, pick.state, colours, current=False)
                    pictures[pick.state] = picture
                x = scale.x(pick.drive_frame)
                painter.drawPixmap(QPointF(x - paint.HALF, area.top()), picture)
        if last is not None:
            x = scale.x(last.drive_frame)
            paint.paint_pick(painter, x, area.top(), last.state, colours, current=True)
