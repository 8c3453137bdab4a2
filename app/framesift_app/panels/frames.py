# ruff: noqa: N802 (names that Qt gave)
"""The frames: every frame that anything was ever said of, filtered and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, QSize, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from framesift_app import settings
from framesift_app.panels.context import Entry, with_menu
from framesift_app.panels.flow import FlowRow
from framesift_app.panels.frame_list import PICK, SIZES, FrameDelegate, FrameList, FrameModel
from framesift_app.session import Filter, PickView, Session
from framesift_app.strings import _, number, tr, trf
from framesift_app.workbench import Workbench, keys

SOON_MS = 60
"""Changes that come together are shown together."""
LEAST_HIGH = 68
"""Of the list in pixels."""
KINDS = {
    "all": _("All frames"),
    "todo": _("To do"),
    "started": _("Half done"),
    "labelled": _("Labelled"),
    "nothing": _("Nothing there"),
    "skipped": _("Skipped"),
    "weak": _("Points or tags"),
    "derived": _("Boxes of tracks to confirm"),
    "imported": _("Imported"),
    "measuring": _("Measuring set"),
    "alike": _("Frames that look alike"),
    "chosen": _("Frames chosen in the map"),
}
ORDERS = {
    "time": _("By time"),
    "rank": _("By rank"),
    "score": _("By score"),
    "boxes": _("Most boxes"),
}
THUMBS = {"small": _("Small"), "middle": _("Middle"), "large": _("Large")}


class FramesPanel(QWidget):
    """Drop-downs above a list of thumbnails; the frame that is chosen is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._bench = session, Workbench.of(session)
        self.setObjectName("frames")
        self.setAccessibleName(tr("Frames"))
        self.kind = self._combo("kind", tr("Which frames"))
        self.cycle = self._combo("cycle", tr("Of which cycle"))
        self.drive = self._combo("drive", tr("Of which drive"))
        self.category = self._combo("category", tr("With boxes of which class"))
        self.order = self._combo("order", tr("In what order"))
        self.thumbs = self._combo("size", tr("Size of the pictures"))
        for combo, texts in ((self.kind, KINDS), (self.order, ORDERS)):
            for name, text in texts.items():
                combo.addItem(tr(text), name)
        for name, text in THUMBS.items():
            self.thumbs.addItem(tr(text), name)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.model = FrameModel(session, lambda: session.frames.listed(self.filter), self)
        self.list = FrameList(self._bench, tr("Frames"))
        self.list.setModel(self.model)
        self._delegate = FrameDelegate(session, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.clicked.connect(self._go)
        self.list.activated.connect(self._go)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        with_menu(self.list, self.entries)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.refresh)
        # As low as the panel is, the list is: its filters come first.
        self.list.setMinimumHeight(LEAST_HIGH)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._lay_out()
        kept = self.thumbs.findData(settings.get("frames/size", "middle"))
        self.thumbs.setCurrentIndex(max(0, kept))
        self.thumbs.currentIndexChanged.connect(self._resized)
        for combo in (self.kind, self.cycle, self.drive, self.category, self.order):
            combo.currentIndexChanged.connect(self.refresh)
        session.frames.changed.connect(self._changed)
        session.frames.alikeFound.connect(partial(self.show_kind, "alike"))
        session.frames.chosenFound.connect(partial(self.show_kind, "chosen"))
        session.projectChanged.connect(self._changed)
        self._resized()

    def _combo(self, name: str, tip: str) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(f"frames_{name}")
        combo.setAccessibleName(tip)
        combo.setToolTip(tip)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        combo.setMaximumWidth(180)
        return combo

    def _lay_out(self) -> None:
        row = FlowRow(spacing=4)
        row.setContentsMargins(8, 4, 8, 4)
        for widget in (
            self.kind,
            self.cycle,
            self.drive,
            self.category,
            self.order,
            self.thumbs,
        ):
            row.addWidget(widget)
        row.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.list, 1)

    def sizeHint(self) -> QSize:
        return QSize(280, 360)

    @property
    def filter(self) -> Filter:
        """What the drop-downs say."""
        return Filter(
            self.kind.currentData() or "all",
            self.cycle.currentData(),
            self.drive.currentData() or "",
            self.category.currentData() or "",
            self.order.currentData() or "time",
        )

    # Following the session

    def _changed(self) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Lists the frames of now."""
        self._offer()
        self.model.reload()
        self.count.setText(
            trf(
                "{0} of {1}",
                number(len(self.model.picks)),
                number(len(self._session.frames.all)),
            )
        )

    def _offer(self) -> None:
        session = self._session
        cycles = [(trf("Cycle {0}", c.number), c.number) for c in session.cycles.all]
        drives = [d.key for d in (*session.footage.drives, *session.footage.evaluation)]
        _fill(self.cycle, [(tr("All cycles"), None), *cycles, (tr("No cycle"), 0)])
        _fill(self.drive, [(tr("All drives"), ""), *((key, key) for key in drives)])
        _fill(
            self.category,
            [(tr("All classes"), ""), *((name, name) for name in session.labels.classes)],
        )
        self.cycle.setVisible(bool(cycles))
        self.drive.setVisible(len(drives) > 1)
        self.category.setVisible(len(session.labels.classes) > 1)

    def _resized(self) -> None:
        name = self.thumbs.currentData()
        settings.put("frames/size", name)
        self._delegate.size = SIZES[name]
        self.list.doItemsLayout()

    def show_kind(self, kind: str) -> None:
        """Lists frames of a kind, whatever their cycle and drive."""
        for combo, name in ((self.kind, kind), (self.cycle, None), (self.drive, "")):
            combo.setCurrentIndex(max(0, combo.findData(name)))
        self.refresh()

    # Asking it

    def entries(self, at: QPoint) -> Sequence[Entry]:
        """What can be done with the frame at a point of the list: it is shown first."""
        index, bench = self.list.indexAt(at), self._bench
        if not index.isValid():
            return ()
        self._go(index)
        entries: list[Entry] = [
            (tr("Play ±3 s"), bench.play_around),
            (tr("Done"), bench.finish),
            (tr("Nothing there"), bench.nothing),
            (tr("Skip"), bench.skip),
            None,
            (tr("Frames like this one"), bench.find_alike),
        ]
        if self._session.cycles.all and self._session.picks.current is None:
            entries += [None, (tr("Add to the picks"), bench.add_pick)]
        return entries

    def _go(self, index: QModelIndex) -> None:
        view = index.data(PICK)
        if isinstance(view, PickView):
            self._bench.playback.stop()
            self._session.playhead.go_to(view.drive, view.drive_frame)

    def _chosen(self, index: QModelIndex) -> None:
        # Arrow keys in the list move on at once.
        if self.list.hasFocus():
            self._go(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self._bench, event):
            super().keyPressEvent(event)


def _fill(combo: QComboBox, items: list[tuple[str, object]]) -> None:
    """Other entries, with the one chosen that was."""
    if [(combo.itemText(n), combo.itemData(n)) for n in range(combo.count())] == items:
        return
    combo.blockSignals(True)
    chosen = combo.currentData()
    combo.clear()
    for text, data in items:
        combo.addItem(text, data)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    combo.blockSignals(False)
