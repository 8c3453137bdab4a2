"""The panels that a drawn vehicle is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from framesift.synth.models import MODELS, Model

# What a panel is painted with; the vehicle decides the colour.
PAINTED, DARK_PAINT, GLASS, SHEEN, TRIM, TYRE, RIM, HUB, PLATE, LAMP, GRILLE = range(11)


@dataclass(frozen=True, slots=True)
class Panels:
    """A vehicle's visible panels in painting order: points N×3 (along, up, across in metres),
    and of each panel (first point, end, paint, shade)."""

    points: NDArray[np.float64]
    parts: tuple[tuple[int, int, int, float], ...]
    lamps: NDArray[np.float64]


class _Builder:
    def __init__(self, shape: Model) -> None:
        self.shape = shape
        self.points: list[tuple[float, float, float]] = []
        self.parts: list[tuple[int, int, int, float]] = []
        self.top = max(p[1] for p in shape.outline)

    def half(self, y: float) -> float:
        """Half breadth at a height: the cabin leans in."""
        lean = 0.06 if self.shape.width > 1.9 else 0.2
        tuck = min(1.0, max(0.0, (y - self.shape.belt) / (self.top - self.shape.belt)))
        return 0.5 * self.shape.width - tuck * lean

    def add(self, points: list[tuple[float, float, float]], paint: int, shade: float) -> None:
        start = len(self.points)
        self.points += points
        self.parts.append((start, len(self.points), paint, shade))

    def face(
        self,
        points: Iterable[tuple[float, float]],
        side: float,
        paint: int,
        shade: float,
        inset: float = 0.0,
    ) -> None:
        """A panel on the left (−1) or right (+1) side."""
        self.add(
            [(along, y, side * (self.half(y) - inset)) for along, y in points], paint, shade
        )

    def cross(
        self,
        l0: float,
        y0: float,
        l1: float,
        y1: float,
        paint: int,
        shade: float,
        left: float = -1.0,
        right: float = 1.0,
    ) -> None:
        """A panel across the vehicle between two outline points; left, right: half breadths."""
        a, b = self.half(y0), self.half(y1)
        self.add(
            [(l0, y0, a * left), (l0, y0, a * right), (l1, y1, b * right), (l1, y1, b * left)],
            paint,
            shade,
        )


@lru_cache(maxsize=64)
def vehicle_panels(model: str, side: float, front: bool, detail: int) -> Panels:
    """The panels seen from one side and one end; detail −1 (far away) … 2 (near)."""
    shape = MODELS[model]
    b = _Builder(shape)
    if detail == 2:
        _add_wheels(b, -side, detail, False)
    order = list(range(len(shape.outline) - 1))
    if front:
        order.reverse()
    for k in order:
        (l0, y0), (l1, y1) = shape.outline[k], shape.outline[k + 1]
        upright = abs(y1 - y0) / (abs(l0 - l1) + abs(y1 - y0))
        if (upright > 0.5 and (y1 > y0) != front) or (upright <= 0.5 and max(y0, y1) > 1.65):
            continue
        shade = 0.62 if upright > 0.85 else 0.85 if upright > 0.3 else 1.15
        b.cross(l0, y0, l1, y1, PAINTED, shade)
        if k in shape.panes:
            dl, dy = l1 - l0, y1 - y0
            b.cross(
                l0 + dl * 0.08,
                y0 + dy * 0.08,
                l0 + dl * 0.95,
                y0 + dy * 0.95,
                GLASS,
                1.0,
                -0.9,
                0.9,
            )
            if detail > 0:
                b.cross(
                    l0 + dl * 0.6,
                    y0 + dy * 0.6,
                    l0 + dl * 0.93,
                    y0 + dy * 0.93,
                    SHEEN,
                    0.8,
                    -0.8,
                    0.3,
                )
    if not front and len(shape.panes) == 1:
        b.cross(shape.rear, 1.3, shape.rear, 1.85, GLASS, 1.0, -0.75, 0.75)
    lamps = _add_end(b, front, detail)
    _add_side(b, side, detail)
    _add_wheels(b, side, detail, True)
    return Panels(np.array(b.points), tuple(b.parts), lamps)


def _add_end(b: _Builder, front: bool, detail: int) -> NDArray[np.float64]:
    shape = b.shape
    end = shape.front if front else shape.rear
    low = shape.outline[0][1]
    tall = max(shape.outline[1][1] if front else shape.outline[-2][1], low + 0.4)
    b.cross(end, low, end, low + 0.2, TRIM, 0.8, -0.98, 0.98)
    if front:
        middle = 0.5 * (low + tall)
        b.cross(end, middle - 0.02, end, middle + 0.12, GRILLE, 0.8, -0.45, 0.45)
    if detail > 0:
        b.cross(end, low + 0.16, end, low + 0.28, PLATE, 0.9, -0.28, 0.28)
    base = tall - 0.16 if front else tall - 0.06
    for left, right in ((-0.96, -0.66), (0.66, 0.96)):
        b.cross(end, base - 0.06, end, base + 0.1, LAMP, 1.0, left, right)
    return np.array([(end, base, -0.8 * b.half(base)), (end, base, 0.8 * b.half(base))])


def _add_side(b: _Builder, side: float, detail: int) -> None:
    shape = b.shape
    b.face(shape.outline, side, PAINTED, 0.8)
    belt, low = shape.belt, shape.outline[0][1]
    if detail > 0:
        b.face(
            [
                (shape.front - 0.15, belt - 0.2),
                (shape.front - 0.4, belt - 0.08),
                (shape.rear + 0.1, belt - 0.02),
                (shape.rear + 0.05, belt - 0.2),
            ],
            side,
            PAINTED,
            1.05,
        )
    if detail < 0:
        b.face(shape.glass[0], side, GLASS, 1.0)
        return
    b.face(
        [
            (shape.front - 0.05, low + 0.14),
            (shape.rear + 0.05, low + 0.14),
            (shape.rear + 0.05, low),
            (shape.front - 0.05, low),
        ],
        side,
        DARK_PAINT,
        0.8,
    )
    for pane in shape.glass:
        b.face(pane, side, GLASS, 1.0)
        if detail > 0:
            cl, cy = (sum(p[i] for p in pane) / len(pane) for i in (0, 1))
            b.face(
                [(cl + (along - cl) * 0.8, cy + (y - cy) * 0.45 + 0.06) for along, y in pane],
                side,
                SHEEN,
                0.8,
            )
    if len(shape.glass) == 2 and detail == 2:
        seam = shape.glass[0][2][0] - 0.07
        b.face(
            [
                (seam + 0.012, low + 0.2),
                (seam + 0.012, belt),
                (seam - 0.012, belt),
                (seam - 0.012, low + 0.2),
            ],
            side,
            GRILLE,
            0.8,
        )


def _add_wheels(b: _Builder, side: float, detail: int, near: bool) -> None:
    angles = np.linspace(0, 2 * np.pi, 17 if detail == 2 else 9)[:-1].tolist()
    r = b.shape.radius
    rings = ((1.28, GRILLE, 0.03), (1.0, TYRE, 0.0), (0.62, RIM, 0.0), (0.2, HUB, 0.0))
    count = 1 if detail < 0 else 4 if near and detail == 2 else 3 if near and detail else 2
    for middle in b.shape.wheels:
        for scale, paint, up in rings[:count]:
            b.face(
                [
                    (
                        middle + r * scale * math.cos(a),
                        max(r + up + r * scale * math.sin(a), 0.0),
                    )
                    for a in angles
                ],
                side,
                paint,
                0.7 if paint == GRILLE else 0.9,
                -0.01,
            )
