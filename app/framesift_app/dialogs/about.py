"""About Framesift."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

import framesift
from framesift_app import theme
from framesift_app.dialogs.form import muted
from framesift_app.strings import tr


class AboutDialog(QDialog):
    """Name, version, what it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Framesift"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        mark = QLabel()
        mark.setPixmap(theme.icon("framesift").pixmap(64, 64))
        title = QLabel(f"Framesift {framesift.__version__}")
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(mark)
        head.addWidget(title)
        head.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(head)
        layout.addWidget(muted(tr(
            "Finds the frames of hours of video that are worth labelling, and closes the loop "
            "around them: score, pick, label, fine-tune, measure. Nothing leaves this "
            "computer.")))
        licence = QLabel(tr("MIT licence. Built with PyTorch, Qt for Python, PyAV and OpenCV."))
        licence.setWordWrap(True)
        layout.addWidget(licence)
        layout.addWidget(buttons, 0, Qt.AlignmentFlag.AlignBottom)
