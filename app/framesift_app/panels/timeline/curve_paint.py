"""Painting a series: as an envelope, or as a line with its points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen, QPolygonF

from framesift.series.value_scale import ValueScale
from framesift_app.panels.timeline.curves import Columns, Curve, Points
from framesift_app.panels.timeline.paint import LANE, density
from framesift_app.panels.timeline.scale import FrameScale

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NOTCH = 4.0
"""Height of a mark where a curve is lower than its row, and half its width."""


def ground_of(area: QRectF) -> tuple[float, float]:
    """Where the bottom of a row's values lies, and by how much its top is higher."""
    return area.bottom() - 1.5, area.height() - LANE - 4


def paint_curve(
    painter: QPainter,
    area: QRectF,
    scale: FrameScale,
    curve: Curve,
    values: ValueScale,
    colour: QColor,
    width: float,
    *,
    dashed: bool = False,
) -> None:
    """A series: as its envelope where a column holds several frames, else as a line. Where it
    is lower than the row, it goes along the ground and a mark says so."""
    if (scale.stop - scale.start) > area.width() / 4:
        _paint_filled(painter, area, scale, curve, values, colour, width)
    else:
        _paint_line(painter, area, scale, curve, values, colour, width, dashed)
    if curve.lowest < values.below:
        _paint_below(painter, area, scale, curve, values.below, colour)


