# ruff: noqa: N802 (names that Qt gave)
"""The labels panel: what is said about the frame, and the tools to say it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from framesift.boxes import Box
from framesift.labels import FrameLabels
from framesift_app import theme
from framesift_app.panels.buttons import TOOLS, tool_button
from framesift_app.panels.colours import IGNORE, class_colour, scheme
from framesift_app.panels.icons import state_icon, swatch_icon
from framesift_app.panels.key_list import ID, KeyList, Row
from framesift_app.panels.labels.menus import LabelMenus
from framesift_app.panels.labels.proposals import ProposalBox
from framesift_app.panels.labels.track_bar import TrackBar
from framesift_app.panels.labels.weak_bar import WeakBar
from framesift_app.panels.states import STATES
from framesift_app.session import Session
from framesift_app.strings import tr, trf
from framesift_app.workbench import Workbench, keys


class LabelsPanel(QWidget):
    """State of the frame, classes, boxes with attributes, proposals."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._bench = Workbench.of(session)
        self.setObjectName("labels")
        self.setAccessibleName(self.tr("Labels"))
        bench = self._bench
        self.state = QLabel()
        self.state_mark = QLabel()
        self.saving = QLabel()
        self.saving.setProperty("role", "muted")
        self.draw = tool_button(
            self.tr("Draw"),
            self.tr(
                "Draw boxes (B); with Ctrl, or Shift+B, from their centre. Shift takes "
                "a handle of the selected box instead."
            ),
            bench.boxes.toggle_draw,
        )
        self.centre = tool_button(
            self.tr("Centre"),
            self.tr("Draw boxes from their centre (Shift+B)"),
            bench.boxes.toggle_centre,
        )
        self.ignore = tool_button(
            self.tr("Ignore"),
            self.tr(
                "Ignore region (I): the selected box, or the next one drawn, "
                "neither counts nor "
                "trains"
            ),
            bench.boxes.toggle_ignore,
        )
        self.done = tool_button(
            self.tr("✓ Done"),
            self.tr("These boxes are all there are (D, or Space for the next frame)"),
            bench.finish,
            stays=False,
        )
        self.nothing = tool_button(
            self.tr("∅ Nothing"),
            self.tr("There is nothing to label in this frame (N); it trains as such"),
            bench.nothing,
            stays=False,
        )
        self.copy = tool_button(
            self.tr("Copy last"),
            self.tr("Copy the boxes of the frame that was labelled last (C)"),
            bench.copy_last,
            stays=False,
        )
        self.delete = tool_button(
            self.tr("Delete"),
            self.tr("Delete the selected box (Del)"),
            bench.delete,
            stays=False,
        )
        self.weak, self.tracks = WeakBar(bench), TrackBar(bench)
        self.classes = KeyList(bench, self.tr("Classes"), 3, 6)
        self.classes.itemClicked.connect(lambda item: bench.digit(self.classes.row(item) + 1))
        self.boxes = KeyList(bench, self.tr("Boxes of this frame"), 3, 8)
        self.boxes.currentRowChanged.connect(self._box_chosen)
        self.occluded = self._attribute(
            "occluded", self.tr("occluded"), self.tr("Something hides a part of it (O)")
        )
        self.truncated = self._attribute(
            "truncated", self.tr("cut off"), self.tr("The picture's edge cuts it off (T)")
        )
        self.ignored = self._attribute(
            "ignore", self.tr("ignore"), self.tr("Neither counts nor trains (I)")
        )
        self.proposals = ProposalBox(session, bench, self._colour)
        self._menus = LabelMenus(session, bench, self.classes, self.boxes)
        self._lay_out()
        session.journal.saving.connect(self._saving)
        bench.changed.connect(self.refresh)
        theme.current().changed.connect(self.refresh)
        self.setStyleSheet(TOOLS)
        self._saving(False)
        self.refresh()

    # Making it

    def _attribute(
        self, name: Literal["occluded", "truncated", "ignore"], text: str, tip: str
    ) -> QCheckBox:
        box = QCheckBox(text)
        box.setToolTip(tip)
        box.clicked.connect(lambda: self._bench.boxes.toggle(name))
        return box

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.state_mark)
        head.addWidget(self.state, 1)
        head.addWidget(self.saving)
        tools = QGridLayout()
        tools.setSpacing(4)
        for place, button in enumerate(
            (
                self.draw,
                self.centre,
                self.ignore,
                self.delete,
                self.copy,
                self.nothing,
                self.done,
            )
        ):
            tools.addWidget(button, place // 3, place % 3, 1, 3 if place == 6 else 1)
        attributes = QHBoxLayout()
        for box in (self.occluded, self.truncated, self.ignored):
            attributes.addWidget(box)
        attributes.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(5)
        column.addLayout(head)
        column.addLayout(tools)
        column.addWidget(self.weak)
        column.addWidget(self.tracks)
        column.addWidget(self.classes)
        column.addWidget(self.boxes, 2)
        column.addLayout(attributes)
        column.addWidget(self.proposals, 1)

    def sizeHint(self) -> QSize:
        return QSize(280, 420)

    # Following

    def _saving(self, on: bool) -> None:
        self.saving.setText(self.tr("saving …") if on else "")

    def refresh(self) -> None:
        """Shows the frame's labels, as they are while a gesture runs."""
        bench, editor = self._bench, self._bench.boxes.editor
        labels = editor.labels
        frame = bench.key is not None
        self._show_state(labels, frame)
        for button, tool in (
            (self.draw, "draw"),
            (self.centre, "centre"),
            (self.ignore, "ignore"),
        ):
            button.setChecked(bench.boxes.tool == tool)
            button.setEnabled(frame)
        for button in (self.nothing, self.copy):
            button.setEnabled(bench.editable)
        self.nothing.setEnabled(bench.editable and labels.state != "nothing")
        weakly = labels.state == "unseen" and bool(labels.weak or bench.boxes.tool == "tags")
        self.done.setEnabled(bench.editable and (labels.state == "started" or weakly))
        box = editor.box()
        self.delete.setEnabled(bench.editable and box is not None)
        self._show_classes(labels)
        self.boxes.fill(
            [
                self._row(number, box)
                for number, box in zip(labels.ids, labels.boxes, strict=True)
            ],
            editor.selected,
        )
        for check, on in (
            (self.occluded, box is not None and box.occluded),
            (self.truncated, box is not None and box.truncated),
            (self.ignored, box is not None and box.ignore),
        ):
            check.setEnabled(bench.editable and box is not None)
            check.setChecked(on)
        self.proposals.refresh()

    def _show_state(self, labels: FrameLabels, frame: bool) -> None:
        colours = scheme()
        state = self._session.labels.state_of(labels)
        if not frame:
            self.state.setText(self.tr("No frame"))
            self.state_mark.clear()
            return
        if state in ("labelled", "started"):
            words = (
                self.tr("1 box")
                if len(labels.boxes) == 1
                else (self.tr("{0} boxes").format(len(labels.boxes)))
            )
            self.state.setText(f"{tr(STATES[state])} · {words}".lstrip("✓◐ "))
        else:
            points = len(labels.weak.points)
            words = tr(STATES[state]).lstrip("∅⤼◇ ")
            self.state.setText(trf("{0} · {1} points", words, points) if points else words)
        ground = self.palette().color(self.backgroundRole())
        self.state_mark.setPixmap(state_icon(state, colours.state(state), ground).pixmap(16))

    def _show_classes(self, labels: FrameLabels) -> None:
        rows: list[Row] = []
        current = None
        classes, tags = self._session.labels.classes, dict(labels.weak.tags)
        for number, name in enumerate(classes):
            count = sum(box.category == name and not box.ignore for box in labels.boxes)
            digit = f"{number + 1}  " if number < 9 else "    "
            if name in tags:
                digit = f"{'✓' if tags[name] else '∅'} {digit}"
            words = f"{digit}{name}" + (f"  ×{count}" if count else "")
            tip = self.tr(
                "Boxes drawn now, and the selected one, are of this class ({0})"
            ).format(number + 1)
            rows.append(
                (
                    number,
                    words,
                    swatch_icon(self._colour(name)),
                    tip,
                )
            )
            if name == self._bench.boxes.editor.category:
                current = number
        self.classes.fill(rows, current)

    def _colour(self, category: str) -> QColor:
        labels = self._session.labels
        return class_colour(category, labels.classes, labels.colors)

    def _row(self, number: int, box: Box) -> tuple[int, str, QIcon, str]:
        marks = [
            word
            for word, on in (
                (self.tr("occluded"), box.occluded),
                (self.tr("cut off"), box.truncated),
            )
            if on
        ]
        name = self.tr("ignore region") if box.ignore else box.category
        if box.track is not None:
            name = f"{name} #{box.track}"
        words = f"{name}  {box.width:.0f}×{box.height:.0f}"
        if marks:
            words += "  · " + ", ".join(marks)
        colour = IGNORE if box.ignore else self._colour(box.category)
        pattern = Qt.BrushStyle.BDiagPattern if box.ignore else Qt.BrushStyle.SolidPattern
        tip = self.tr("x {0:.1f}–{1:.1f}, y {2:.1f}–{3:.1f} pixels").format(
            box.x1, box.x2, box.y1, box.y2
        )
        return number, words, swatch_icon(colour, pattern), tip

    # Asking

    def _box_chosen(self, row: int) -> None:
        item = self.boxes.item(row) if row >= 0 else None
        self._bench.boxes.select(None if item is None else item.data(ID))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self._bench, event):
            super().keyPressEvent(event)
