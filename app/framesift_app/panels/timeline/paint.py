"""Painting what the rules block, and the marks of the picks."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QPixmap, QPolygonF

from framesift.selection.blocking import Blocking
from framesift.selection.reasons import CODES
from framesift_app.panels.colours import Scheme, scheme
from framesift_app.panels.timeline.scale import FrameScale

LANE = 14
"""Height of the strip above the curves where the picks are marked."""
HALF = 8
"""Half the width of a pick's mark."""
TILE = 8
"""Side of the patterns of the bands, pixels."""
Brush = Qt.BrushStyle


def density(painter: QPainter) -> float:
    """How many pixels of what is painted on lie along one of the view's."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    return ratio * painter.worldTransform().m11()


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
    painter: QPainter, area: QRectF, scale: FrameScale, blocked: Blocking, colours: Scheme
) -> None:
    """What rules block, column by column. Made as a picture: hundreds of patterned fields
    take Qt too long."""
    ratio = density(painter)
    count, rows = int(area.width() * ratio), int((area.height() - LANE) * ratio)
    if count < 1 or rows < 1:
        return
    codes = blocked.columns(scale.start, scale.stop, count)
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


def paint_pick(
    painter: QPainter, x: float, top: float, state: str, colours: Scheme, *, current: bool
) -> None:
    """A pick's ▼ at x, below `top`."""
    picture = pick_picture(painter, state, colours, current=current)
    painter.drawPixmap(QPointF(x - HALF, top), picture)


def pick_picture(painter: QPainter, state: str, colours: Scheme, *, current: bool) -> QPixmap:
    """A pick's ▼, HALF to each side of its frame."""
    return _mark(state, current, colours.dark, density(painter))


def paint_mark(
    painter: QPainter, x: float, top: float, kind: str, state: str, colours: Scheme
) -> None:
    """A frame that is no pick here: diamond = to measure by, square = imported, dot = of an
    earlier cycle or by hand; hollow while it is to do."""
    colour, y = colours.state(state), top + LANE / 2
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(colours.base if state in ("todo", "nothing") else colour)
    if kind == "measuring":
        corners = [(x, y - 4), (x + 4, y), (x, y + 4), (x - 4, y)]
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    elif kind == "imported":
        painter.drawRect(QRectF(x - 3, y - 3, 6, 6))
    else:
        painter.drawEllipse(QPointF(x, y), 3, 3)


@functools.lru_cache(maxsize=64)
def _mark(state: str, current: bool, dark: bool, ratio: float) -> QPixmap:
    """▼: filled = to do, with a bar over it = labelled, hollow under a bar = points or tags,
    hollow = nothing there, half high = skipped; the current one is larger and edged."""
    colours = scheme()
    assert colours.dark == dark
    pixmap = QPixmap(round(16 * ratio), round((LANE + 1) * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = {
        "labelled": colours.labelled,
        "weak": colours.labelled,
        "nothing": colours.nothing,
        "skipped": colours.skipped,
    }.get(state, colours.pick)
    half = 6.0 if current else 4.6
    barred = state in ("labelled", "weak")
    up = LANE * 0.5 if state == "skipped" else 3.5 if barred else 1.5
    triangle = QPolygonF([QPointF(8 - half, up), QPointF(8 + half, up), QPointF(8, LANE - 2.0)])
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(colours.base if state in ("nothing", "weak") else colour)
    painter.drawPolygon(triangle)
    if barred:
        painter.drawLine(QPointF(8 - half, 1), QPointF(8 + half, 1))
    if state == "started":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.base)
        painter.drawPolygon(
            QPolygonF(
                [QPointF(8, up + 1), QPointF(8 + half - 1, up + 1), QPointF(8, LANE - 4.0)]
            )
        )
    if current:
        painter.setPen(QPen(colours.text, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(triangle)
    painter.end()
    return pixmap
