"""What the timeline's marks and bands mean."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from framesift.selection.reasons import CODES
from framesift_app.panels.colours import scheme
from framesift_app.panels.icons import swatch
from framesift_app.panels.timeline import paint
from framesift_app.panels.timeline.curve_paint import paint_notch
from framesift_app.strings import _, tr

BANDS = {
    "delta1": _("too near to a pick of this cycle (Δt1)"),
    "delta2": _("too near to a frame of an earlier cycle (Δt2)"),
    "taken": _("taken in an earlier cycle"),
    "look-alike": _("looks like a pick"),
    "look-alike-taken": _("looks like a frame taken earlier"),
}
PICKS = {
    "todo": _("pick, to do"),
    "started": _("pick, half done"),
    "labelled": _("pick, labelled"),
    "weak": _("pick, points or tags"),
    "nothing": _("pick, nothing there"),
    "skipped": _("pick, skipped"),
}
MARKS = {
    "other": _("frame of an earlier cycle, or labelled by hand"),
    "imported": _("frame that an import labelled"),
    "measuring": _("frame of the measuring set"),
}
CURVE = _("smoothed score; rows begin at the lowest of all scores, which stands before them")
BELOW = _("lower than the row")


class Legend(QFrame):
    """A popup with each mark and its meaning."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(tr("Legend"))
        self.rows = QGridLayout(self)
        self.rows.setContentsMargins(16, 12, 16, 12)
        self.rows.setHorizontalSpacing(8)
        self.rows.setVerticalSpacing(4)

    def refresh(self) -> None:
        """Fills it in the colours of now."""
        while (item := self.rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for state, words in PICKS.items():
            self._add(_pick(state), words)
        for kind, words in MARKS.items():
            self._add(_mark(kind), words)
        for rule, words in BANDS.items():
            brush = paint.brush(CODES[rule], scheme())
            self._add(swatch(brush.color(), brush.style()), words)
        self._add(_curve(), CURVE)
        self._add(_below(), BELOW)

    def _add(self, picture: QPixmap, words: str) -> None:
        row = self.rows.rowCount()
        mark = QLabel()
        mark.setPixmap(picture)
        self.rows.addWidget(mark, row, 0)
        self.rows.addWidget(QLabel(tr(words)), row, 1)

    def open_at(self, corner: QPoint) -> None:
        """Shows it with its lower right corner there."""
        self.refresh()
        size = self.sizeHint()
        self.move(max(0, corner.x() - size.width()), max(0, corner.y() - size.height()))
        self.show()


def _field() -> QPixmap:
    pixmap = QPixmap(18, paint.LANE + 2)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _curve() -> QPixmap:
    pixmap = _field()
    painter = QPainter(pixmap)
    painter.fillRect(0, pixmap.height() // 2, pixmap.width(), 2, scheme().smoothed)
    painter.end()
    return pixmap


def _below() -> QPixmap:
    pixmap = _field()
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_notch(painter, 9, pixmap.height() / 2 + 2, scheme().raw)
    painter.end()
    return pixmap


def _pick(state: str) -> QPixmap:
    pixmap = _field()
    painter = QPainter(pixmap)
    paint.paint_pick(painter, 9, 0, state, scheme(), current=False)
    painter.end()
    return pixmap


def _mark(kind: str) -> QPixmap:
    pixmap = _field()
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint.paint_mark(painter, 9, 0, kind, "labelled", scheme())
    painter.end()
    return pixmap