def _paint_line(
    painter: QPainter,
    area: QRectF,
    scale: FrameScale,
    curve: Curve,
    values: ValueScale,
    colour: QColor,
    width: float,
    dashed: bool,
) -> None:
    pen = QPen(colour, width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    points = curve.points(scale.start, scale.stop)
    dots = (scale.stop - scale.start) * 8 < area.width()
    for line, single in _lines(points, scale, area, values):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not single:
            painter.drawPolyline(line)
        if single or dots:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for i in range(line.size()):
                painter.drawEllipse(line.at(i), width + 0.4, width + 0.4)


def _paint_filled(
    painter: QPainter,
    area: QRectF,
    scale: FrameScale,
    curve: Curve,
    values: ValueScale,
    colour: QColor,
    width: float,
) -> None:
    """Every column filled from its lowest to its highest value. Made as a picture: Qt takes
    a hundred times as long for a polygon with thousands of corners."""
    ratio = density(painter)
    count, rows = int(area.width() * ratio), int(area.height() * ratio)
    if count < 1 or rows < 1:
        return
    if (scale.stop - scale.start) > count:
        at, low, high = _bridged(curve.columns(scale.start, scale.stop, count))
    else:
        at, low, high = _spread(curve.points(scale.start, scale.stop), scale, count)
    if not len(at):
        return
    upper = (_heights(high, area, values) - width / 2 - area.top()) * ratio
    lower = (_heights(low, area, values) + width / 2 - area.top()) * ratio
    if painter.paintEngine().type() == QPaintEngine.Type.SVG:
        _paint_polygons(painter, area, at, upper, lower, ratio, colour)
        return
    coverage = np.zeros((rows, count), np.float32)
    y = np.arange(rows, dtype=np.float32)[:, None]
    coverage[:, at] = np.clip(
        np.minimum(y + 1, lower.astype(np.float32)) - np.maximum(y, upper.astype(np.float32)),
        0,
        1,
    )
    pixels = np.empty((rows, count, 4), np.uint8)
    for channel, value in enumerate((colour.blue(), colour.green(), colour.red(), 255)):
        np.multiply(coverage, value, out=pixels[:, :, channel], casting="unsafe")
    image = QImage(
        pixels.data, count, rows, 4 * count, QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(area.left(), area.top()), image)


def _heights(of: Floats, area: QRectF, values: ValueScale) -> Floats:
    """Where values lie; those that are lower than the row, on its ground."""
    ground, height = ground_of(area)
    return np.asarray(ground - height * values.shares(of), np.float64)


def _paint_below(
    painter: QPainter,
    area: QRectF,
    scale: FrameScale,
    curve: Curve,
    below: float,
    colour: QColor,
) -> None:
    """Marks on the ground, pointing down, where a curve is lower than a value; one for all
    that would overlap."""
    count = max(1, int(area.width() / NOTCH / 2))
    if scale.stop - scale.start > count:
        columns = curve.columns(scale.start, scale.stop, count)
        wide, there = scale.width / count, columns.at[columns.low < below]
        places = [scale.left + (at + 0.5) * wide for at in there.tolist()]
    else:
        points = curve.points(scale.start, scale.stop)
        places = [scale.x(frame) for frame in points.at[points.values < below].tolist()]
    for x in places:
        paint_notch(painter, x, area.bottom(), colour)


def paint_notch(painter: QPainter, x: float, y: float, colour: QColor) -> None:
    """A mark that points down to a place."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    corners = [(x - NOTCH, y - NOTCH), (x + NOTCH, y - NOTCH), (x, y)]
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


def _paint_polygons(
    painter: QPainter,
    area: QRectF,
    at: Ints,
    upper: Floats,
    lower: Floats,
    ratio: float,
    colour: QColor,
) -> None:
    """The same as polygons: slow, but a drawing has no pixels."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    x = area.left() + (at + 0.5) / ratio
    for part in np.split(np.arange(len(at)), np.flatnonzero(np.diff(at) > 1) + 1):
        around = np.concatenate([part, part[::-1]])
        y = np.concatenate([upper[part], lower[part[::-1]]]) / ratio + area.top()
        corners = zip(x[around].tolist(), y.tolist(), strict=True)
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


def _bridged(columns: Columns) -> tuple[Ints, Floats, Floats]:
    """Columns made to touch: gaps are filled along the line, neighbours reach halfway."""
    at, low, high, breaks = columns.at, columns.low, columns.high, columns.breaks
    if len(at) < 2:
        return at, low, high
    middle = (low + high) / 2
    every = np.arange(at[0], at[-1] + 1)
    lows, highs = np.interp(every, at, middle), np.interp(every, at, middle)
    lows[at - at[0]], highs[at - at[0]] = low, high
    whole = np.ones(len(every), np.bool_)
    for place in breaks.tolist():
        whole[at[place - 1] + 1 - at[0] : at[place] - at[0]] = False
    up, down = lows.copy(), highs.copy()
    joined = whole[1:] & whole[:-1]
    joined[at[breaks] - at[0] - 1] = False
    half = (lows[1:] + highs[:-1]) / 2
    down[:-1] = np.where(joined & (lows[1:] > highs[:-1]), half, down[:-1])
    up[1:] = np.where(joined & (lows[1:] > highs[:-1]), half, up[1:])
    half = (highs[1:] + lows[:-1]) / 2
    up[:-1] = np.where(joined & (highs[1:] < lows[:-1]), np.minimum(up[:-1], half), up[:-1])
    down[1:] = np.where(joined & (highs[1:] < lows[:-1]), np.maximum(down[1:], half), down[1:])
    return every[whole], up[whole], down[whole]


def _spread(points: Points, scale: FrameScale, count: int) -> tuple[Ints, Floats, Floats]:
    """A line as columns: from where it enters each to where it leaves."""
    per_frame = count / (scale.stop - scale.start)
    columns, lows, highs = [], [], []
    for at, values in zip(
        np.split(points.at, points.breaks), np.split(points.values, points.breaks), strict=True
    ):
        if not len(at):
            continue
        x = (at + 0.5 - scale.start) * per_frame
        first = max(0, int(np.floor(x[0])))
        last = min(count - 1, int(np.ceil(x[-1])) - 1 if len(at) > 1 else int(x[-1]))
        if last < first:
            continue
        edges = np.interp(np.arange(first, last + 2), x, values)
        columns.append(np.arange(first, last + 1))
        lows.append(np.minimum(edges[1:], edges[:-1]))
        highs.append(np.maximum(edges[1:], edges[:-1]))
    if not columns:
        nothing = np.zeros(0)
        return np.zeros(0, np.int64), nothing, nothing
    return np.concatenate(columns), np.concatenate(lows), np.concatenate(highs)


def _lines(
    points: Points, scale: FrameScale, area: QRectF, values: ValueScale
) -> list[tuple[QPolygonF, bool]]:
    per_frame = scale.width / (scale.stop - scale.start)
    lines = []
    for at, part in zip(
        np.split(points.at, points.breaks), np.split(points.values, points.breaks), strict=True
    ):
        if len(at):
            x = scale.left + (at + 0.5 - scale.start) * per_frame
            y = _heights(part, area, values)
            line = QPolygonF(
                [QPointF(*corner) for corner in zip(x.tolist(), y.tolist(), strict=True)]
            )
            lines.append((line, len(at) == 1))
    return lines
