"""Tools for labels that cost less than boxes."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from framesift_app.panels.buttons import tool_button
from framesift_app.strings import tr
from framesift_app.workbench import Workbench


class WeakBar(QWidget):
    """A button for each of them; the one in hand is on."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench, weak = bench, bench.weak
        self.buttons: dict[str, QToolButton] = {
            "point": tool_button(
                tr("Points"),
                tr("A click near the center of each object (Q)"),
                lambda: weak.toggle("point"),
            ),
            "extremes": tool_button(
                tr("4 clicks"),
                tr("Four clicks at an object's extremes are its box (W)"),
                lambda: weak.toggle("extremes"),
            ),
            "verify": tool_button(
                tr("Verify"),
                tr("Say of each proposal whether it is right: Enter or X (V)"),
                lambda: weak.toggle("verify"),
            ),
            "tags": tool_button(
                tr("Tags"),
                tr("Digits say which classes the picture shows, D that it shows no others (R)"),
                lambda: weak.toggle("tags"),
            ),
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in self.buttons.values():
            row.addWidget(button)
        bench.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows which one is in hand."""
        for tool, button in self.buttons.items():
            button.setChecked(self._bench.boxes.tool == tool)
            button.setEnabled(self._bench.key is not None)
