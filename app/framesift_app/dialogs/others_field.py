"""Choosing the detectors that a strategy compares the project's detector with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from framesift.errors import InputError
from framesift_app.session import Session
from framesift_app.strings import checkpoint, tr, trf

if TYPE_CHECKING:
    from framesift.loop import OtherDetector

NAME = Qt.ItemDataRole.UserRole


class OthersField(QWidget):
    """The project's other detectors with a box to tick each, as soon as they are known, and
    files from elsewhere. Its value are the names of those that are ticked; () where these are
    the usual ones, so that a later cycle's are compared with when they are there."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._named: tuple[str, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Other detectors"))
        self.list.setMaximumHeight(120)
        self.list.itemChanged.connect(self.changed)
        button = QPushButton(tr("Add a checkpoint file…"))
        button.clicked.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.list)
        session.detector.others_listed.connect(self._fill)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Asks for them once somebody is to see them: what the project began with is loaded."""
        super().showEvent(event)
        if self._session.detector.others is None:
            self._session.detector.list_others()

    def value(self) -> tuple[str, ...]:
        """What is ticked; () for the usual ones. Raises InputError where nothing is."""
        if self._session.detector.others is None:
            return self._named
        ticked = self._ticked()
        if not ticked:
            raise InputError(
                tr("Tick a detector to compare with, or add a checkpoint file.")
                if self.list.count()
                else tr(
                    "The project has no second detector of these classes to compare with; "
                    "train a cycle first, or add a checkpoint file."
                )
            )
        return () if ticked == self._usual() else ticked

    def passes(self) -> int:
        """How many detectors look at a frame, the one that scores among them."""
        return 1 + len(self._ticked())

    def show_value(self, value: Any) -> None:
        """Ticks these; () the usual ones."""
        self._named = tuple(value or ())
        self._fill()

    def add(self, path: str) -> None:
        """Ticks a file from elsewhere."""
        self._item(path, Path(path).name, ticked=True)
        self.changed.emit()

    def _ask(self) -> None:
        path = QFileDialog.getOpenFileName(self, tr("Choose a file"))[0]
        if path:
            self.add(path)

    def _fill(self) -> None:
        others = self._session.detector.others or ()
        named = self._named or self._usual()
        self.list.blockSignals(True)
        self.list.clear()
        for other in others:
            self._item(other.name, title(other), ticked=other.name in named)
        held = {other.name for other in others}
        for name in named:
            if name not in held:
                self._item(name, Path(name).name, ticked=True)
        self.list.blockSignals(False)
        self.changed.emit()

    def _item(self, name: str, text: str, *, ticked: bool) -> None:
        item = QListWidgetItem(text, self.list)
        item.setData(NAME, name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def _ticked(self) -> tuple[str, ...]:
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(
            str(item.data(NAME)) for item in items if item.checkState() == Qt.CheckState.Checked
        )

    def _usual(self) -> tuple[str, ...]:
        return tuple(other.name for other in self._session.detector.others or () if other.usual)


def title(other: OtherDetector) -> str:
    """A detector's name in the list."""
    record = other.checkpoint
    if record is None:
        return trf("What the project began with ({0})", Path(other.source).stem)
    return checkpoint(record.number, record.cycle)
