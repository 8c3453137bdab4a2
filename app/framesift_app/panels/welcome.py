"""The first page: recent projects, a new one, the demo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app import settings, theme
from framesift_app.strings import tr


class WelcomePage(QWidget):
    """What to do next, when no project is open."""

    opened = Signal(object)

    def __init__(self, act: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = QLabel()
        title = QLabel("Framesift")
        title.setProperty("role", "title")
        words = QLabel(
            tr(
                "Hours of footage, a few hundred frames worth labelling: Framesift "
                "shows where your detector is unsure, and keeps the picks apart in "
                "time."
            )
        )
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        self._new = QPushButton(tr("New project…"))
        self._new.setObjectName("welcome_new")
        self._new.setProperty("role", "primary")
        self._new.clicked.connect(lambda: act("new"))
        self._open = QPushButton(tr("Open project…"))
        self._open.clicked.connect(lambda: act("open"))
        self._demo = QPushButton(tr("Open the demo"))
        self._demo.setObjectName("welcome_demo")
        self._demo.setToolTip(
            tr(
                "Draws a short drive, scores it, and shows what is worth "
                "labelling; nothing to download"
            )
        )
        self._demo.clicked.connect(lambda: act("demo"))
        for button in (self._new, self._open, self._demo):
            # Return presses it, as in a dialog.
            button.setAutoDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self._new, self._open, self._demo):
            button.setMinimumHeight(34)
            buttons.addWidget(button)
        buttons.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._mark)
        head.addWidget(title)
        head.addStretch(1)
        recent = QLabel(tr("Recent projects"))
        recent.setProperty("role", "heading")
        self._list = QListWidget()
        self._list.setObjectName("recent")
        self._list.setAccessibleName(tr("Recent projects"))
        self._list.setIconSize(QSize(20, 20))
        self._list.setSpacing(2)
        self._list.itemActivated.connect(self._chosen)
        self._list.itemClicked.connect(self._chosen)
        self._none = QLabel(tr("None yet. Drop footage here to begin, or open the demo."))
        self._none.setProperty("role", "muted")
        card = QFrame()
        card.setProperty("role", "card")
        card.setMaximumSize(720, 560)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(40, 40, 40, 40)
        inside.setSpacing(16)
        inside.addLayout(head)
        inside.addWidget(words)
        inside.addSpacing(8)
        inside.addLayout(buttons)
        inside.addSpacing(16)
        inside.addWidget(recent)
        inside.addWidget(self._none)
        inside.addWidget(self._list, 1)
        self._spare = QWidget()
        inside.addWidget(self._spare, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 48, 24, 48)
        layout.addStretch(1)
        layout.addWidget(card, 8)
        layout.addStretch(1)
        theme.current().changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Lists the recent projects anew."""
        self._mark.setPixmap(theme.icon("framesift").pixmap(48, 48))
        self._list.clear()
        for folder in settings.recent_projects():
            item = QListWidgetItem(theme.icon("folder"), f"{folder.name}\n{folder.parent}")
            item.setData(Qt.ItemDataRole.UserRole, str(folder))
            self._list.addItem(item)
        some = self._list.count() > 0
        self._list.setVisible(some)
        self._none.setVisible(not some)
        self._spare.setVisible(not some)

    def _chosen(self, item: QListWidgetItem) -> None:
        self.opened.emit(Path(item.data(Qt.ItemDataRole.UserRole)))
