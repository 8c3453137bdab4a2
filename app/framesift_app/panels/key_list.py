# ruff: noqa: N802 (names that Qt gave)
"""A short list inside a panel."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QSizePolicy

from framesift_app.workbench import Workbench, keys

Row = tuple[int | None, str, QIcon | None, str]
"""(id, words, icon, tip)."""
ID = int(Qt.ItemDataRole.UserRole)


class KeyList(QListWidget):
    """A list in which the workbench's keys work too; as high as its rows, from `least` to
    `most` of them."""

    def __init__(self, bench: Workbench, name: str, least: int, most: int) -> None:
        super().__init__()
        self._bench, self._least, self._most = bench, least, most
        self._rows: list[Row] = []
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setIconSize(QSize(18, 14))

    def sizeHint(self) -> QSize:
        return QSize(200, self._rows_high(self._most))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._rows_high(self._least))

    def _rows_high(self, most: int) -> int:
        row = max(self.sizeHintForRow(0), self.fontMetrics().height() + 2)
        return row * min(max(self.count(), 1), most) + 2 * self.frameWidth() + 2

    def fill(self, rows: list[Row], chosen: int | None) -> None:
        """Other rows; nothing is told."""
        if rows != self._rows:
            self._rows = rows
            self._fill(rows)
        self.choose(chosen)

    def _fill(self, rows: list[Row]) -> None:
        self.blockSignals(True)
        if self.count() != len(rows):
            self.clear()
            for _ in rows:
                self.addItem(QListWidgetItem())
            self.updateGeometry()
        for at, (number, words, icon, tip) in enumerate(rows):
            item = self.item(at)
            item.setData(ID, number)
            item.setText(words)
            item.setToolTip(tip)
            item.setIcon(icon if icon is not None else QIcon())
        self.blockSignals(False)

    def choose(self, number: int | None) -> None:
        """Makes the row of an id the current one, or none; nothing is told."""
        numbers = [row[0] for row in self._rows]
        self.blockSignals(True)
        known = number is not None and number in numbers
        self.setCurrentRow(numbers.index(number) if known else -1)
        self.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) or not keys.handle(
            self._bench, event
        ):
            super().keyPressEvent(event)
