# ruff: noqa: N802 (names that Qt gave)
"""The timeline's picture: a row per drive, and the pointer's work on it."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from framesift.project import StoredDrive
from framesift_app import keys, theme
from framesift_app.blocking import Blocking, blocking
from framesift_app.curves import Curve
from framesift_app.panels import timeline_paint as paint
from framesift_app.panels.colours import Scheme, scheme
from framesift_app.panels.timeline_words import describe
from framesift_app.session import PickView, Session
from framesift_app.workbench import Workbench

ROW = 46
"""Least height of a row; with more drives than fit, the rows scroll."""
GUTTER = 112
CLICK = 4
LEAST = 12.0
"""Fewest frames that are shown."""


class TimelineView(QWidget):
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
        session.footageChanged.connect(self._footage)
        session.scoresChanged.connect(self._scores)
        session.selectionChanged.connect(self._selection)
        session.cyclesChanged.connect(self._selection)
        session.playheadChanged.connect(self._playhead)
        theme.changes().changed.connect(self._repaint)
        self._footage()

    def sizeHint(self) -> QSize:
        return QSize(900, 200)

    # Following the session

    def _footage(self) -> None:
        if self.only not in {drive.key for drive in self._session.drives}:
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
        for pick in self._session.picks:
            self._picks.setdefault(pick.drive, []).append(pick)
        self._repaint()

    def _playhead(self) -> None:
        place = self._session.playhead
        if place is not None and not self._fitted:
            rows = [drive.key for drive in self.rows()]
            if place[0] in rows and not self.start <= place[1] < self.stop:
                span = self.stop - self.start
                self.show_range(place[1] - span / 4, place[1] + span * 3 / 4)
        if self._session.current_pick is not None or self._marked:
            # Another pick is the current one.
            self._marked = self._session.current_pick is not None
            self._cache = None
        if place is not None:
            self.setAccessibleDescription(f"{place[0]}, {self._session.spell(*place)}")
        self.update()

    def _repaint(self) -> None:
        self._cache = None
        self.update()

    # What is shown

    def rows(self) -> list[StoredDrive]:
        """The drives that are shown."""
        return [drive for drive in self._session.drives if self.only in (None, drive.key)]

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
        place = self._session.playhead
        if about is None:
            seen = place is not None and self.start <= place[1] < self.stop
            about = float(place[1]) if place is not None and seen else (
                self.start + self.stop) / 2
        start = about - (about - self.start) * factor
        self.show_range(start, start + (self.stop - self.start) * factor)

    def curve(self, kind: str, drive: str) -> Curve | None:
        """The drive's "raw", "smoothed" or "earlier" curve with its pyramid."""
        values = getattr(self._session, kind).get(drive)
        if values is None:
            return None
        kept = self._curves.get((kind, drive))
        if kept is None or kept[0] is not values:
            kept = values, Curve(values)
            self._curves[kind, drive] = kept
        return kept[1]

    def blocked(self, drive: str) -> Blocking | None:
        """What the rules block in a drive."""
        selection = self._session.selection
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

    def window(self) -> paint.Window:
        return paint.Window(self.start, self.stop, self.gutter,
                            max(1, self.width() - self.gutter - 8))

    def place_at(self, at: QPointF) -> tuple[str, int] | None:
        """The drive and frame under a point."""
        rows = self.rows()
        row = int((at.y() + self.offset) // self.row_height())
        if not 0 <= row < len(rows) or at.x() < self.gutter \
                or at.y() > self.height() - self.axis_height():
            return None
        frame = self.window().frame(at.x())
        return (rows[row].key, frame) if 0 <= frame < len(rows[row]) else None

    def point_of(self, drive: str, frame: int) -> QPointF:
        """Where a frame lies on the screen."""
        row = [one.key for one in self.rows()].index(drive)
        return QPointF(self.window().x(frame),
                       (row + 0.5) * self.row_height() - self.offset)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.offset = min(self.offset, self.hidden_height())
        self._repaint()
        self.ranged.emit()

    def scroll_rows(self, offset: int) -> None:
        """Scrolls the rows up by some pixels."""
        self.offset = min(max(0, offset), self.hidden_height())
        self._repaint()
        self.ranged.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = scheme()
        if not self._session.drives:
            painter.fillRect(self.rect(), colours.base)
            painter.setPen(colours.faint)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter
                             | Qt.TextFlag.TextWordWrap, self._empty())
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
        height, window = self.row_height(), self.window()
        rows = self.rows()
        field = QRectF(0, 0, self.width(), self.height() - self.axis_height())
        painter.setClipRect(field)
        top = self._top()
        for number, drive in enumerate(rows):
            y = number * height - self.offset
            if y + height < 0 or y > field.height():
                continue
            self._paint_row(painter, QRectF(self.gutter, y + 2, window.width, height - 4),
                            drive, window, top, colours)
        painter.setClipping(False)
        self._paint_axis(painter, window, colours)

    def _top(self) -> float:
        """The highest score of all drives: one scale for all rows."""
        curves = [curve for drive in self._session.drives
                  if (curve := self.curve("raw", drive.key)) is not None]
        return max((c.high for c in curves if not math.isnan(c.high)), default=1.0) or 1.0

    def _paint_row(self, painter: QPainter, area: QRectF, drive: StoredDrive,
                   window: paint.Window, top: float, colours: Scheme) -> None:
        self._paint_name(painter, area, drive, colours)
        painter.save()
        end = window.x(len(drive) - 0.5)
        painter.setClipRect(QRectF(area.left(), area.top() - 2, min(
            area.width(), end - area.left()) + 1, area.height() + 4),
            Qt.ClipOperation.IntersectClip)
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1),
                         colours.grid)
        blocked = self.blocked(drive.key)
        if blocked is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            paint.paint_bands(painter, area, window, blocked, colours)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        raw = self.curve("raw", drive.key)
        for curve, colour, width, dashed in (
                (raw, colours.raw, 1.0, False),
                (self.curve("earlier", drive.key), colours.earlier, 1.2, True),
                (self.curve("smoothed", drive.key), colours.smoothed, 2.2, False)):
            if curve is not None and not math.isnan(curve.high):
                paint.paint_curve(painter, area, window, curve, top, colour, width,
                                  dashed=dashed)
        if raw is None or math.isnan(raw.high):
            painter.setPen(colours.faint)
            painter.drawText(area.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter,
                             self.tr("not scored yet"))
        self._paint_picks(painter, area, drive.key, window, colours)
        painter.restore()

    def _paint_name(self, painter: QPainter, area: QRectF, drive: StoredDrive,
                    colours: Scheme) -> None:
        metrics = QFontMetricsF(painter.font())
        playhead = self._session.playhead
        here = playhead is not None and playhead[0] == drive.key
        field = QRectF(8, area.top(), self.gutter - 18, area.height())
        name = metrics.elidedText(drive.key, Qt.TextElideMode.ElideMiddle, field.width())
        painter.setPen(colours.text)
        painter.drawText(field, Qt.AlignmentFlag.AlignVCenter, name)
        painter.fillRect(QRectF(self.gutter - 7, area.top() + 3, 3, area.height() - 6),
                         colours.accent if here else colours.grid)

    def _paint_picks(self, painter: QPainter, area: QRectF, drive: str, window: paint.Window,
                     colours: Scheme) -> None:
        current = self._session.current_key
        last: PickView | None = None
        for pick in self._picks.get(drive, ()):
            if not self.start - 1 <= pick.drive_frame <= self.stop + 1:
                continue
            if current is not None and pick.key.frame == current.frame and pick.key == current:
                last = pick
            else:
                paint.paint_pick(painter, window.x(pick.drive_frame), area.top(), pick.state,
                                 colours, current=False)
        if last is not None:
            paint.paint_pick(painter, window.x(last.drive_frame), area.top(), last.state,
                             colours, current=True)

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
            self._tick(painter, window.x(frame), y, line,
                       f"{frame:,}".replace(",", "\u2009"), window)
            painter.fillRect(QRectF(window.x(frame) - 0.5, y, 1, 4), colours.faint)
        rate = self._rate()
        if rate is None:
            return
        if words:
            painter.drawText(QPointF(8, y + 2 * line + 2), self.tr("min:s"))
        seconds = paint.nice_seconds(span / rate, most)
        for number in range(math.ceil(self.start / rate / seconds),
                            math.ceil(self.stop / rate / seconds)):
            self._tick(painter, window.x(number * seconds * rate), y, 2 * line + 2,
                       clock(number * seconds, fine=seconds < 1), window)

    def _tick(self, painter: QPainter, x: float, y: float, down: float, text: str,
              window: paint.Window) -> None:
        if x < window.left or x > window.left + window.width:
            return
        width = QFontMetricsF(painter.font()).horizontalAdvance(text)
        left = min(max(x - width / 2, window.left - 4), self.width() - width - 2)
        painter.drawText(QPointF(left, y + down), text)

    def _rate(self) -> float | None:
        """Frames per second of the drive at the playhead, else of the first shown."""
        place = self._session.playhead
        rows = self.rows()
        here = next((d for d in rows if place is not None and d.key == place[0]),
                    rows[0] if rows else None)
        return None if here is None or math.isnan(here.fps) else here.fps

    def _paint_playhead(self, painter: QPainter, colours: Scheme) -> None:
        place = self._session.playhead
        rows = [drive.key for drive in self.rows()]
        if place is None or place[0] not in rows:
            return
        x, height = self.window().x(place[1]), self.row_height()
        if not self.gutter <= x <= self.width():
            return
        y = rows.index(place[0]) * height - self.offset
        painter.setClipRect(QRectF(0, 0, self.width(), self.height() - self.axis_height()))
        painter.setPen(QPen(colours.playhead, 1.6))
        painter.drawLine(QPointF(x, y), QPointF(x, y + height))

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press = event.position(), self.start, self.stop, self.offset
            self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            self._show_tip(event)
            return
        before, start, stop, offset = self._press
        moved = event.position() - before
        if self._dragged or moved.manhattanLength() > CLICK:
            self._dragged = True
            QToolTip.hideText()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            frames = moved.x() * (stop - start) / self.window().width
            self.show_range(start - frames, stop - frames)
            self.scroll_rows(offset - round(moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._press = self._press, None
        self.unsetCursor()
        if pressed is None or self._dragged:
            return
        place = self.place_at(event.position())
        if place is not None:
            self._bench.playback.stop()
            self._session.go_to(*self._near_pick(event.position(), *place))

    def _near_pick(self, at: QPointF, drive: str, frame: int) -> tuple[str, int]:
        """A click on a pick's mark means the pick, not a frame beside it."""
        row = [one.key for one in self.rows()].index(drive)
        top = row * self.row_height() - self.offset
        if at.y() - top > paint.LANE + 2:
            return drive, frame
        window = self.window()
        near = min(self._picks.get(drive, ()), default=None,
                   key=lambda pick: abs(window.x(pick.drive_frame) - at.x()))
        if near is not None and abs(window.x(near.drive_frame) - at.x()) <= 6:
            return drive, near.drive_frame
        return drive, frame

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() < self.gutter:
            self.fit()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        across, up = event.angleDelta().x(), event.angleDelta().y()
        modifiers = event.modifiers()
        span = self.stop - self.start
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.scroll_rows(self.offset - up // 2)
        elif across or modifiers & Qt.KeyboardModifier.ShiftModifier:
            by = span * 0.15 * -(across or up) / 120
            self.show_range(self.start + by, self.stop + by)
        else:
            at = event.position().x()
            window = self.window()
            share = min(max((at - window.left) / window.width, 0.0), 1.0)
            self.zoom(0.8 ** (up / 120), self.start + share * span)
        event.accept()

    def _show_tip(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None:
            place = self._near_pick(event.position(), *place)
        if place == self._hover:
            return
        self._hover = place
        if place is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.describe(*place), self)

    def describe(self, drive: str, frame: int) -> str:
        """What there is to say about a frame; rich text."""
        return describe(self._session, self.blocked(drive), drive, frame)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._other_drive(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1.25 if key == Qt.Key.Key_Minus else 0.8)
        elif not keys.handle(self._bench, event):
            super().keyPressEvent(event)

    def _other_drive(self, step: int) -> None:
        rows, place = self.rows(), self._session.playhead
        if not rows:
            return
        names = [drive.key for drive in rows]
        at = names.index(place[0]) + step if place and place[0] in names else 0
        if 0 <= at < len(rows):
            self._session.go_to(names[at], place[1] if place else 0)


def clock(seconds: float, *, fine: bool) -> str:
    """A time for the axis: min:s, h:mm:ss from an hour on, hundredths where they count."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    tail = f"{rest / 100:05.2f}" if fine else f"{rest // 100:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes:02d}:{tail}"
