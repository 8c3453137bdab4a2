"""The footage: drives with their length and how much of them is scored."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from framesift.project import StoredDrive
from framesift_app import theme
from framesift_app.panels.context import Entry, with_menu
from framesift_app.panels.footage_menu import FootageMenu
from framesift_app.session import Session
from framesift_app.strings import number, tr, trf

PLACE = Qt.ItemDataRole.UserRole


class FootagePanel(QWidget):
    """Lists the drives. `act(id)` triggers an action of the table."""

    def __init__(
        self, session: Session, act: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tree = QTreeWidget()
        self._tree.setObjectName("footage")
        self._tree.setColumnCount(3)
        self._tree.setHeaderLabels([tr("Drive"), tr("Length"), tr("Scored")])
        self._tree.setIndentation(14)
        self._tree.setMinimumHeight(64)
        self._tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.setAccessibleName(tr("Footage"))
        self._tree.itemActivated.connect(self._go)
        self._tree.itemClicked.connect(self._go)
        self._tree.currentItemChanged.connect(self._chosen)
        self.menu = FootageMenu(self._tree, session, act)
        with_menu(self._tree, self.entries)
        self._hint = QLabel(tr("Drop videos or folders here.\nClips of one drive are joined."))
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        self._add = QPushButton(tr("Add…"))
        self._add.clicked.connect(lambda: act("add"))
        self._score = QPushButton(tr("Score…"))
        self._score.setObjectName("score_button")
        self._score.setToolTip(
            tr("Runs the detector over the frames and says where it is unsure")
        )
        self._score.clicked.connect(lambda: act("score"))
        for button in (self._add, self._score):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self._add)
        row.addWidget(self._score)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 8)
        layout.setSpacing(8)
        layout.addWidget(self._tree, 1)
        layout.addWidget(self._hint, 1)
        layout.addLayout(row)
        for rows in (session.footage.changed, session.footage.lostChanged):
            rows.connect(self._rebuild)
        session.projectChanged.connect(self._rebuild)
        session.scores.changed.connect(self._refresh)
        for signal in (session.scores.loaded, session.jobs.changed):
            signal.connect(self._buttons)
        session.playhead.moved.connect(self._mark)
        theme.current().changed.connect(self._rebuild)
        self._rebuild()

    def _rebuild(self) -> None:
        self._tree.blockSignals(True)
        self._fill()
        self._tree.blockSignals(False)

    def _fill(self) -> None:
        self._tree.clear()
        session = self._session
        for drive in session.footage.drives:
            self._tree.addTopLevelItem(self._item(drive))
        if session.footage.evaluation:
            group = QTreeWidgetItem([tr("Measuring set"), "", ""])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for drive in session.footage.evaluation:
                group.addChild(self._item(drive, scored=False))
            self._tree.addTopLevelItem(group)
            group.setExpanded(True)
        self._tree.setRootIsDecorated(
            bool(session.footage.evaluation)
            or any(len(drive.clips) > 1 for drive in session.footage.drives)
        )
        empty = not session.footage.drives and not session.footage.evaluation
        self._hint.setVisible(empty)
        self._tree.setVisible(not empty)
        for drive in session.footage.drives:
            self._refresh(drive.key)
        self._buttons()
        self._mark(anew=True)

    def _item(self, drive: StoredDrive, scored: bool = True) -> QTreeWidgetItem:
        name = (
            drive.key
            if len(drive.clips) == 1
            else trf("{0} (+{1})", drive.key, len(drive.clips) - 1)
        )
        item = QTreeWidgetItem([name, length(drive), "" if scored else "–"])
        item.setData(0, PLACE, (drive.key, 0))
        item.setToolTip(
            0,
            "\n".join(
                [
                    trf("{0} · {1} frames", drive.key, number(len(drive))),
                    *(f"{clip.path} · {clip.width}×{clip.height}" for clip in drive.clips),
                ]
            ),
        )
        for column in (1, 2):
            item.setTextAlignment(
                column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
        if len(drive.clips) > 1:
            for clip, offset in zip(drive.clips, drive.offsets, strict=True):
                child = QTreeWidgetItem([clip.name, "", ""])
                child.setData(0, PLACE, (drive.key, offset))
                item.addChild(child)
        for clip in drive.clips:
            if clip.id in self._session.footage.lost:
                item.setIcon(0, theme.icon("warning"))
                item.setToolTip(0, trf("{0} is no longer there.", clip.path))
        return item

    def _refresh(self, drive: str) -> None:
        for row in range(self._tree.topLevelItemCount()):
            item = self._tree.topLevelItem(row)
            place = item.data(0, PLACE) if item is not None else None
            if item is not None and place is not None and place[0] == drive:
                item.setText(2, f"{100 * self._share(drive):.0f}\u202f%")

    def _share(self, drive: str) -> float:
        values = self._session.scores.raw.get(drive)
        if values is None or not len(values):
            return 0.0
        every = math.ceil(len(values) / self._session.scores.every)
        return min(1.0, int(np.count_nonzero(~np.isnan(values))) / every)

    def _buttons(self) -> None:
        session = self._session
        self._add.setEnabled(session.folder is not None)
        idle = session.jobs.active("score") is None
        self._score.setEnabled(bool(session.footage.drives) and idle)
        unscored = bool(session.footage.drives) and all(
            self._share(d.key) == 0 for d in session.footage.drives
        )
        # The one that comes next stands out.
        _dress(self._add, bool(session.folder) and not session.footage.drives)
        _dress(self._score, unscored and idle)

    def _mark(self, *, anew: bool = False) -> None:
        """Shows which drive is looked at; whoever goes through the list by keys is not led
        elsewhere, but the rows are `anew`."""
        if self._session.playhead.place is None:
            return
        drive = self._session.playhead.place[0]
        for row in range(self._tree.topLevelItemCount()):
            item = self._tree.topLevelItem(row)
            place = item.data(0, PLACE) if item is not None else None
            if (
                item is not None
                and place is not None
                and place[0] == drive
                and (anew or not self._tree.hasFocus())
            ):
                self._tree.setCurrentItem(item)

    def entries(self, at: QPoint) -> Sequence[Entry]:
        """What can be done with what lies at a point of the list."""
        item = self._tree.itemAt(at)
        place = item.data(0, PLACE) if item is not None else None
        drive = None if place is None else self._session.footage.drive(place[0])
        if item is None or drive is None:
            return self.menu.of_nothing()
        # In a group, what an item hangs from has no place.
        parent: QTreeWidgetItem | None = item.parent()
        if parent is not None and parent.data(0, PLACE) is not None:
            return self.menu.of_clip(drive.clips[parent.indexOfChild(item)])
        return self.menu.of_drive(drive)

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        # Arrow keys in the list move on at once.
        if item is not None and self._tree.hasFocus():
            self._go(item)

    def _go(self, item: QTreeWidgetItem) -> None:
        place = item.data(0, PLACE)
        if place is not None:
            now = self._session.playhead.place
            if item.parent() is not None or now is None or now[0] != place[0]:
                self._session.playhead.go_to(*place)


def length(drive: StoredDrive) -> str:
    """A drive's length as time, or its number of pictures."""
    seconds = drive.seconds_of(len(drive.clips) - 1, drive.clips[-1].frames)
    if seconds is None:
        return trf("{0} pictures", number(len(drive)))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _dress(button: QPushButton, primary: bool) -> None:
    role = "primary" if primary else ""
    if (button.property("role") or "") != role:
        button.setProperty("role", role)
        button.style().unpolish(button)
        button.style().polish(button)
