# ruff: noqa: N802 (names that Qt gave)
"""The gallery: the frames to label, one after the other."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app import theme
from framesift_app.panels.buttons import TOOLS, tool_button
from framesift_app.panels.flow import FlowRow
from framesift_app.panels.frame_list import PICK, FrameDelegate, FrameList, FrameModel
from framesift_app.session import PickView, Session
from framesift_app.workbench import Workbench, keys


class GalleryPanel(QWidget):
    """Thumbnails with rank, score and state; next, previous, drop, add, play around."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._bench = Workbench.of(session)
        self.setObjectName("gallery")
        self.setAccessibleName(self.tr("Picks"))
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.explain = QLabel()
        self.explain.setWordWrap(True)
        self.explain.setProperty("role", "muted")
        self.model = FrameModel(session, lambda: session.picks.all, self)
        self.list = FrameList(self._bench, self.tr("Picks"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(FrameDelegate(session, self.list))
        self.list.clicked.connect(self._go)
        self.list.activated.connect(self._go)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.take = QPushButton()
        self.take.setProperty("role", "primary")
        self.take.setToolTip(
            self.tr(
                "Begins a cycle: the picks are yours to label, and block "
                "what is near them in later cycles"
            )
        )
        self.take.clicked.connect(session.picks.take)
        self.previous = tool_button(
            "◀",
            self.tr("Previous pick (Backspace)"),
            self._bench.session.picks.previous,
            stays=False,
        )
        self.next = tool_button(
            "▶",
            self.tr("Done with this frame, on to the next (Space)"),
            self._bench.next,
            stays=False,
        )
        self.skip = tool_button(
            self.tr("Skip"), self.tr("Skip this frame (S)"), self._bench.skip, stays=False
        )
        self.drop = tool_button(
            self.tr("Drop"),
            self.tr("Not this one: the next best frame takes its place (Shift+D)"),
            self._bench.drop_pick,
            stays=False,
        )
        self.add = tool_button(
            self.tr("Add"),
            self.tr("Add the frame in the viewer to the picks (A)"),
            self._bench.add_pick,
            stays=False,
        )
        self.around = tool_button(
            self.tr("±3 s"),
            self.tr("Play around this pick; its boxes stay in sight (P)"),
            self._bench.play_around,
            stays=False,
        )
        self._lay_out()
        self._followed = False
        self.model.modelReset.connect(self._anew)
        session.picks.changed.connect(self.model.reload)
        session.picks.changed.connect(self.refresh)
        session.projectChanged.connect(self._another)
        session.playhead.moved.connect(self._follow)
        session.picks.currentChanged.connect(self._follow)
        self._bench.playback.changed.connect(self.refresh)
        theme.current().changed.connect(self.list.viewport().update)
        self.setStyleSheet(TOOLS.replace("3px 4px", "3px 2px"))
        self.model.reload()
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.addWidget(self.title, 1)
        head.addWidget(self.take)
        buttons = FlowRow(spacing=2)
        buttons.setContentsMargins(4, 4, 4, 4)
        for button in (self.previous, self.next, self.skip, self.drop, self.add, self.around):
            buttons.addWidget(button)
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 16, 16, 16)
        middle.addWidget(self.explain)
        middle.addStretch(1)
        self._empty = QWidget()
        self._empty.setLayout(middle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._empty, 1)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)

    def sizeHint(self) -> QSize:
        return QSize(280, 360)

    # Following the session

    def refresh(self) -> None:
        """Shows the picks and what can be done with them."""
        picks = self._session.picks.all
        done = sum(pick.state not in ("todo", "started") for pick in picks)
        offered = sum(pick.cycle is None for pick in picks)
        self.title.setText(self._headline(picks, done))
        self.list.setVisible(bool(picks))
        self._empty.setVisible(not picks)
        self.explain.setText(self._advice())
        self.take.setVisible(offered > 0)
        self.take.setText(
            self.tr("Take this pick")
            if offered == 1
            else self.tr("Take {0} picks").format(offered)
        )
        for button in (self.previous, self.next):
            button.setEnabled(bool(picks))
        frame = self._bench.key is not None
        current = self._session.picks.current
        self.skip.setEnabled(frame)
        self.around.setEnabled(frame)
        self.around.setDown(self._bench.playback.pinned is not None)
        self.drop.setEnabled(current is not None and current.cycle != 0)
        self.add.setEnabled(frame and current is None and bool(self._session.cycles.all))
        self._follow()

    def _headline(self, picks: tuple[PickView, ...], done: int) -> str:
        if not picks:
            return self.tr("Picks")
        words = self.tr("Picks {0}/{1}").format(done, len(picks))
        cycles = {pick.cycle for pick in picks}
        if cycles == {0}:
            return self.tr("Measuring set {0}/{1}").format(done, len(picks))
        return words

    def _advice(self) -> str:
        session = self._session
        if session.project_name is None:
            return ""
        if not session.footage.drives:
            return self.tr("Add footage; what is worth labelling shows up here.")
        scores = session.scores
        scored = not scores.strategy.signals or any(
            np.isfinite(values).any() for values in scores.raw.values()
        )
        if session.selection.current is None or not scored:
            return self.tr(
                "Score the footage; the frames where the detector is unsure show up here."
            )
        return session.selection.current.why_short() or self.tr("There is nothing to pick.")

    def _another(self) -> None:
        """Another project's picks begin with the best."""
        self._followed = False
        self.list.scrollToTop()
        self.refresh()

    def _anew(self) -> None:
        """The best picks are in sight, unless somebody scrolled: while scoring goes on, the
        frame that was scrolled to is a pick now and none the next moment."""
        scoring = self._session.jobs.active("score") is not None
        if scoring and self._followed and self.model.row_of(self._session.playhead.key) < 0:
            self._followed = False
            self.list.scrollToTop()

    def _follow(self) -> None:
        row = self.model.row_of(self._session.playhead.key)
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        if row >= 0:
            index = self.model.index(row)
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.list.scrollTo(index)
            self._followed = True
        else:
            selection.clearSelection()
        selection.blockSignals(False)
        current = self._session.picks.current
        self.drop.setEnabled(current is not None and current.cycle != 0)
        self.add.setEnabled(
            self._bench.key is not None and current is None and bool(self._session.cycles.all)
        )
        for button in (self.skip, self.around):
            button.setEnabled(self._bench.key is not None)

    # Asking it

    def _go(self, index: QModelIndex) -> None:
        pick = index.data(PICK)
        if isinstance(pick, PickView):
            self._bench.playback.stop()
            self._session.playhead.go_to(pick.drive, pick.drive_frame)

    def _chosen(self, index: QModelIndex, before: QModelIndex) -> None:
        # Arrow keys in the list move on at once.
        if self.list.hasFocus():
            self._go(index)

    def _menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if not index.isValid():
            return
        self._go(index)
        menu = QMenu(self)
        for text, action in (
            (self.tr("Play ±3 s"), self._bench.play_around),
            (self.tr("Skip"), self._bench.skip),
            (self.tr("Nothing there"), self._bench.nothing),
            (self.tr("Drop this pick"), self._bench.drop_pick),
            (self.tr("Frames like this one"), self._bench.find_alike),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, do=action: do())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self._bench, event):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "list"):
            self.list.viewport().update()
        super().changeEvent(event)
