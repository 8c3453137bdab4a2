# ruff: noqa: N802 (names that Qt gave)
"""A panel in a field that scrolls down where the window is low."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

LEAST_HIGH = 96


class Scrolled(QScrollArea):
    """As wide as its panel must be, as low as may be."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self._panel = panel
        self.setWidget(panel)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def minimumSizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._panel.minimumSizeHint().width() + bar, LEAST_HIGH)

    def sizeHint(self) -> QSize:
        return self._panel.sizeHint()


def over_foot(panel: QWidget, foot: QLayout) -> QVBoxLayout:
    """Lays a panel out: a column that scrolls where the window is low, to be filled, and a foot
    below it that is always in sight."""
    upper = QWidget()
    column = QVBoxLayout(upper)
    column.setContentsMargins(0, 0, 0, 0)
    whole = QVBoxLayout(panel)
    whole.setContentsMargins(0, 4, 0, 8)
    whole.setSpacing(8)
    whole.addWidget(Scrolled(upper), 1)
    whole.addLayout(foot)
    return column
