"""The proposals of a frame: from which score on, which ones, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from framesift_app.panels.buttons import tool_button
from framesift_app.panels.icons import swatch_icon
from framesift_app.panels.key_list import ID, KeyList, Row
from framesift_app.session import Session
from framesift_app.workbench import Workbench


class ProposalBox(QWidget):
    """A list of proposals, and buttons that decide on them. `colour`: that of a class."""

    def __init__(
        self, session: Session, bench: Workbench, colour: Callable[[str], QColor]
    ) -> None:
        super().__init__()
        self._session, self._bench, self._colour = session, bench, colour
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.least = QSlider(Qt.Orientation.Horizontal)
        self.least.setRange(5, 95)
        self.least.setPageStep(10)
        self.least.setAccessibleName(self.tr("Least score of the proposals"))
        self.least.setToolTip(self.tr("Offer proposals from this score on"))
        self.least.valueChanged.connect(lambda v: session.proposals.set_least(v / 100))
        self.least_words = QLabel()
        self.list = KeyList(bench, self.tr("Proposals of the detector"), 2, 6)
        self.list.currentRowChanged.connect(self._proposal_chosen)
        self.accept = tool_button(
            self.tr("⏎ Accept"),
            self.tr("The proposal becomes a label (Enter)"),
            bench.accept,
            stays=False,
        )
        self.accept_all = tool_button(
            self.tr("⇧⏎ All"),
            self.tr("All proposals become labels (Shift+Enter)"),
            bench.proposals.accept_all,
            stays=False,
        )
        self.reject = tool_button(
            self.tr("X Reject"),
            self.tr("The proposal is wrong (X; Shift+X all of them)"),
            bench.reject,
            stays=False,
        )
        self._lay_out()

    def _lay_out(self) -> None:
        decide = QHBoxLayout()
        decide.setSpacing(4)
        for button in (self.accept, self.accept_all, self.reject):
            decide.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        threshold = QHBoxLayout()
        threshold.setSpacing(6)
        threshold.addWidget(self.title, 1)
        threshold.addWidget(self.least_words)
        threshold.addWidget(self.least, 1)
        column.addLayout(threshold)
        column.addWidget(self.list, 1)
        column.addLayout(decide)

    def refresh(self) -> None:
        """Shows the proposals of the frame."""
        bench = self._bench
        verifying = bench.boxes.tool == "verify"
        self.accept.setText(self.tr("⏎ Yes") if verifying else self.tr("⏎ Accept"))
        self.reject.setText(self.tr("X No") if verifying else self.tr("X Reject"))
        proposals, chosen = bench.proposals.all(), bench.proposals.current()
        on = bool(proposals) and bench.editable
        self.title.setText(
            self.tr("No proposals")
            if not proposals
            else self.tr("1 proposal")
            if len(proposals) == 1
            else self.tr("{0} proposals").format(len(proposals))
        )
        self.least.blockSignals(True)
        self.least.setValue(round(100 * self._session.proposals.least))
        self.least.blockSignals(False)
        self.least_words.setText(f"≥ {self._session.proposals.least:.2f}")
        rows: list[Row] = []
        for proposal in proposals:
            box = proposal.box
            colour = self._colour(box.category)
            rows.append(
                (
                    proposal.id,
                    f"{proposal.score:.2f}  {box.category}  {box.width:.0f}×{box.height:.0f}",
                    swatch_icon(colour, Qt.BrushStyle.Dense4Pattern),
                    "",
                )
            )
        self.list.fill(rows, None if chosen is None else chosen.id)
        self.list.setVisible(bool(proposals))
        for button in (self.accept, self.accept_all, self.reject):
            button.setEnabled(on)

    def _proposal_chosen(self, row: int) -> None:
        item = self.list.item(row) if row >= 0 else None
        if item is not None:
            self._bench.proposals.choose(item.data(ID))
