"""The licences of what Framesift runs on."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from framesift.product.licences import Licence
from framesift_app.dialogs.form import muted
from framesift_app.session import Session
from framesift_app.strings import tr


class LicencesDialog(QDialog):
    """A list of packages, and the texts of the chosen one. Not modal."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Third-party licences"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 640)
        self._licences: tuple[Licence, ...] = ()
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._fill)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Third-party licences"))
        self.list.currentItemChanged.connect(self._show)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        halves = QSplitter()
        halves.addWidget(left)
        halves.addWidget(self.text)
        halves.setSizes([260, 640])
        halves.setStretchFactor(1, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(
            muted(
                tr(
                    "Framesift itself is under the MIT licence. Qt is used "
                    "under the LGPL, version 3, "
                    "and FFmpeg under the licence named below; both are dynamic "
                    "libraries in files of "
                    "their own, which you may replace by your own builds."
                )
            )
        )
        layout.addWidget(halves, 1)
        layout.addWidget(buttons)
        session.machine.licencesRead.connect(self._take)
        session.machine.read_licences()

    def _take(self, licences: Any) -> None:
        self._licences = licences
        self._fill()

    def _fill(self) -> None:
        searched = self.search.text().strip().casefold()
        self.list.clear()
        for package in self._licences:
            if searched in f"{package.name} {package.licence}".casefold():
                item = QListWidgetItem(f"{package.name} {package.version}")
                item.setToolTip(package.licence)
                item.setData(Qt.ItemDataRole.UserRole, package)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _show(self, item: QListWidgetItem | None) -> None:
        package = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        self.text.setPlainText(
            ""
            if package is None
            else f"{package.name} {package.version}\n{package.licence}\n\n{package.text}"
        )
