"""What went wrong: a line in the window, and the details for whoever mends it."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app import theme
from framesift_app.remedies import in_the_window
from framesift_app.strings import tr, trf

MOST = 4
"""Sentences that are shown at once."""


class DetailsDialog(QDialog):
    """The sentence and the details, to be copied. Not modal."""

    def __init__(self, sentence: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("What went wrong"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 400)
        label = QLabel(sentence)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text = QPlainTextEdit(report(sentence, details))
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        copy = QPushButton(theme.icon("copy"), tr("Copy details"))
        copy.setObjectName("copy")
        copy.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.text.toPlainText())
        )
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(label)
        layout.addWidget(self.text, 1)
        layout.addLayout(row)


def report(sentence: str, details: str) -> str:
    """What to send to whoever mends it."""
    from PySide6 import __version__ as qt

    import framesift

    return (
        f"Framesift {framesift.__version__} · Python {sys.version.split()[0]} · Qt {qt} · "
        f"{platform.platform()}\n\n{sentence}\n\n{details}"
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """What went wrong, by its cause."""

    cause: str
    sentence: str
    details: str


class NoticeBar(QFrame):
    """The sentences at the top of the window; each goes when its cause is mended, all when the
    bar is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._notices: list[Notice] = []
        self._icon = QLabel()
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QPushButton(tr("Details…"))
        self.more.clicked.connect(self._show_details)
        away = QToolButton()
        away.setAccessibleName(tr("Close"))
        away.clicked.connect(self.clear)
        self._away = away
        for button in (self.more, away):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        for widget in (self._icon, self.sentence, self.more, away):
            row.addWidget(widget)
        row.setStretch(1, 1)
        theme.current().changed.connect(self._dress)
        self._dress()
        self.hide()

    def say(self, cause: str, sentence: str, details: str) -> None:
        """Shows an error beside those of other causes, and beside others of a named cause."""
        new = Notice(cause, in_the_window(sentence), details)
        kept = [n for n in self._notices if n.sentence != new.sentence and (n.cause or cause)]
        self._show([*kept, new])

    def mend(self, cause: str) -> None:
        """Takes the errors of a cause away."""
        self._show([notice for notice in self._notices if notice.cause != cause])

    def clear(self) -> None:
        """Takes all away."""
        self._show([])

    def _show(self, notices: list[Notice]) -> None:
        if notices == self._notices and self.isVisible() == bool(notices):
            return
        self._notices = notices
        lines = [notice.sentence for notice in notices[-MOST:]]
        if len(notices) > MOST:
            lines.insert(0, trf("{0} more before these; see the details.", len(notices) - MOST))
        self.sentence.setText("\n".join(lines))
        self.setVisible(bool(notices))

    def _dress(self) -> None:
        colours = theme.colours()
        self.setStyleSheet(
            f"QFrame#notice {{ background: {colours.raised}; border: none; "
            f"border-left: 4px solid {colours.warning}; "
            f"border-bottom: 1px solid {colours.border}; }}"
        )
        self._icon.setPixmap(theme.icon("warning").pixmap(16, 16))
        self._away.setIcon(theme.icon("close"))

    def _show_details(self) -> None:
        sentences = "\n".join(notice.sentence for notice in self._notices)
        details = "\n\n".join(notice.details for notice in self._notices)
        DetailsDialog(sentences, details, self.window()).show()
