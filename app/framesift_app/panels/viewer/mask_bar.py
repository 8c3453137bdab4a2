"""What to do while a camera's mask is drawn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from framesift_app.panels.buttons import FLAT
from framesift_app.workbench import Workbench
from framesift_app.workbench.mask_editing import MaskTool


class MaskBar(QFrame):
    """Rectangle or polygon, take back, cancel, keep."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.rectangle = self._button(self.tr("Rectangle"), lambda: self._tool("rectangle"))
        self.polygon = self._button(self.tr("Polygon"), lambda: self._tool("polygon"))
        self.rectangle.setCheckable(True)
        self.polygon.setCheckable(True)
        self.remove = self._button(self.tr("Remove last"), bench.delete)
        self.cancel = self._button(self.tr("Cancel"), lambda: bench.mask.end(keep=False))
        self.keep = self._button(self.tr("Keep mask"), lambda: bench.mask.end(keep=True))
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self.rectangle, self.polygon, self.remove, self.cancel, self.keep):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addLayout(row)
        bench.changed.connect(self.refresh)
        self.setStyleSheet(FLAT)
        self.refresh()

    def _button(self, text: str, action: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda: action())
        return button

    def _tool(self, tool: MaskTool) -> None:
        if self._bench.mask.editor is not None:
            self._bench.mask.editor.cancel()
            self._bench.mask.editor.tool = tool
        self._bench.changed.emit()

    def refresh(self) -> None:
        mask = self._bench.mask.editor
        self.setVisible(mask is not None)
        if mask is None:
            return
        self.rectangle.setChecked(mask.tool == "rectangle")
        self.polygon.setChecked(mask.tool == "polygon")
        self.remove.setEnabled(bool(mask.shapes or mask.corners))
        how = (
            self.tr("Drag rectangles over what shall not count.")
            if mask.tool == "rectangle"
            else self.tr("Click the corners; a double click or Enter closes the shape.")
        )
        self.words.setText(
            how
            + " "
            + self.tr(
                "The mask holds for all footage of {0}×{1}; its scores are made anew."
            ).format(int(mask.width), int(mask.height))
        )
