# ruff: noqa: N802 (names that Qt gave)
"""The timeline panel: rules above, rows below."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QScrollBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app import theme
from framesift_app.panels.buttons import FLAT
from framesift_app.panels.colours import scheme
from framesift_app.panels.timeline.legend import Legend
from framesift_app.panels.timeline.rules_bar import RulesBar
from framesift_app.panels.timeline.view import TimelineView
from framesift_app.panels.timeline.why import WhyPopup
from framesift_app.panels.timeline.words import shortage
from framesift_app.session import Session

ALONG = 10_000
"""Steps of the scroll bar along the drive."""


class TimelinePanel(QWidget):
    """Where score, picks and both distances meet."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("timeline")
        self.setAccessibleName(self.tr("Timeline"))
        self.rules = RulesBar(session)
        self.view = TimelineView(session)
        self.why = QToolButton()
        self.why.setAutoRaise(True)
        self.why.setToolTip(
            self.tr(
                "How many frames of the budget the rules let through, and "
                "what blocks the others"
            )
        )
        self.popup = WhyPopup(session, self)
        self.why.clicked.connect(self.open_why)
        self.shown = QComboBox()
        self.shown.setAccessibleName(self.tr("Drives shown"))
        self.shown.setToolTip(self.tr("All drives below each other, or one"))
        self.shown.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.shown.setMinimumContentsLength(9)
        self.shown.activated.connect(lambda: self.view.show_only(self.shown.currentData()))
        self.fit_all = QToolButton()
        self.fit_all.setText(self.tr("Fit"))
        self.fit_all.setAutoRaise(True)
        self.fit_all.setToolTip(
            self.tr("Show everything (Ctrl+0); the wheel zooms, dragging moves")
        )
        self.fit_all.clicked.connect(self.fit)
        self.key = QToolButton()
        self.key.setObjectName("legend")
        self.key.setText(self.tr("Legend"))
        self.key.setAutoRaise(True)
        self.key.setToolTip(self.tr("What the marks and bands mean"))
        self.key_popup = Legend(self)
        self.key.clicked.connect(self.open_legend)
        self.along = QScrollBar(Qt.Orientation.Horizontal)
        self.down = QScrollBar(Qt.Orientation.Vertical)
        self.along.setAccessibleName(self.tr("Move along the drives"))
        self.down.setAccessibleName(self.tr("Scroll the drives"))
        self.along.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.along.valueChanged.connect(self._scrolled)
        self.down.valueChanged.connect(self.view.viewport.scroll_rows)
        self.legend = QLabel()
        self.legend.setToolTip(
            self.tr(
                "The smoothed score of this detector, and of the one "
                "before: what the labels fixed"
            )
        )
        self._lay_out()
        self.view.viewport.changed.connect(self._ranged)
        session.projectChanged.connect(self._footage)
        session.footage.changed.connect(self._footage)
        session.picks.changed.connect(self._selection)
        theme.current().changed.connect(self._selection)
        self.setStyleSheet(FLAT)
        self._footage()
        self._selection()

    def _lay_out(self) -> None:
        self.rules.add(self.legend, self.why, self.shown, self.fit_all, self.key)
        field = QGridLayout()
        field.setContentsMargins(0, 0, 0, 0)
        field.setSpacing(0)
        field.addWidget(self.view, 0, 0)
        field.addWidget(self.down, 0, 1)
        field.addWidget(self.along, 1, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rules)
        column.addLayout(field, 1)

    def sizeHint(self) -> QSize:
        return QSize(1100, 240)

    def fit(self) -> None:
        """Shows everything."""
        self.view.viewport.fit()

    def open_why(self) -> None:
        """Opens what blocks frames, above the button."""
        self.popup.open_at(self.why.mapToGlobal(self.why.rect().topRight()))

    def open_legend(self) -> None:
        """Opens what marks and bands mean, above the button."""
        self.key_popup.open_at(self.key.mapToGlobal(self.key.rect().topRight()))

    def _footage(self) -> None:
        self.shown.clear()
        self.shown.addItem(self.tr("All drives"), None)
        for drive in self._session.footage.drives:
            self.shown.addItem(drive.key, drive.key)
        for drive in self._session.footage.evaluation:
            self.shown.addItem(self.tr("{0} (measuring set)").format(drive.key), drive.key)
        self.shown.setCurrentIndex(max(0, self.shown.findData(self.view.rows.only)))
        self.shown.setVisible(len(self.view.rows.every()) > 1)
        self.rules.allow(bool(self._session.footage.drives))
        self.fit_all.setEnabled(bool(self.view.rows.every()))

    def _selection(self) -> None:
        selection = self._session.selection.current
        words = shortage(selection, self._session.selection.rules.budget)
        self.why.setText(words and self.tr("{0} · why?").format(words))
        self.why.setVisible(bool(words))
        shown = any(key in self._session.selection.earlier for key in self._session.scores.raw)
        self.legend.setVisible(shown)
        if shown:
            colours = scheme()
            self.legend.setText(
                self.tr("{0} now {1} before").format(
                    *(
                        f"<b style='color:{colour.name()}'>▬</b>"
                        for colour in (colours.smoothed, colours.earlier)
                    )
                )
            )

    def _ranged(self) -> None:
        view = self.view.viewport
        longest = max(1, self.view.rows.longest())
        shown = min(1.0, (view.stop - view.start) / longest)
        self.along.blockSignals(True)
        self.along.setRange(0, round(ALONG * (1 - shown)))
        self.along.setPageStep(max(1, round(ALONG * shown)))
        self.along.setSingleStep(max(1, round(ALONG * shown / 10)))
        self.along.setValue(round(ALONG * view.start / longest))
        self.along.setVisible(shown < 0.999)
        self.along.blockSignals(False)
        hidden = view.hidden_height()
        self.down.blockSignals(True)
        self.down.setRange(0, hidden)
        self.down.setPageStep(max(1, self.view.height()))
        self.down.setSingleStep(24)
        self.down.setValue(view.offset)
        self.down.setVisible(hidden > 0)
        self.down.blockSignals(False)

    def _scrolled(self, value: int) -> None:
        start, view = value / ALONG * self.view.rows.longest(), self.view.viewport
        view.show_range(start, start + view.stop - view.start)
