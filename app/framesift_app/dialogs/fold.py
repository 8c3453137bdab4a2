# ruff: noqa: N802 (names that Qt gave)
"""What is seldom changed, folded away below a button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFormLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from framesift_app.dialogs.form import grow
from framesift_app.strings import tr

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
LEAST = 96
"""Pixels that an unfolded form has at least; the rest is scrolled to."""


class Fold(QToolButton):
    """A button with a triangle that turns: to the right while `area`, where the page scrolls,
    is folded away, down while it is shown. Space and Return turn it."""

    def __init__(self, text: str, page: QWidget) -> None:
        super().__init__()
        self._page, self.area = page, QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setMinimumHeight(LEAST)
        self.area.setWidget(page)
        self.setText(text)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggled.connect(self._turn)
        self._turn(False)

    def _turn(self, shown: bool) -> None:
        self.area.setVisible(shown)
        self.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        if shown:
            self._make_room()

    def _make_room(self) -> None:
        bar = self.area.verticalScrollBar().sizeHint().width() + 2 * self.area.frameWidth()
        self.area.setMinimumWidth(self._page.minimumSizeHint().width() + bar)
        grow(self.window())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return is the dialog's first button everywhere else."""
        if event.key() in ENTER:
            self.click()
        else:
            super().keyPressEvent(event)


def more(layout: QVBoxLayout) -> QFormLayout:
    """A form below a button that unfolds it: for what is seldom changed."""
    page = QWidget()
    form = QFormLayout(page)
    form.setSpacing(8)
    button = Fold(tr("All settings"), page)
    button.setObjectName("more")
    layout.addWidget(button)
    layout.addWidget(button.area, 1)
    return form
