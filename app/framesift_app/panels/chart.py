"""A small line chart: axes, a few curves, a legend. For curves of up to some thousand points;
the timeline has its own."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from framesift_app import theme
from framesift_app.panels.context import Entry
from framesift_app.panels.plotting.drawing import Axes, Drawing, Line
from framesift_app.panels.plotting.saving import (
    Saving,
    write_drawing,
    write_picture,
    write_values,
)
from framesift_app.session.messages import Messages
from framesift_app.strings import tr

if TYPE_CHECKING:
    from framesift_app.panels.plotting.field import Field

EMPTY_HIGH, DRAWN_HIGH = 84, 140
"""The least height in pixels: of words, and of a plot whose ticks are apart."""
DASH = {False: "━", True: "╍"}
"""How a line looks in the legend, by whether it is dashed."""


class Chart(QWidget):
    """Draws lines under a title; empty, it says why. The plot is made with the first line:
    new projects have none, and it is what takes time."""

    def __init__(
        self,
        title: str,
        empty: str,
        messages: Messages,
        axes: Axes | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._axes = axes or Axes()
        self.lines: tuple[Line, ...] = ()
        self._title, self._told = QLabel(title), QLabel()
        self._empty, self._legend = QLabel(empty), QLabel()
        self.saving = Saving(self, messages, title)
        self.saving.add("png", partial(self._write, write_picture))
        self.saving.add("svg", partial(self._write, write_drawing))
        self.saving.add("csv", lambda path: write_values(self._drawing.plot, path))
        self._lay_out(title)
        theme.current().changed.connect(self._explain)

    def _lay_out(self, title: str) -> None:
        for label in (self._told, self._empty, self._legend):
            label.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(16, 0, 16, 0)
        for label in (self._title, self._told, self._legend):
            # Words that do not fit are cut, they never widen the panel.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._told.setAlignment(Qt.AlignmentFlag.AlignRight)
        # The line is the title's as long as no values are told.
        self._told.hide()
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 0)
        head.addWidget(self._title, 3)
        head.addWidget(self._told, 2)
        # Names go on in the next line.
        self._legend.setWordWrap(True)
        policy = self._legend.sizePolicy()
        policy.setHeightForWidth(True)
        self._legend.setSizePolicy(policy)
        self._legend.setContentsMargins(8, 0, 8, 0)
        self._legend.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._legend)
        column.addWidget(self._stack, 1)
        self.setMinimumSize(160, EMPTY_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt)
        return QSize(240, 150)

    @cached_property
    def _drawing(self) -> Drawing:
        made = Drawing(self._axes, self._entries)
        made.setParent(self)
        made.field.setAccessibleName(self.accessibleName())
        made.told.connect(self._tell)
        self._stack.addWidget(made.field)
        return made

    @property
    def field(self) -> Field:
        """Where the lines are drawn."""
        return self._drawing.field

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draws these."""
        lines = tuple(line for line in lines if len(line.points))
        if lines == self.lines:
            return
        self.lines = lines
        self._drawing.draw(lines)
        self._explain()
        self._stack.setCurrentWidget(self.field if lines else self._empty)
        self.setMinimumHeight(DRAWN_HIGH if lines else EMPTY_HIGH)

    def _explain(self) -> None:
        """Says which line is which, where there are several."""
        colours = theme.colours()
        self._legend.setText(
            " &nbsp; ".join(
                f"<b style='color:{getattr(colours, line.colour)}'>{DASH[line.dashed]}</b>"
                f"&nbsp;{html.escape(line.name).replace(' ', '&nbsp;')}"
                for line in self.lines
            )
        )
        self._legend.setToolTip(self._legend.text())
        self._legend.setVisible(len(self.lines) > 1)

    def _tell(self, words: str) -> None:
        self._told.setText(words)
        self._told.setVisible(bool(words))

    def _entries(self) -> Sequence[Entry]:
        return [(tr("Fit"), self._drawing.fit), None, *self.saving.entries()]

    def _write(self, write: Callable[[Any, Path], None], path: Path) -> None:
        self._drawing.write_titled(write, self._title.text(), path)
