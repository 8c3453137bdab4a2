"""The files and folders of a dialog: chosen, or dropped on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app.strings import tr


class FootageList(QWidget):
    """A list of footage with its buttons. `changed`: something came or went."""

    changed = Signal()

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._list = QListWidget()
        self._list.setObjectName("files")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setAccessibleName(tr("Footage"))
        add, folder, away = (
            QPushButton(text) for text in (tr("Add files…"), tr("Add folder…"), tr("Remove"))
        )
        add.clicked.connect(self._add_files)
        folder.clicked.connect(self._add_folder)
        away.clicked.connect(self._remove)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (add, folder, away):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel(tr("Footage (drop files or folders here)")))
        layout.addWidget(self._list, 1)
        layout.addLayout(row)
        self.add(paths)

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is on the list."""
        return tuple(Path(self._list.item(i).text()) for i in range(self._list.count()))

    def add(self, paths: Sequence[Path]) -> None:
        """Puts footage on the list, each once."""
        known = {str(path) for path in self.paths}
        self._list.addItems([str(path) for path in paths if str(path) not in known])
        self.changed.emit()

    def _add_files(self) -> None:
        names = QFileDialog.getOpenFileNames(self, tr("Add footage"))[0]
        self.add([Path(name) for name in names])

    def _add_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Add a folder"))
        self.add([Path(name)] if name else [])

    def _remove(self) -> None:
        for item in self._list.selectedItems():
            self._list.takeItem(self._list.row(item))
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt)
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt)
        self.add(
            [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        )
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
