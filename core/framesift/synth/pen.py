"""Drawing limbs and panels of a body that is turned to the camera by some angle."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np

from framesift.synth.noise import Colour, Image, as_image, cloud_tile, shaded

SHIFT = 4
ONE = 1 << SHIFT
Vec = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Sprite:
    """rgba uint8 h×w×4 premultiplied; its corner is (left, top) pixels from the foot point;
    body is (x1, y1, x2, y2) relative to the foot point: the person without umbrella or bag."""

    rgba: Image
    left: int
    top: int
    body: tuple[float, float, float, float]


@dataclass(slots=True)
class Pen:
    """Draws limbs and panels in body lengths onto an RGBA canvas and remembers their extent."""

    rgba: Image
    scale: float  # canvas pixels per body height
    cx: float
    cy: float
    cos: float
    sin: float
    light: float  # −1…1: where the light comes from, right positive
    smooth: int = cv2.LINE_AA  # not needed where the canvas is reduced afterwards
    low: list[float] = field(default_factory=lambda: [1e9, 1e9])
    high: list[float] = field(default_factory=lambda: [-1e9, -1e9])

    def place(self, p: Vec) -> tuple[float, float]:
        """Body point to canvas pixels."""
        return (
            self.cx + (p[0] * self.cos + p[2] * self.sin) * self.scale,
            self.cy - p[1] * self.scale,
        )

    def depth(self, p: Vec) -> float:
        """How far behind the body's axis a point is, seen from the camera."""
        return p[2] * self.cos - p[0] * self.sin

    def grow(self, x: float, y: float, radius: float) -> None:
        self.low[0] = min(self.low[0], x - radius)
        self.low[1] = min(self.low[1], y - radius)
        self.high[0] = max(self.high[0], x + radius)
        self.high[1] = max(self.high[1], y + radius)

    def extent(
        self, over: int, offset: tuple[float, float]
    ) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 of the body in picture pixels around the foot point's whole pixel;
        over: canvas pixels per picture pixel."""
        return (
            (self.low[0] - self.cx) / over + offset[0],
            (self.low[1] - self.cy) / over + offset[1],
            (self.high[0] - self.cx) / over + offset[0],
            (self.high[1] - self.cy) / over + offset[1],
        )

    def fill(
        self, points: list[tuple[float, float]], colour: tuple[int, int, int], body: bool = True
    ) -> None:
        """A polygon in canvas pixels."""
        if body:
            for x, y in points:
                self.grow(x, y, 0)
        fixed = np.array([(round(x * ONE), round(y * ONE)) for x, y in points], np.int32)
        cv2.fillPoly(self.rgba, [fixed], (*colour, 255), self.smooth, SHIFT)

    def disc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: tuple[int, int, int],
        body: bool = True,
        angle: float = 0.0,
    ) -> None:
        """An ellipse in canvas pixels."""
        if body:
            self.grow(x, y, 0)
            self.low[0], self.high[0] = min(self.low[0], x - rx), max(self.high[0], x + rx)
            self.low[1], self.high[1] = min(self.low[1], y - ry), max(self.high[1], y + ry)
        cv2.ellipse(
            self.rgba,
            (round(x * ONE), round(y * ONE)),
            (max(1, round(rx * ONE)), max(1, round(ry * ONE))),
            angle,
            0,
            360,
            (*colour, 255),
            -1,
            self.smooth,
            SHIFT,
        )

    def limb(
        self,
        a: Vec,
        b: Vec,
        ra: float,
        rb: float,
        colour: Colour,
        shade: float = 1.0,
        body: bool = True,
    ) -> None:
        """A tapered limb from a to b with a lighter strip on the lit side."""
        (ax, ay), (bx, by) = self.place(a), self.place(b)
        ra, rb = ra * self.scale, rb * self.scale
        self._capsule(ax, ay, bx, by, ra, rb, shaded(colour, 0.8 * shade), body)
        lift = 0.36 * self.light
        self._capsule(
            ax + lift * ra,
            ay,
            bx + lift * rb,
            by,
            ra * 0.6,
            rb * 0.6,
            shaded(colour, 1.08 * shade),
            False,
        )

    def _capsule(
        self,
        ax: float,
        ay: float,
        bx: float,
        by: float,
        ra: float,
        rb: float,
        colour: tuple[int, int, int],
        body: bool,
    ) -> None:
        dx, dy = bx - ax, by - ay
        length = math.hypot(dx, dy) or 1.0
        nx, ny = -dy / length, dx / length
        self.disc(ax, ay, ra, ra, colour, body)
        self.disc(bx, by, rb, rb, colour, body)
        self.fill(
            [
                (ax + nx * ra, ay + ny * ra),
                (bx + nx * rb, by + ny * rb),
                (bx - nx * rb, by - ny * rb),
                (ax - nx * ra, ay - ny * ra),
            ],
            colour,
            body,
        )

    def rows(
        self,
        levels: list[tuple[float, float, float]],
        colour: Colour,
        shade: float = 1.0,
        lean: float = 0.0,
        body: bool = True,
    ) -> None:
        """A trunk: (height, half breadth, half depth) per level, lit from one side. `lean`
        moves upper levels forward."""
        left: list[tuple[float, float]] = []
        right: list[tuple[float, float]] = []
        bright: list[tuple[float, float]] = []
        dark: list[tuple[float, float]] = []
        for y, breadth, thick in levels:
            half = math.hypot(breadth * self.cos, thick * self.sin) * self.scale
            x, row = self.place((0.0, y, lean * (y - levels[-1][0])))
            left.append((x - half, row))
            right.append((x + half, row))
            bright.append((x + half * self.light, row))
            dark.append((x + half * self.light * 0.1, row))
        self.fill(left + right[::-1], shaded(colour, 0.86 * shade), body)
        if self.light:
            self.fill(bright + dark[::-1], shaded(colour, 1.1 * shade), False)


def finish(rgba: Image, texture: int, over: int) -> Image:
    """Folds and stains on the colours, then down to the picture's resolution."""
    if over > 1:
        h, w = rgba.shape[:2]
        rgba = as_image(cv2.resize(rgba, (w // over, h // over), interpolation=cv2.INTER_AREA))
    h, w = rgba.shape[:2]
    tile = _fold_tile()
    size = tile.shape[0]
    y, x = texture % (size // 2), (texture >> 9) % (size // 2)
    if h <= size // 2 and w <= size // 2:
        folds = tile[y : y + h, x : x + w]
    else:
        folds = as_image(cv2.resize(tile[y : y + size // 2, x : x + size // 2], (w, h)))
    colour = cv2.multiply(rgba, folds, scale=1 / 128)
    colour[..., 3] = rgba[..., 3]
    return as_image(np.minimum(colour, rgba[..., 3:]))


@lru_cache(maxsize=1)
def _fold_tile() -> Image:
    noise = 1.0 + 0.1 * cloud_tile(3, 1024, 0.72)
    tile = np.clip(noise * 128, 70, 190).astype(np.uint8)
    return as_image(cv2.merge([tile, tile, tile, np.full_like(tile, 128)]))
