# ruff: noqa: N802, N803 (names that pyqtgraph gave)
"""The axes of charts: whole numbers, shares, powers of ten, in the theme's colours."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from framesift_app import theme


class Axis(pg.AxisItem):
    """`percent`: shares of 1 are told per cent; `whole`: there is nothing between whole
    numbers; `lines`: its ticks are drawn across the plot."""

    def __init__(
        self, side: str, *, percent: bool = False, whole: bool = False, lines: bool = False
    ) -> None:
        super().__init__(side)
        self._percent, self._whole, self._lines = percent, whole, lines
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=0, maxTickLevel=0, maxTextLevel=0, tickTextOffset=6)
        self.dress()

    def dress(self) -> None:
        """Takes the colours of now."""
        colours = theme.colours()
        self.setPen(QPen(QColor(colours.grid), 1))
        self.setTextPen(QPen(QColor(colours.muted)))
        if self._lines:
            self.setGrid(255)

    def tickSpacing(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, float]] | None:
        levels = super().tickSpacing(minVal, maxVal, size)
        if not self._whole or levels is None:
            return levels
        return [(max(1.0, round(step)), offset) for step, offset in levels]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if not self.logMode:
            return [self.spell(value) for value in values]
        shown = [10.0**value for value in values]
        told = [f"{value:.0e}"[0] in "125" for value in shown]
        # Within a decade there may be none of these.
        every = sum(told) < 2
        return [
            self.spell(value) if every or tell else ""
            for value, tell in zip(shown, told, strict=True)
        ]

    def spell(self, value: float) -> str:
        """A value of this axis, in words."""
        return f"{100 * value:.3g} %" if self._percent else f"{value:.4g}"
