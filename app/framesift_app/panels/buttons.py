"""Buttons of the panels, and how they show that they are on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton

TOOLS = """
QToolButton { border: 1px solid palette(mid); border-radius: 4px; padding: 3px 4px; }
QToolButton:focus { border-color: palette(highlight); }
QToolButton:checked, QPushButton:checked { background: palette(highlight);
  color: palette(highlighted-text); border-color: palette(highlight); }
"""
FLAT = TOOLS.replace("1px solid palette(mid)", "1px solid transparent", 1)
"""For buttons in a bar, without edges until they are on."""


def tool_button(
    text: str, tip: str, action: Callable[[], object], *, stays: bool = True
) -> QToolButton:
    """A button that Tab reaches; `stays`: it stays on until it is clicked again."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setCheckable(stays)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.clicked.connect(lambda: action())
    return button
