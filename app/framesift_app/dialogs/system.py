"""What this machine has and lacks, to read and to copy."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from framesift.product import crashes
from framesift_app import theme
from framesift_app.desktop import open_with_desktop
from framesift_app.dialogs.form import muted
from framesift_app.session import Session
from framesift_app.session.machine import Examined
from framesift_app.strings import tr


class SystemDialog(QDialog):
    """Shows what `framesift doctor` says, made in the background. Not modal."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("System report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 600)
        self._session = session
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("System report"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.copy = QPushButton(theme.icon("copy"), tr("Copy"))
        self.copy.setObjectName("copy")
        self.copy.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.text.toPlainText())
        )
        self.again = QPushButton(tr("Look again"))
        self.again.clicked.connect(self._look)
        folder = QPushButton(theme.icon("folder"), tr("Crash reports"))
        folder.setToolTip(str(crashes.folder()))
        folder.clicked.connect(lambda: open_with_desktop(crashes.folder()))
        folder.setEnabled(crashes.folder().is_dir())
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(folder)
        row.addStretch(1)
        for button in (self.again, self.copy, close):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(
            muted(
                tr(
                    "This text helps whoever mends a fault. It holds versions, "
                    "names of devices and "
                    "the folder of this installation, nothing of your projects. "
                    "It stays on this "
                    "computer unless you send it."
                )
            )
        )
        layout.addWidget(self.text, 1)
        layout.addLayout(row)
        session.jobs.finished.connect(self._finished)
        self._look()

    def _look(self) -> None:
        self.text.setPlainText(tr("Looking at this machine…"))
        self.copy.setEnabled(False)
        self.again.setEnabled(False)
        self._session.machine.examine()

    def _finished(self, kind: str, result: Any) -> None:
        if kind != "examine":
            return
        if isinstance(result, Examined):
            self.text.setPlainText(f"{result.text}\n\n{window_words(self)}\n")
        else:
            self.text.setPlainText(tr("This machine could not be looked at."))
        self.copy.setEnabled(isinstance(result, Examined))
        self.again.setEnabled(True)


def window_words(widget: QWidget) -> str:
    """How the window is drawn, in one line."""
    screens = ", ".join(
        f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}×"
        for screen in QGuiApplication.screens()
    )
    return (
        f"Window: Qt {qVersion()}, {QGuiApplication.platformName()}, screens {screens}, "
        f"theme {'dark' if theme.current().dark else 'light'}"
    )
