# ruff: noqa: N802 (names that Qt gave)
"""Frames as a list of thumbnails, with rank, score and state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from framesift.labels import FrameKey
from framesift.selection.pick import CHANCE, TIME
from framesift_app.panels.colours import blend, scheme
from framesift_app.panels.icons import paint_state
from framesift_app.panels.states import STATES
from framesift_app.session import PickView, Session
from framesift_app.strings import tr
from framesift_app.workbench import Workbench, keys

Index = QModelIndex | QPersistentModelIndex
PICK = int(Qt.ItemDataRole.UserRole)
KEPT = 400
SIZES = {"small": QSize(64, 40), "middle": QSize(96, 60), "large": QSize(192, 120)}
"""Sizes of the thumbnails."""
Source = Callable[[], tuple[PickView, ...]]


class FrameList(QListView):
    """The list; keys of the workbench work in it too."""

    def __init__(self, bench: Workbench, name: str) -> None:
        super().__init__()
        self._bench = bench
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMinimumHeight(80)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moving = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if event.key() in moving or not keys.handle(self._bench, event):
            super().keyPressEvent(event)


class FrameModel(QAbstractListModel):
    """Frames that a `source` gives; thumbnails are asked for when they are looked at. Whoever
    owns it calls `reload` when there may be others."""

    def __init__(self, session: Session, source: Source, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._source = session, source
        self.picks: tuple[PickView, ...] = ()
        self._pixmaps: OrderedDict[FrameKey, QPixmap] = OrderedDict()
        self._asked: set[FrameKey] = set()
        self._rows: dict[FrameKey, int] | None = None
        self._current: FrameKey | None = None
        session.playhead.moved.connect(self._mark)
        session.projectChanged.connect(self._forget)
        session.pictures.thumbnailReady.connect(self._arrived)

    def reload(self) -> None:
        """Takes the frames of now; the same ones keep their places in the list."""
        before, now = self.picks, self._source()
        if [p.key for p in before] == [p.key for p in now]:
            self.picks = now
            for row, (old, new) in enumerate(zip(before, now, strict=True)):
                if old != new:
                    self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginResetModel()
        self.picks, self._rows = now, None
        self.endResetModel()

    def _mark(self) -> None:
        """Paints the frame at the playhead, and the one that was there, and no other."""
        before, self._current = self._current, self._session.playhead.key
        for key in {before, self._current}:
            if (row := self.row_of(key)) >= 0:
                self.dataChanged.emit(self.index(row), self.index(row))

    def _forget(self) -> None:
        self._pixmaps.clear()
        self._asked.clear()
        self.reload()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.picks)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.picks):
            return None
        pick = self.picks[index.row()]
        if role == PICK:
            return pick
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return " ".join((rank(pick), self.where(pick), score(pick), state(pick)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(
                (f"{rank(pick)} · {state(pick)}", pick.drive, self.where(pick), score(pick))
            )
        return None

    def where(self, pick: PickView) -> str:
        """Frame and time."""
        return self._session.footage.spell(pick.drive, pick.drive_frame)

    def row_of(self, key: FrameKey | None) -> int:
        """The row of a frame; −1 where it is no pick."""
        if key is None:
            return -1
        if self._rows is None:
            self._rows = {pick.key: row for row, pick in enumerate(self.picks)}
        return self._rows.get(key, -1)

    def thumbnail(self, key: FrameKey) -> QPixmap | None:
        """The thumbnail, or None and it is asked for."""
        pixmap = self._pixmaps.get(key)
        if pixmap is not None:
            self._pixmaps.move_to_end(key)
            return pixmap
        if key not in self._asked:
            self._asked.add(key)
            self._session.pictures.request_thumbnail(key)
        return None

    def _arrived(self, key: FrameKey, image: NDArray[np.uint8]) -> None:
        self._asked.discard(key)
        image = np.ascontiguousarray(image)
        height, width = image.shape[:2]
        picture = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._pixmaps[key] = QPixmap.fromImage(picture)
        while len(self._pixmaps) > KEPT:
            self._pixmaps.popitem(last=False)
        row = self.row_of(key)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))


def rank(pick: PickView) -> str:
    """The pick's place, or how it came to be here."""
    if pick.rank is not None:
        return f"{pick.rank}"
    if pick.measuring:
        return tr("measuring")
    return tr("imported") if pick.imported else tr("by hand")


