"""Vehicles: extruded side profiles with glass, wheels, lights and plates, in perspective."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from framesift.synth.camera import Camera
from framesift.synth.canvas import Canvas, Glow
from framesift.synth.models import MODELS, Model, Vehicle
from framesift.synth.noise import Colour

# What a panel is painted with; the vehicle decides the colour.
PAINTED, DARK_PAINT, GLASS, SHEEN, TRIM, TYRE, RIM, HUB, PLATE, LAMP, GRILLE = range(11)
FIXED: dict[int, Colour] = {
    GLASS: (36, 42, 48),
    SHEEN: (106, 118, 128),
    TRIM: (46, 46, 48),
    TYRE: (22, 22, 24),
    RIM: (112, 114, 118),
    HUB: (58, 58, 60),
    GRILLE: (32, 32, 34),
}


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
def _panels(model: str, side: float, front: bool, detail: int) -> Panels:
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


def draw_vehicle(
    canvas: Canvas,
    camera: Camera,
    vehicle: Vehicle,
    s: float,
    x: float,
    way: float = 1.0,
    sun: float = 1.0,
    braking: bool = False,
    night: bool = False,
) -> None:
    """Draws a vehicle whose middle stands at (s, x); way 1: it faces away from the camera,
    −1: towards it. Left out when the camera would be inside it."""
    shape = MODELS[vehicle.model]
    right, depth = camera.spot(s, x)
    reach = max(shape.front, -shape.rear)
    if depth + reach < 0.8 or (depth - reach < 1.0 and abs(right) < shape.width / 2 + 0.35):
        return
    if abs(right) - 3.0 > (depth + reach) * 0.55 * camera.cols / camera.focal + 2.0:
        return
    tall = camera.focal * 1.5 / max(depth - reach, 1.0)
    detail = 2 if tall > 60 else 1 if tall > 22 else 0 if tall > 11 else -1
    side = -1.0 if (camera.x - x) * way < 0 else 1.0
    front = (camera.s - s) * way > 0
    panels = _panels(vehicle.model, side, front, detail)
    p = panels.points
    u, v, z = camera.project(s + p[:, 0] * way, x + p[:, 2] * way, p[:, 1])
    if canvas.rgb is not None and tall > 12:
        along = np.array([shape.front, shape.front, shape.rear, shape.rear])
        across = np.array([-0.58, 0.58, 0.58, -0.58]) * shape.width
        gu, gv, gz = camera.project(s + along * way, x + across * way, 0.0)
        if gz.min() > 0.8:
            canvas.darken(gu, gv, 0.62)
    if depth > 2.0:
        canvas.screens.append(
            (float(u.min()), float(v.min()), float(u.max()), float(v.max()), depth)
        )
    light = canvas.air.matrix(max(depth, 1.0), right, sun)
    lamp: Colour = (226, 228, 224) if front else (200, 26, 24) if braking else (134, 22, 22)
    paints = {
        **FIXED,
        PAINTED: vehicle.paint,
        PLATE: vehicle.plate,
        LAMP: lamp,
        DARK_PAINT: (vehicle.paint[0] * 0.5, vehicle.paint[1] * 0.5, vehicle.paint[2] * 0.5),
    }
    gains, haze = [float(light[k, k]) for k in range(3)], light[:, 3].tolist()
    points = np.clip(np.stack([u, v], axis=-1), -4000, 4000)
    for first, end, paint, shade in panels.parts:
        if z[first:end].max() < 0.3:
            continue
        c = paints[paint]
        gloss = shade * vehicle.sheen if shade > 1 else shade
        canvas.fill(
            points[first:end],
            (
                min(255, int(c[0] * gains[0] * gloss + haze[0])),
                min(255, int(c[1] * gains[1] * gloss + haze[1])),
                min(255, int(c[2] * gains[2] * gloss + haze[2])),
            ),
        )
    if vehicle.lights or braking:
        _shine(canvas, camera, panels, s, x, way, front, braking, night)


def _shine(
    canvas: Canvas,
    camera: Camera,
    panels: Panels,
    s: float,
    x: float,
    way: float,
    front: bool,
    braking: bool,
    night: bool,
) -> None:
    p = panels.lamps
    u, v, z = camera.project(s + p[:, 0] * way, x + p[:, 2] * way, p[:, 1])
    colour: Colour = (255, 244, 214) if front else (255, 40, 26)
    strength = (1.0 if front else 0.8 if braking else 0.5) * (1.0 if night else 0.35)
    for k in range(2):
        if z[k] > 1.5:
            radius = camera.focal / float(z[k]) * (0.16 if front else 0.1)
            canvas.glows.append(
                Glow(
                    float(u[k]),
                    float(v[k]),
                    radius,
                    (colour[0] * strength, colour[1] * strength, colour[2] * strength),
                    float(z[k]),
                )
            )
