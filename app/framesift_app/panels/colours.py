"""Colours of the panels: the theme's, the classes', and the heat map's perceptually uniform
ramp."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from framesift_app import theme

_INFERNO = (
    "#000004",
    "#0b0724",
    "#210c4a",
    "#3d0965",
    "#57106e",
    "#71196e",
    "#8a226a",
    "#a32c61",
    "#bc3754",
    "#d24644",
    "#e45a31",
    "#f1731d",
    "#f98e09",
    "#fcac11",
    "#f9cb35",
    "#f2ea69",
    "#fcffa4",
)
_CLASSES = (
    "#56B4E9",
    "#E69F00",
    "#CC79A7",
    "#F0E442",
    "#009E73",
    "#D55E00",
    "#0072B2",
    "#BBBBBB",
)

IGNORE = QColor("#D0D0D0")
"""The colour of an ignore region, in every theme."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the panels paint with."""

    dark: bool
    base: QColor
    text: QColor
    faint: QColor
    grid: QColor
    accent: QColor
    raw: QColor
    smoothed: QColor
    earlier: QColor
    delta1: QColor
    delta2: QColor
    alike: QColor
    playhead: QColor
    pick: QColor
    todo: QColor
    labelled: QColor
    nothing: QColor
    skipped: QColor

    def state(self, state: str) -> QColor:
        """The colour of a frame's state."""
        return {
            "labelled": self.labelled,
            "weak": self.labelled,
            "nothing": self.nothing,
            "skipped": self.skipped,
        }.get(state, self.todo)


def blend(first: QColor, second: QColor, share: float) -> QColor:
    """`share` of `first`, the rest of `second`."""
    pairs = (
        (first.red(), second.red()),
        (first.green(), second.green()),
        (first.blue(), second.blue()),
    )
    return QColor(*(round(a * share + b * (1 - share)) for a, b in pairs))


def scheme() -> Scheme:
    """The colours of the theme that is on."""
    return _scheme(theme.colours())


@functools.cache
def _scheme(c: theme.Colours) -> Scheme:
    base = QColor(c.base)
    dark = base.lightness() < 128
    return Scheme(
        dark=dark,
        base=base,
        text=QColor(c.text),
        faint=QColor(c.muted),
        grid=QColor(c.grid),
        accent=QColor(c.accent),
        raw=QColor(c.raw),
        smoothed=QColor(c.smooth),
        earlier=QColor(c.earlier),
        delta1=_clear(c.delta1, 150 if dark else 120),
        delta2=_clear(c.delta2, 190 if dark else 150),
        alike=_clear(c.muted, 130),
        playhead=QColor(c.playhead),
        pick=QColor(c.pick),
        todo=QColor(c.todo),
        labelled=QColor(c.labelled),
        nothing=QColor(c.nothing),
        skipped=QColor(c.skipped),
    )


def _clear(name: str, alpha: int) -> QColor:
    colour = QColor(name)
    colour.setAlpha(alpha)
    return colour


def class_colour(
    category: str, classes: Sequence[str], chosen: Mapping[str, str] | None = None
) -> QColor:
    """The colour of a class's boxes: the one that was chosen for it, else by its place; the
    last one for a class that is none of the project's."""
    if chosen and category in chosen:
        return QColor(chosen[category])
    number = classes.index(category) if category in classes else -1
    return QColor(_CLASSES[number % len(_CLASSES)])


def _ramp() -> NDArray[np.uint8]:
    anchors = np.array(
        [[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in _INFERNO], np.float64
    )
    at = np.linspace(0, len(anchors) - 1, 256)
    return (
        np.stack(
            [np.interp(at, np.arange(len(anchors)), anchors[:, c]) for c in range(3)], axis=1
        )
        .round()
        .astype(np.uint8)
    )


RAMP = _ramp()
"""uint8 256×3: the heat map's colours, dark to bright in even steps of lightness."""


def heat_picture(heat: NDArray[np.float32], top: float) -> NDArray[np.uint8]:
    """uint8 h×w×4 (B, G, R, A, premultiplied) of pixel scores; the lowest are clear, `top` and
    above are the brightest. Shrunk to at most about 640 columns: the scores are smooth."""
    step = max(1, heat.shape[1] // 640)
    small = heat[::step, ::step]
    index = np.clip(small * (255.0 / max(top, 1e-9)), 0, 255)
    index = np.nan_to_num(index).astype(np.uint8)
    alpha = np.minimum(255, np.arange(256) * 3).astype(np.uint16)
    table = np.empty((256, 4), np.uint8)
    table[:, :3] = (RAMP[:, ::-1].astype(np.uint16) * alpha[:, None] // 255).astype(np.uint8)
    table[:, 3] = alpha
    return np.ascontiguousarray(table[index])
