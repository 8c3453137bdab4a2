"""Painting one drive's row of the timeline."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap, QPolygonF

from framesift_app.blocking import CODES, Blocking
from framesift_app.panels.colours import Scheme, scheme
from framesift_app.panels.timeline.curves import Curve, Points

LANE = 14
"""Height of the strip above the curves where the picks are marked."""
TILE = 8
"""Side of the patterns of the bands, pixels."""
Brush = Qt.BrushStyle
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """Which frames [start, stop) lie where: from x = left over `width` pixels."""

    start: float
    stop: float
    left: float
    width: float

    def x(self, frame: float) -> float:
        """Where a frame's middle lies."""
        return self.left + (frame + 0.5 - self.start) * self.width / (self.stop - self.start)

    def frame(self, x: float) -> int:
        """The frame under a place."""
        share = (x - self.left) / max(1.0, self.width)
        return int(np.floor(self.start + share * (self.stop - self.start)))


def brush(code: int, colours: Scheme) -> QBrush:
    """How a rule's bands look: by pattern as well as by colour."""
    if code == CODES["delta1"]:
        return QBrush(colours.delta1)
    if code in (CODES["delta2"], CODES["taken"]):
        return QBrush(
            colours.delta2,
            Brush.SolidPattern if code == CODES["taken"] else Brush.Dense4Pattern,
        )
    return QBrush(
        colours.alike, Brush.BDiagPattern if code == CODES["look-alike"] else Brush.FDiagPattern
    )


def paint_bands(
    painter: QPainter, area: QRectF, window: Window, blocked: Blocking, colours: Scheme
) -> None:
    """What rules block, column by column. Made as a picture: hundreds of patterned fields
    take Qt too long."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    count, rows = int(area.width() * ratio), int((area.height() - LANE) * ratio)
    if count < 1 or rows < 1:
        return
    codes = blocked.columns(window.start, window.stop, count)
    shown = np.flatnonzero(codes)
    if not len(shown):
        return
    pixels = np.zeros((rows, count), np.uint32)
    pixels[:, shown] = _tiles(colours.dark)[
        codes[shown][None, :], np.arange(rows)[:, None] % TILE, shown[None, :] % TILE
    ]
    image = QImage(
        pixels.data, count, rows, 4 * count, QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(area.left(), area.top() + LANE), image)


@functools.lru_cache(maxsize=2)
def _tiles(dark: bool) -> NDArray[np.uint32]:
    """The patterns of all rules: code × TILE × TILE premultiplied pixels; 0 is clear."""
    colours = scheme()
    assert colours.dark == dark
    tiles = np.zeros((len(CODES) + 1, TILE, TILE), np.uint32)
    for code in CODES.values():
        image = QImage(TILE, TILE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.fillRect(0, 0, TILE, TILE, brush(code, colours))
        painter.end()
        tiles[code] = np.frombuffer(image.constBits(), np.uint32).reshape(TILE, TILE)
    return tiles


def paint_curve(
    painter: QPainter,
    area: QRectF,
    window: Window,
    curve: Curve,
    top: float,
    colour: QColor,
    width: float,
    *,
    dashed: bool = False,
) -> None:
    """A series: as its envelope where a column holds several frames, else as a line."""
    ground, height = area.bottom() - 1.5, area.height() - LANE - 4
    factor = height / top if top > 0 else 0.0
    if (window.stop - window.start) > area.width() / 4:
        _paint_filled(painter, area, window, curve, ground, factor, colour, width)
        return
    pen = QPen(colour, width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    points = curve.points(window.start, window.stop)
    dots = (window.stop - window.start) * 8 < area.width()
    for line, single in _lines(points, window, ground, factor):
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
    window: Window,
    curve: Curve,
    ground: float,
    factor: float,
    colour: QColor,
    width: float,
) -> None:
    """Every column filled from its lowest to its highest value. Made as a picture: Qt takes
    a hundred times as long for a polygon with thousands of corners."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    count, rows = int(area.width() * ratio), int(area.height() * ratio)
    if count < 1 or rows < 1:
        return
    if (window.stop - window.start) > count:
        found = curve.columns(window.start, window.stop, count)
        at, low, high, breaks = found.at, found.low, found.high, found.breaks
        at, low, high = _bridged(at, low, high, breaks)
    else:
        at, low, high = _spread(curve.points(window.start, window.stop), window, count)
    if not len(at):
        return
    upper = (ground - high * factor - width / 2 - area.top()) * ratio
    lower = (ground - low * factor + width / 2 - area.top()) * ratio
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


