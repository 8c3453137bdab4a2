# ruff: noqa: N802 (names that Qt gave)
"""The label check: what the detector doubts of the labels, to be kept, mended or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from framesift_app.panels.buttons import TOOLS, tool_button
from framesift_app.panels.colours import class_colour
from framesift_app.panels.flow import FlowRow
from framesift_app.panels.icons import swatch_icon
from framesift_app.panels.key_list import KeyList
from framesift_app.panels.scrolled import over_foot
from framesift_app.session import Session
from framesift_app.strings import _, number, tr, trf
from framesift_app.workbench import Workbench, keys

if TYPE_CHECKING:
    from framesift.loop import Doubt

PARTS = {
    "all": _("All labels"),
    "training": _("Labels that train"),
    "measuring": _("Measuring set"),
}
KINDS = {
    "": _("All kinds"),
    "unmatched_label": _("Labels not found"),
    "unmatched_box": _("Boxes without a label"),
    "low_iou": _("Low overlap"),
}
MEANT = {
    "unmatched_label": _("label not found"),
    "unmatched_box": _("box without a label"),
    "low_iou": _("low overlap"),
}
HINTS = {
    "unmatched_label": _(
        "The detector sees nothing at this label. Y keeps it, Del deletes it; E takes it in "
        "hand. U leaves it."
    ),
    "unmatched_box": _(
        "The detector is sure of a box here, and there is no label. Y: there is no such "
        "object. E makes it a label. U leaves it."
    ),
    "low_iou": _(
        "The detector's box lies elsewhere. Y keeps the label, E puts it where the box is, "
        "Del deletes it. U leaves it."
    ),
}


class CheckPanel(QWidget):
    """Which labels to check, the queue of doubts, and buttons that decide on one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._bench = session, Workbench.of(session)
        self.setObjectName("check")
        self.setAccessibleName(tr("Label check"))
        doubts = self._bench.doubts
        self.part = self._combo(PARTS, tr("Which labels are checked"))
        self.kind = self._combo(KINDS, tr("Which doubts are shown"))
        self.kind.setToolTip(
            tr(
                "On the measuring set labels not found are the false negatives, and boxes "
                "without a label the false positives"
            )
        )
        self.kind.currentIndexChanged.connect(self._filter)
        self.start = tool_button(
            tr("Check"),
            tr("Has the detector look at the labelled frames; nothing is changed"),
            lambda: session.checking.start(self.part.currentData()),
            stays=False,
        )
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "muted")
        self.list = KeyList(self._bench, tr("Doubts"), 3, 12)
        self.list.itemClicked.connect(lambda item: doubts.choose(self.list.row(item)))
        self.list.itemActivated.connect(lambda item: doubts.choose(self.list.row(item)))
        self.list.currentRowChanged.connect(self._moved)
        self.keep = tool_button(
            tr("Y Keep"), tr("The labels are right (Y)"), doubts.keep, stays=False
        )
        self.mend = tool_button(
            tr("E Mend"), tr("The detector is right (E)"), doubts.mend, stays=False
        )
        self.delete = tool_button(
            tr("Delete"), tr("There is no such object (Del)"), doubts.delete, stays=False
        )
        self.later = tool_button(
            tr("U Leave"), tr("Leave it, and go to the next (U)"), doubts.next, stays=False
        )
        self._lay_out()
        for signal in (session.checking.changed, session.jobs.changed, doubts.changed):
            signal.connect(self.refresh)
        session.projectChanged.connect(self.refresh)
        session.playhead.moved.connect(self._show_current)
        self.setStyleSheet(TOOLS)
        self.refresh()

    def _combo(self, texts: dict[str, str], name: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        for data, text in texts.items():
            combo.addItem(tr(text), data)
        return combo

    def _lay_out(self) -> None:
        head = FlowRow(spacing=4)
        head.setContentsMargins(8, 4, 8, 4)
        for widget in (self.part, self.start, self.kind):
            head.addWidget(widget)
        decide = QHBoxLayout()
        decide.setContentsMargins(4, 0, 4, 0)
        decide.setSpacing(2)
        for button in (self.keep, self.mend, self.delete, self.later):
            decide.addWidget(button)
        words = QVBoxLayout()
        words.setContentsMargins(8, 4, 8, 4)
        words.addWidget(self.hint)
        column = over_foot(self, decide)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(words)
        column.addWidget(self.list, 1)

    def sizeHint(self) -> QSize:
        return QSize(280, 360)

    # Following

    def refresh(self) -> None:
        """Shows the open doubts, and the one that is looked at."""
        session, shown = self._session, self._bench.doubts.all()
        self.start.setEnabled(
            session.folder is not None and session.jobs.active("check") is None
        )
        self.list.fill(
            [
                (place, self.words(doubt), self._icon(doubt), self._tip(doubt))
                for place, doubt in enumerate(shown)
            ],
            None,
        )
        self._show_current()

    def _show_current(self) -> None:
        """Which doubt is looked at, and what can be done with it: the playhead moves often."""
        current, shown = self._bench.doubts.current, self._bench.doubts.all()
        self.list.choose(shown.index(current) if current in shown else None)
        self.hint.setText(self._hint(current, len(shown)))
        on = current is not None and self._bench.editable
        for button in (self.keep, self.mend):
            button.setEnabled(on)
        self.delete.setEnabled(on and current is not None and current.label is not None)
        self.later.setEnabled(bool(shown))

    def _hint(self, current: Doubt | None, count: int) -> str:
        checked = self._session.checking.checked
        if current is not None:
            return tr(HINTS[current.disagreement.kind])
        if checked is None:
            return tr("Check lists the labels that the detector disagrees with most.")
        if not count:
            return tr("Nothing is in doubt.")
        return trf("{0} doubts, the worst first; click one, or press U.", count)

    def words(self, doubt: Doubt) -> str:
        """A doubt in a line."""
        about, footage = doubt.disagreement, self._session.footage
        place = footage.place_of(doubt.key)
        where = number(place[1]) if place is not None else ""
        return " · ".join(
            (f"{about.severity:.2f}", where, tr(MEANT[about.kind]), about.box.category)
        )

    def _tip(self, doubt: Doubt) -> str:
        place = self._session.footage.place_of(doubt.key)
        where = self._session.footage.spell(*place) if place is not None else ""
        return f"{self.words(doubt)}\n{where}"

    def _icon(self, doubt: Doubt) -> QIcon:
        labels = self._session.labels
        colour = class_colour(doubt.disagreement.box.category, labels.classes, labels.colors)
        there = doubt.label is not None
        pattern = Qt.BrushStyle.SolidPattern if there else Qt.BrushStyle.Dense4Pattern
        return swatch_icon(colour, pattern)

    # Asking

    def _filter(self) -> None:
        kind = self.kind.currentData()
        self._bench.doubts.show_kinds(*([kind] if kind else []))

    def _moved(self, row: int) -> None:
        # Arrow keys in the list move on at once.
        if row >= 0 and self.list.hasFocus():
            self._bench.doubts.choose(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self._bench, event):
            super().keyPressEvent(event)
