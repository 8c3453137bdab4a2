"""The lines of a chart in a plot of pyqtgraph: curves, legend, the values at the pointer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPen

from framesift_app import theme
from framesift_app.panels.context import Entry
from framesift_app.panels.plotting.axes import Axis
from framesift_app.panels.plotting.field import Field

MARGIN = np.array([0.04, 0.08])
"""What is left free around the curves along x and y, as a share of their extent: dots are
whole."""
LEFT, RIGHT = 6, 12
"""Pixels beside the plot; the last number below it reaches to the right of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: `colour` names a colour of the theme; `marks`: a dot at every point, as where
    there is but one."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str = "accent"
    dashed: bool = False
    marks: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """What the axes are: `percent`: y is a share of 1; `whole_x`: x counts; `logarithmic`:
    both are, else the lower end of y is zero, or below."""

    percent: bool = False
    whole_x: bool = True
    logarithmic: bool = False


class Drawing(QObject):
    """Has a field and draws lines in it; NaNs are gaps. It shows all of them, also while they
    grow, until somebody moves or zooms it."""

    told = Signal(str)
    """The values at the pointer, in words; "" when it is elsewhere."""

    def __init__(self, axes: Axes, entries: Callable[[], Sequence[Entry]]) -> None:
        super().__init__()
        self._logarithmic = axes.logarithmic
        self._lines: tuple[Line, ...] = ()
        self._fitted = True
        self.field = Field(
            Axis("left", percent=axes.percent, lines=True),
            Axis("bottom", whole=axes.whole_x and not axes.logarithmic),
            entries,
            self.fit,
        )
        self.plot = self.field.getPlotItem()
        self.plot.layout.setContentsMargins(LEFT, 0, RIGHT, 0)
        self.plot.setLogMode(x=axes.logarithmic, y=axes.logarithmic)
        self._legend = self.plot.addLegend(offset=(-4, 4), colCount=3, labelTextSize="8pt")
        self._cross = pg.InfiniteLine(angle=90)
        self.field.view.sigRangeChangedManually.connect(self._moved)
        self.field.scene().sigMouseMoved.connect(self._hovered)
        self.field.exited.connect(self._left)
        theme.current().changed.connect(self._dress)
        self._dress()

    def draw(self, lines: tuple[Line, ...]) -> None:
        """Draws these, each with points."""
        self._lines = lines
        for item in tuple(self.plot.items):
            self.plot.removeItem(item)
        self._legend.clear()
        self._left()
        for line in lines:
            self.plot.addItem(self._curve(line))
        self._legend.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)
        self.field.setAccessibleDescription(", ".join(map(self._spell_last, lines)))
        if self._fitted and lines:
            self.fit()

    def write_titled(self, write: Callable[[Any, Path], None], title: str, path: Path) -> None:
        """Has the plot written under a title and with its legend, which stand outside of it in
        the panel."""
        self.plot.setTitle(title, color=theme.colours().text, size="10pt")
        self.plot.layout.activate()
        self._legend.setVisible(len(self._lines) > 1)
        try:
            write(self.plot, path)
        finally:
            self.plot.setTitle(None)
            self._legend.hide()

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

    def _extent(self) -> NDArray[np.float64]:
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
        self.draw(self._lines)

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
            **(marks if line.marks or len(line.points) == 1 else {}),
        )

    # The pointer

    def _hovered(self, at: QPointF) -> None:
        """Tells the values at the nearest x."""
        view = self.field.view
        if not self._lines or not view.sceneBoundingRect().contains(at):
            self._left()
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
        self._cross.setVisible(bool(words))
        self.told.emit(words)

    def _left(self) -> None:
        self._tell("")

    def _spell_last(self, line: Line) -> str:
        x, y = max(line.points, key=lambda point: point[0])
        return f"{line.name} {self.field.axes[1].spell(x)}: {self.field.axes[0].spell(y)}"
