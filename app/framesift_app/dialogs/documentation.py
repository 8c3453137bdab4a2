# ruff: noqa: N802 (names that Qt gave)
"""The pages that ship: in the browser, or in a window of our own where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from framesift.errors import EnvironmentProblem
from framesift.product.resources import resource
from framesift_app.desktop import open_with_desktop
from framesift_app.strings import tr, trf

PICTURE_WIDTH = 720


def open_documentation(parent: QWidget) -> QDialog | None:
    """Opens the built site in the browser. Where this installation has none, or the system no
    browser, the pages are shown in a dialog, which is returned."""
    try:
        if open_with_desktop(resource("site", "docs", "index.html")):
            return None
    except EnvironmentProblem:
        pass
    dialog = DocumentationDialog(parent)
    dialog.show()
    return dialog


class DocumentationDialog(QDialog):
    """A plain reader for the pages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Documentation"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 760)
        self.pages = Pages()
        back = QPushButton(tr("Back"))
        back.setEnabled(False)
        back.clicked.connect(self.pages.backward)
        home = QPushButton(tr("All pages"))
        home.clicked.connect(self.pages.home)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        self.pages.backwardAvailable.connect(back.setEnabled)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(back)
        row.addWidget(home)
        row.addWidget(self.pages.notice, 1)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.addWidget(self.pages, 1)
        layout.addLayout(row)
        self.pages.open_page(resource("docs", "index.md"))


class Pages(QTextBrowser):
    """Shows Markdown files; follows links from one to the other."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.document().setDocumentMargin(24)
        self.notice = QLabel()
        self.notice.setProperty("role", "muted")
        self.anchorClicked.connect(self._follow)

    def open_page(self, path: Path) -> None:
        """Shows a page."""
        self.setSource(
            QUrl.fromLocalFile(str(path)), QTextDocument.ResourceType.MarkdownResource
        )

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        resource = super().loadResource(kind, name)
        if kind == QTextDocument.ResourceType.ImageResource.value:
            picture = QImage(self.source().resolved(QUrl(name)).toLocalFile())
            if picture.width() > PICTURE_WIDTH:
                return picture.scaledToWidth(
                    PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation
                )
        return resource

    def _follow(self, link: QUrl) -> None:
        self.notice.clear()
        path = Path(self.source().resolved(link).toLocalFile())
        if path.suffix == ".md" and path.is_file():
            self.open_page(path)
        else:
            # References made from the code are only in the built site.
            self.notice.setText(trf("{0} is not part of this installation.", link.toString()))
