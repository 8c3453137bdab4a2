"""Choosing a detector: of the project, of Framesift, untrained, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from framesift_app.dialogs.form import PathField
from framesift_app.session import Session
from framesift_app.strings import checkpoint, tr, trf

if TYPE_CHECKING:
    from framesift.loop import DetectorChoice

FILE = "file"


class DetectorField(QWidget):
    """A list that fills as soon as it is known, and a path where a file is chosen."""

    def __init__(self, session: Session, first: str = "") -> None:
        super().__init__()
        self._session, self._first = session, first
        self.list = QComboBox()
        self.list.setObjectName("detector")
        self.list.setAccessibleName(tr("Detector"))
        self.file = PathField("file")
        self.file.edit.setObjectName("checkpoint")
        self.file.edit.setPlaceholderText(tr("a checkpoint that Framesift wrote"))
        self.list.currentIndexChanged.connect(self._chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list)
        column.addWidget(self.file)
        # The names come later and may be longer than what is there at first.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusProxy(self.list)
        session.detector.listed.connect(self._fill)
        self._fill()
        session.detector.list_choices()

    def _fill(self) -> None:
        """Shows what there is now, and keeps what is chosen."""
        kept = self.list.currentData() or self._first
        self.list.blockSignals(True)
        self.list.clear()
        group = ""
        for choice in self._session.detector.choices:
            if group not in ("", choice.group):
                self.list.insertSeparator(self.list.count())
            group = choice.group
            self.list.addItem(title(choice), choice.source)
        if self.list.count():
            self.list.insertSeparator(self.list.count())
        elif self._first:
            self.list.addItem(Path(self._first).stem, self._first)
        self.list.addItem(tr("A checkpoint file…"), FILE)
        self.list.setCurrentIndex(max(0, self.list.findData(kept)))
        self.list.blockSignals(False)
        self._chosen()

    def _chosen(self) -> None:
        self.file.setVisible(self.list.currentData() == FILE)

    def choose(self, source: str) -> None:
        """Chooses a detector of the list, or a file."""
        at = self.list.findData(source)
        if at < 0:
            self.file.edit.setText(source)
            at = self.list.findData(FILE)
        self.list.setCurrentIndex(at)

    @property
    def source(self) -> str | None:
        """What is chosen; None: a file that is not there."""
        chosen = self.list.currentData()
        if chosen != FILE:
            return str(chosen)
        path = self.file.path
        return str(path.absolute()) if path is not None and path.is_file() else None


def title(choice: DetectorChoice) -> str:
    """A detector's name in the list."""
    record = choice.checkpoint
    if record is not None:
        return checkpoint(record.number, record.cycle)
    if choice.group == "bundled":
        return trf("{0} (comes with Framesift)", choice.source.capitalize())
    if choice.source == "paper":
        return tr("The paper's network, untrained")
    return trf("{0}, untrained", choice.source)
