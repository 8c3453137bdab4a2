"""A small line chart: axes, a few curves, a legend. For curves of up to some thousand points;
the timeline has its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPen
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
from framesift_app.panels.plotting.axes import Axis
from framesift_app.panels.plotting.field import Field
from framesift_app.panels.plotting.saving import (
    Saving,
    write_drawing,
    write_picture,
    write_values,
)
from framesift_app.session.messages import Messages
from framesift_app.strings import tr

MARGIN = 0.03
"""What is left free around the curves, as a share of their extent."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: `colour` names a colour of the theme; `marks`: a dot at every point."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str = "accent"
    dashed: bool = False
    marks: bool = False


class Chart(QWidget):
    """Draws lines; NaNs are gaps. Empty, it says why. It shows all of them, also while they
    grow, until somebody moves or zooms it."""

    def __init__(
        self,
        title: str,
        empty: str,
        messages: Messages,
        *,
        percent: bool = False,
        whole_x: bool = True,
        logarithmic: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`logarithmic`: both axes are; else the lower end of y is zero, or below."""
        super().__init__(parent)
        self._logarithmic = logarithmic
        self._lines: tuple[Line, ...] = ()
        self._fitted = True
        self._title, self._told = QLabel(title), QLabel()
        self._empty = QLabel(empty)
        self.field = Field(
            Axis("left", percent=percent, lines=True),
            Axis("bottom", whole=whole_x and not logarithmic),
            self._entries,
            self.fit,
        )
        self._plot = self.field.getPlotItem()
        self._plot.setLogMode(x=logarithmic, y=logarithmic)
        self._legend = self._plot.addLegend(offset=(-4, 4), colCount=3, labelTextSize="8pt")
        self._cross = pg.InfiniteLine(angle=90)
        self.saving = Saving(self, messages, title)
        self.saving.add("png", partial(self._with_title, write_picture))
        self.saving.add("svg", partial(self._with_title, write_drawing))
        self.saving.add("csv", partial(write_values, self._plot))
        self._lay_out(title)
        self.field.view.sigRangeChangedManually.connect(self._moved)
        self.field.scene().sigMouseMoved.connect(self._hovered)
        self.field.exited.connect(partial(self._tell, ""))
        theme.current().changed.connect(self._dress)
        self._dress()

    def _lay_out(self, title: str) -> None:
        for label in (self._told, self._empty):
            label.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(16, 0, 16, 0)
        for label in (self._title, self._told):
            # Words that do not fit are cut, they never widen the panel.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._told.setAlignment(Qt.AlignmentFlag.AlignRight)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 0)
        head.addWidget(self._title, 3)
        head.addWidget(self._told, 2)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        self.setMinimumSize(160, 84)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        self.field.setAccessibleName(title)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt)
        return QSize(240, 150)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is drawn."""
        return self._lines

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draws these."""
        lines = tuple(line for line in lines if len(line.points))
        if lines != self._lines:
            self._lines = lines
            self._draw()

    def fit(self) -> None:
        """Shows everything, from now on."""
        self._fitted = True
        low, high = self._extent()
        margin = MARGIN * (high - low)
        low, high = low - margin, high + margin
        if not self._logarithmic:
            low[1] += margin[1]
        x, y = (low[0], high[0]), (low[1], high[1])
        self.field.view.setLimits(xMin=x[0], xMax=x[1], yMin=y[0], yMax=y[1])
        self.field.view.setRange(xRange=x, yRange=y, padding=0)

    def _moved(self) -> None:
        self._fitted = False

    def _extent(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """The least and the largest (x, y), as the axes count."""
        points = np.array([point for line in self._lines for point in line.points], np.float64)
        if self._logarithmic:
            points = np.log10(np.where(points > 0, points, np.nan))
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return np.array([[0.0, 0.0], [1.0, 1.0]])
        low, high = points.min(axis=0), points.max(axis=0)
        if not self._logarithmic:
            low[1] = min(0.0, low[1])
        flat = high <= low
        low[0] -= flat[0]
        high += flat * np.array([1.0, abs(low[1]) or 1.0])
        return np.stack([low, high])

    # Drawing

    def _dress(self) -> None:
        colours = theme.colours()
        self.field.setBackground(QColor(colours.background))
        for axis in self.field.axes:
            axis.dress()
        self._cross.setPen(QPen(QColor(colours.muted), 1))
        ground = QColor(colours.background)
        ground.setAlpha(200)
        self._legend.setBrush(ground)
        self._legend.setLabelTextColor(QColor(colours.muted))
        self._draw()

    def _draw(self) -> None:
        for item in tuple(self._plot.items):
            self._plot.removeItem(item)
        self._legend.clear()
        self._tell("")
        self._stack.setCurrentIndex(1 if self._lines else 0)
        for line in self._lines:
            self._plot.addItem(self._curve(line))
        self._legend.setVisible(len(self._lines) > 1)
        self._plot.addItem(self._cross, ignoreBounds=True)
        self.field.setAccessibleDescription(
            ", ".join(
                self._spell_point(line, max(line.points, key=lambda p: p[0]))
                for line in self._lines
            )
        )
        if self._fitted and self._lines:
            self.fit()

    def _curve(self, line: Line) -> pg.PlotDataItem:
        colour = QColor(getattr(theme.colours(), line.colour))
        style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
        pen = QPen(colour, 1.8, style)
        # Else its width counts in the units of the axes.
        pen.setCosmetic(True)
        marks = {"symbol": "o", "symbolSize": 7, "symbolBrush": colour, "symbolPen": None}
        x, y = np.array(line.points, np.float64).T
        return pg.PlotDataItem(
            x,
            y,
            pen=pen,
            name=line.name,
            connect="finite",
            antialias=True,
            **(marks if line.marks else {}),
        )

    # The pointer

    def _hovered(self, at: QPointF) -> None:
        """Tells the values at the nearest x."""
        view = self.field.view
        if not self._lines or not view.sceneBoundingRect().contains(at):
            self._tell("")
            return
        x = view.mapSceneToView(at).x()
        x = 10.0**x if self._logarithmic else x
        nearest = [min(line.points, key=lambda p: abs(p[0] - x)) for line in self._lines]
        there = min((point[0] for point in nearest), key=lambda value: abs(value - x))
        self._cross.setPos(math.log10(max(there, 1e-12)) if self._logarithmic else there)
        self._tell(
            f"{self.field.axes[1].spell(there)}: "
            + ", ".join(
                self.field.axes[0].spell(point[1]) for point in nearest if point[0] == there
            )
        )

    def _tell(self, words: str) -> None:
        self._told.setText(words)
        self._told.setVisible(bool(words))
        self._cross.setVisible(bool(words))

    def _spell_point(self, line: Line, point: tuple[float, float]) -> str:
        bottom, left = self.field.axes[1], self.field.axes[0]
        return f"{line.name} {bottom.spell(point[0])}: {left.spell(point[1])}"

    # The menu

    def _entries(self) -> Sequence[Entry]:
        return [(tr("Fit"), self.fit), None, *self.saving.entries()]

    def _with_title(self, write: Callable[[Any, Path], None], path: Path) -> None:
        """Writes the plot under its title, which stands outside of it in the panel."""
        self._plot.setTitle(self._title.text(), color=theme.colours().text, size="10pt")
        self._plot.layout.activate()
        try:
            write(self._plot, path)
        finally:
            self._plot.setTitle(None)