def score(pick: PickView) -> str:
    """What it was picked by: chance, its place in time, or its score."""
    if pick.by == CHANCE:
        return tr("by chance")
    if pick.by == TIME:
        return tr("evenly")
    return "" if pick.score is None else f"{pick.score:.3f}"


def state(pick: PickView) -> str:
    """The state in words; of a pick that is only offered, that it is."""
    words = tr(STATES[pick.state])
    return f"{words} · {tr('offered')}" if pick.cycle is None else words


class FrameDelegate(QStyledItemDelegate):
    """Paints one pick: thumbnail, rank and score, where it is, state by shape and colour."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.size = SIZES["middle"]

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = 3 * option.fontMetrics.height() + 8
        return QSize(self.size.width() + 110, max(self.size.height() + 8, lines))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        pick, model = index.data(PICK), index.model()
        if not isinstance(pick, PickView) or not isinstance(model, FrameModel):
            return
        colours = scheme()
        area: QRect = option.rect
        flags: QStyle.StateFlag = option.state
        current = pick.key == self._session.playhead.key
        painter.save()
        ground = blend(colours.accent, colours.base, 0.22) if current else colours.base
        painter.fillRect(area, ground)
        if current:
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), colours.accent)
        if flags & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colours.accent, 1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        down = (area.height() - self.size.height()) // 2
        thumb = QRect(QPoint(area.left() + 8, area.top() + down), self.size)
        self._paint_thumbnail(
            painter,
            thumb,
            model.thumbnail(pick.key),
            colours.grid,
            faded=pick.state in ("skipped", "nothing"),
        )
        self._paint_words(
            painter,
            QRect(
                thumb.right() + 9,
                area.top() + 6,
                area.right() - thumb.right() - 40,
                area.height() - 12,
            ),
            pick,
            model,
        )
        paint_state(
            painter,
            QRectF(area.right() - 27, area.center().y() - 9, 18, 18),
            pick.state,
            colours.state(pick.state),
            ground,
        )
        painter.setPen(QPen(colours.grid, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.restore()

    def _paint_thumbnail(
        self,
        painter: QPainter,
        area: QRect,
        picture: QPixmap | None,
        empty: QColor,
        *,
        faded: bool,
    ) -> None:
        if picture is None:
            painter.fillRect(area, empty)
            return
        scaled = picture.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, scaled.width(), scaled.height())
        place.moveCenter(area.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(0.55 if faded else 1.0)
        painter.drawPixmap(place, picture)
        painter.setOpacity(1)

    def _paint_words(
        self, painter: QPainter, area: QRect, pick: PickView, model: FrameModel
    ) -> None:
        colours = scheme()
        bold = QFont(painter.font())
        bold.setWeight(QFont.Weight.DemiBold)
        plain = QFont(painter.font())
        line = QFontMetrics(plain).height()
        top = area.center().y() - line * 3 // 2
        painter.setFont(bold)
        painter.setPen(colours.text)
        first = rank(pick)
        painter.drawText(
            QRect(area.left(), top, area.width(), line), Qt.AlignmentFlag.AlignLeft, first
        )
        across = QFontMetrics(bold).horizontalAdvance(first) + 10
        painter.setFont(plain)
        painter.drawText(
            QRect(area.left() + across, top, area.width() - across, line),
            Qt.AlignmentFlag.AlignLeft,
            score(pick),
        )
        painter.setPen(colours.faint)
        metrics = QFontMetrics(plain)
        for number, text in enumerate((model.where(pick), pick.drive), start=1):
            painter.drawText(
                QRect(area.left(), top + number * line, area.width(), line),
                Qt.AlignmentFlag.AlignLeft,
                metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width()),
            )
