# ruff: noqa: N802 (names that Qt gave)
"""Painting the timeline: a row per drive, axes, playhead."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)

from framesift.project import StoredDrive
from framesift_app.panels.colours import Scheme, scheme
from framesift_app.panels.timeline import paint
from framesift_app.panels.timeline.viewport import GUTTER, TimelineRange
from framesift_app.session import PickView


class TimelineRows(TimelineRange):
    """Paints what is shown; all but the playhead is kept until it changes."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = scheme()
        if not self.every():
            painter.fillRect(self.rect(), colours.base)
            painter.setPen(colours.faint)
            painter.drawText(
                self.rect(),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._empty(),
            )
            return
        ratio = self.devicePixelRatioF()
        if self._cache is None or self._cache.devicePixelRatio() != ratio:
            self._cache = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._cache.setDevicePixelRatio(ratio)
            layer = QPainter(self._cache)
            layer.setFont(self.font())
            self._paint_rows(layer, colours)
            layer.end()
        painter.drawPixmap(0, 0, self._cache)
        self._paint_playhead(painter, colours)

    def _empty(self) -> str:
        if self._session.project_name is None:
            return self.tr("The timeline shows where the detector is unsure.")
        return self.tr("No footage yet: drop files here, or add some from the File menu.")

    def _paint_rows(self, painter: QPainter, colours: Scheme) -> None:
        painter.fillRect(self.rect(), colours.base)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, window = self.row_height(), self.axis()
        rows = self.rows()
        field = QRectF(0, 0, self.width(), self.height() - self.axis_height())
        painter.setClipRect(field)
        top = self._top()
        for number, drive in enumerate(rows):
            y = number * height - self.offset
            if y + height < 0 or y > field.height():
                continue
            self._paint_row(
                painter,
                QRectF(self.gutter, y + 2, window.width, height - 4),
                drive,
                window,
                top,
                colours,
            )
        painter.setClipping(False)
        self._paint_axis(painter, window, colours)

    def _top(self) -> float:
        """The highest score of all drives: one scale for all rows."""
        curves = [
            curve
            for drive in self._session.footage.drives
            if (curve := self.curve("raw", drive.key)) is not None
        ]
        return max((c.high for c in curves if not math.isnan(c.high)), default=1.0) or 1.0

    def _paint_row(
        self,
        painter: QPainter,
        area: QRectF,
        drive: StoredDrive,
        window: paint.Window,
        top: float,
        colours: Scheme,
    ) -> None:
        self._paint_name(painter, area, drive, colours)
        painter.save()
        end = window.x(len(drive) - 0.5)
        painter.setClipRect(
            QRectF(
                area.left(),
                area.top() - 2,
                min(area.width(), end - area.left()) + 1,
                area.height() + 4,
            ),
            Qt.ClipOperation.IntersectClip,
        )
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), colours.grid)
        blocked = self.blocked(drive.key)
        if blocked is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            paint.paint_bands(painter, area, window, blocked, colours)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for offset in drive.offsets[1:]:
            # Where one clip of the drive ends and the next begins.
            if self.start < offset < self.stop:
                painter.fillRect(
                    QRectF(
                        window.x(offset - 0.5),
                        area.top() + paint.LANE,
                        1,
                        area.height() - paint.LANE,
                    ),
                    colours.grid,
                )
        if drive in self._session.footage.evaluation:
            self._paint_measured(painter, area, drive, window, colours)
            painter.restore()
            return
        raw = self.curve("raw", drive.key)
        for curve, colour, width, dashed in (
            (raw, colours.raw, 1.0, False),
            (self.curve("earlier", drive.key), colours.earlier, 1.2, True),
            (self.curve("smoothed", drive.key), colours.smoothed, 2.2, False),
        ):
            if curve is not None and not math.isnan(curve.high):
                paint.paint_curve(
                    painter, area, window, curve, top, colour, width, dashed=dashed
                )
        if raw is None or math.isnan(raw.high):
            painter.setPen(colours.faint)
            painter.drawText(
                area.adjusted(8, 0, -8, 0),
                Qt.AlignmentFlag.AlignVCenter,
                self.tr("not scored yet"),
            )
        self._paint_picks(painter, area, drive.key, window, colours)
        painter.restore()

    def _paint_measured(
        self,
        painter: QPainter,
        area: QRectF,
        drive: StoredDrive,
        window: paint.Window,
        colours: Scheme,
    ) -> None:
        """A drive to measure by: no scores, no picks; a mark at each labelled frame."""
        painter.setPen(colours.faint)
        painter.drawText(
            area.adjusted(8, paint.LANE, -8, 0),
            Qt.AlignmentFlag.AlignVCenter,
            self.tr("to measure by: never picked, never learnt from"),
        )
        place = self._session.playhead.place
        for frame, state in self._session.labels.states(drive).items():
            if self.start - 1 <= frame <= self.stop + 1:
                paint.paint_pick(
                    painter,
                    window.x(frame),
                    area.top(),
                    state,
                    colours,
                    current=place == (drive.key, frame),
                )

    def _paint_name(
        self, painter: QPainter, area: QRectF, drive: StoredDrive, colours: Scheme
    ) -> None:
        metrics = QFontMetricsF(painter.font())
        playhead = self._session.playhead.place
        here = playhead is not None and playhead[0] == drive.key
        field = QRectF(8, area.top(), self.gutter - 18, area.height())
        name = metrics.elidedText(drive.key, Qt.TextElideMode.ElideMiddle, field.width())
        painter.setPen(colours.text)
        painter.drawText(field, Qt.AlignmentFlag.AlignVCenter, name)
        painter.fillRect(
            QRectF(self.gutter - 7, area.top() + 3, 3, area.height() - 6),
            colours.accent if here else colours.grid,
        )

    def _paint_picks(
        self, painter: QPainter, area: QRectF, drive: str, window: paint.Window, colours: Scheme
    ) -> None:
        current = self._session.playhead.key
        last: PickView | None = None
        for pick in self._picks.get(drive, ()):
            if not self.start - 1 <= pick.drive_frame <= self.stop + 1:
                continue
            if current is not None and pick.key.frame == current.frame and pick.key == current:
                last = pick
            else:
                paint.paint_pick(
                    painter,
                    window.x(pick.drive_frame),
                    area.top(),
                    pick.state,
                    colours,
                    current=False,
                )
        if last is not None:
            paint.paint_pick(
                painter,
                window.x(last.drive_frame),
                area.top(),
                last.state,
                colours,
                current=True,
            )

    def _paint_axis(self, painter: QPainter, window: paint.Window, colours: Scheme) -> None:
        metrics = QFontMetricsF(painter.font())
        line = metrics.height()
        y = self.height() - self.axis_height()
        painter.fillRect(QRectF(0, y, self.width(), 1), colours.grid)
        span = self.stop - self.start
        most = max(2, int(window.width / (metrics.horizontalAdvance("0 000 000") + 36)))
        painter.setPen(colours.faint)
        step = paint.nice_step(span, most)
        words = self.gutter > GUTTER - 1
        if words:
            painter.drawText(QPointF(8, y + line), self.tr("frame"))
        for frame in range(math.ceil(self.start / step) * step, math.ceil(self.stop), step):
            self._tick(
                painter, window.x(frame), y, line, f"{frame:,}".replace(",", "\u2009"), window
            )
            painter.fillRect(QRectF(window.x(frame) - 0.5, y, 1, 4), colours.faint)
        rate = self._rate()
        if rate is None:
            return
        if words:
            painter.drawText(QPointF(8, y + 2 * line + 2), self.tr("min:s"))
        seconds = paint.nice_seconds(span / rate, most)
        for number in range(
            math.ceil(self.start / rate / seconds), math.ceil(self.stop / rate / seconds)
        ):
            self._tick(
                painter,
                window.x(number * seconds * rate),
                y,
                2 * line + 2,
                clock(number * seconds, fine=seconds < 1),
                window,
            )

    def _tick(
        self,
        painter: QPainter,
        x: float,
        y: float,
        down: float,
        text: str,
        window: paint.Window,
    ) -> None:
        if x < window.left or x > window.left + window.width:
            return
        width = QFontMetricsF(painter.font()).horizontalAdvance(text)
        left = min(max(x - width / 2, window.left - 4), self.width() - width - 2)
        painter.drawText(QPointF(left, y + down), text)

    def _rate(self) -> float | None:
        """Frames per second of the drive at the playhead, else of the first shown."""
        place = self._session.playhead.place
        rows = self.rows()
        here = next(
            (d for d in rows if place is not None and d.key == place[0]),
            rows[0] if rows else None,
        )
        return None if here is None or math.isnan(here.fps) else here.fps

    def _paint_playhead(self, painter: QPainter, colours: Scheme) -> None:
        place = self._session.playhead.place
        rows = [drive.key for drive in self.rows()]
        if place is None or place[0] not in rows:
            return
        x, height = self.axis().x(place[1]), self.row_height()
        if not self.gutter <= x <= self.width():
            return
        y = rows.index(place[0]) * height - self.offset
        painter.setClipRect(QRectF(0, 0, self.width(), self.height() - self.axis_height()))
        painter.setPen(QPen(colours.playhead, 1.6))
        painter.drawLine(QPointF(x, y), QPointF(x, y + height))


def clock(seconds: float, *, fine: bool) -> str:
    """A time for the axis: min:s, h:mm:ss from an hour on, hundredths where they count."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    tail = f"{rest / 100:05.2f}" if fine else f"{rest // 100:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes:02d}:{tail}"
