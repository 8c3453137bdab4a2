"""The answer to "38 of 40 fit · why?", and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from framesift.selection.reasons import CODES
from framesift_app.panels.colours import scheme
from framesift_app.panels.icons import swatch
from framesift_app.panels.timeline import paint
from framesift_app.panels.timeline.words import shortage, table
from framesift_app.session import Session
from framesift_app.strings import number


class WhyPopup(QFrame):
    """Where all scored frames went, and the rules that may be given up."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._session = session
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(self.tr("What blocks frames"))
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.rows = QGridLayout()
        self.rows.setHorizontalSpacing(8)
        self.rows.setVerticalSpacing(4)
        self.fill = QCheckBox(self.tr("Fill the budget within Δt1 where nothing else is left"))
        self.fill.setToolTip(
            self.tr("A last pass ignores Δt1, as the authors' code does; off by default")
        )
        self.fill.toggled.connect(lambda on: session.selection.set_rules(fill=on))
        self.alike = QComboBox()
        self.alike.setAccessibleName(self.tr("Look-alikes"))
        self.alike.setToolTip(
            self.tr(
                "Frames that look like a pick of their drive, as at a red light. Default: last"
            )
        )
        for name, text in (
            ("on", self.tr("last, when nothing else is left")),
            ("strict", self.tr("never")),
            ("off", self.tr("like all others")),
        ):
            self.alike.addItem(text, name)
        self.alike.activated.connect(
            lambda: session.selection.set_rules(look_alike=str(self.alike.currentData()))
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addLayout(self.rows)
        column.addWidget(self.fill)
        line = QHBoxLayout()
        line.addWidget(QLabel(self.tr("Take look-alikes")))
        line.addWidget(self.alike, 1)
        column.addLayout(line)
        session.picks.changed.connect(self._changed)

    def _changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Counts anew."""
        while (item := self.rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        selection, rules = self._session.selection.current, self._session.selection.rules
        if selection is None:
            self.title.setText(self.tr("Nothing is scored yet."))
        else:
            self.title.setText(shortage(selection, selection.requested))
            colours, rows = scheme(), table(selection, self._session.scores.strategy)
            for row, (rule, words, amount) in enumerate(rows):
                mark = QLabel()
                if rule in CODES:
                    brush = paint.brush(CODES[rule], colours)
                    mark.setPixmap(swatch(brush.color(), brush.style()))
                amount_label = QLabel(number(amount))
                amount_label.setAlignment(Qt.AlignmentFlag.AlignRight)
                self.rows.addWidget(mark, row, 0)
                self.rows.addWidget(QLabel(words), row, 1)
                self.rows.addWidget(amount_label, row, 2)
            self.rows.setColumnStretch(1, 1)
        self.fill.blockSignals(True)
        self.fill.setChecked(rules.fill)
        self.fill.blockSignals(False)
        self.alike.setCurrentIndex(max(0, self.alike.findData(rules.look_alike)))
        self.adjustSize()

    def open_at(self, corner: QPoint) -> None:
        """Shows it with its lower right corner there."""
        self.refresh()
        size = self.sizeHint()
        self.move(max(0, corner.x() - size.width()), max(0, corner.y() - size.height()))
        self.show()
