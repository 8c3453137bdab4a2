"""About Framesift."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, qVersion
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import framesift
from framesift_app import theme
from framesift_app.dialogs.form import muted
from framesift_app.strings import tr, trf


class AboutDialog(QDialog):
    """Name, version, what it is; `licences` asks for those of third parties."""

    licences = Signal()

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
        more = QPushButton(tr("Third-party licences…"))
        more.clicked.connect(self.licences)
        buttons.addButton(more, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(head)
        layout.addWidget(
            muted(
                tr(
                    "Finds the frames of hours of video that are worth "
                    "labelling, and closes the loop "
                    "around them: score, pick, label, fine-tune, measure. Nothing leaves this "
                    "computer."
                )
            )
        )
        licence = QLabel(
            trf(
                "Framesift is under the MIT licence. It runs on Python, "
                "PyTorch, OpenCV, on Qt {0} "
                "(LGPL version 3, through Qt for Python) and on FFmpeg (through PyAV). Qt and "
                "FFmpeg are dynamic libraries in files of their own, which you "
                "may replace by your "
                "own builds.",
                qVersion(),
            )
        )
        licence.setWordWrap(True)
        layout.addWidget(licence)
        layout.addWidget(buttons, 0, Qt.AlignmentFlag.AlignBottom)