def _bridged(at: Ints, low: Floats, high: Floats, breaks: Ints) -> tuple[Ints, Floats, Floats]:
    """Columns made to touch: gaps are filled along the line, neighbours reach halfway."""
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


def _spread(points: Points, window: Window, count: int) -> tuple[Ints, Floats, Floats]:
    """A line as columns: from where it enters each to where it leaves."""
    scale = count / (window.stop - window.start)
    columns, lows, highs = [], [], []
    for at, values in zip(
        np.split(points.at, points.breaks), np.split(points.values, points.breaks), strict=True
    ):
        if not len(at):
            continue
        x = (at + 0.5 - window.start) * scale
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
    points: Points, window: Window, ground: float, factor: float
) -> list[tuple[QPolygonF, bool]]:
    scale = window.width / (window.stop - window.start)
    found = []
    for at, values in zip(
        np.split(points.at, points.breaks), np.split(points.values, points.breaks), strict=True
    ):
        if len(at):
            x = window.left + (at + 0.5 - window.start) * scale
            y = ground - values * factor
            line = QPolygonF(
                [QPointF(*one) for one in zip(x.tolist(), y.tolist(), strict=True)]
            )
            found.append((line, len(at) == 1))
    return found


def paint_pick(
    painter: QPainter, x: float, top: float, state: str, colours: Scheme, *, current: bool
) -> None:
    """A pick's ▼ at x, below `top`."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    painter.drawPixmap(QPointF(x - 8, top), _mark(state, current, colours.dark, ratio))


@functools.lru_cache(maxsize=64)
def _mark(state: str, current: bool, dark: bool, ratio: float) -> QPixmap:
    """▼: filled = to do, with a bar over it = labelled, hollow = nothing there, half high =
    skipped; the current one is larger and edged."""
    colours = scheme()
    assert colours.dark == dark
    pixmap = QPixmap(round(16 * ratio), round((LANE + 1) * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = {
        "labelled": colours.labelled,
        "nothing": colours.nothing,
        "skipped": colours.skipped,
    }.get(state, colours.pick)
    half = 6.0 if current else 4.6
    up = LANE * 0.5 if state == "skipped" else 3.5 if state == "labelled" else 1.5
    triangle = QPolygonF([QPointF(8 - half, up), QPointF(8 + half, up), QPointF(8, LANE - 2.0)])
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(colours.base if state == "nothing" else colour)
    painter.drawPolygon(triangle)
    if state == "labelled":
        painter.drawLine(QPointF(8 - half, 1), QPointF(8 + half, 1))
    if current:
        painter.setPen(QPen(colours.text, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(triangle)
    painter.end()
    return pixmap


def nice_step(span: float, most: int) -> int:
    """A round number of frames so that at most `most` ticks fit over `span` frames."""
    least = max(1.0, span / max(1, most))
    power = 10 ** int(np.floor(np.log10(least)))
    return int(next(m * power for m in (1, 2, 5, 10) if m * power >= least - 1e-9))


def nice_seconds(span: float, most: int) -> float:
    """The same in seconds: 1, 2, 5, 10, 15, 30 s, 1 min …"""
    least = max(0.01, span / max(1, most))
    steps = (
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        15,
        30,
        60,
        120,
        300,
        600,
        900,
        1800,
        3600,
        7200,
        14400,
        36000,
    )
    return next((float(step) for step in steps if step >= least), 86400.0)
