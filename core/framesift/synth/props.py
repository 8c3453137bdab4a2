"""Street furniture and trees: pictures that stand upright on the ground. Many of them are there
because they resemble people."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from framesift.synth.camera import Camera
from framesift.synth.canvas import Canvas
from framesift.synth.noise import Image, as_image
from framesift.synth.pen import finish
from framesift.synth.plants import draw_plant
from framesift.synth.prop_drawing import Board, draw_on

TALL = 224
# width and height in metres
SIZES: dict[str, tuple[float, float]] = {
    "bollard": (0.3, 1.0),
    "bin": (0.6, 1.15),
    "post box": (0.55, 1.6),
    "phone box": (1.0, 2.4),
    "sign": (0.75, 2.6),
    "lights": (0.6, 3.3),
    "board": (0.7, 1.05),
    "meter": (0.35, 1.45),
    "cabinet": (0.8, 1.3),
    "topiary": (0.75, 1.75),
    "parasol": (0.6, 2.3),
    "poster": (1.3, 1.95),
    "hydrant": (0.4, 0.85),
    "column": (0.85, 1.9),
    "bicycle": (1.75, 1.05),
    "wheelie": (0.6, 1.1),
    "statue": (0.8, 1.9),
    "lamp": (1.3, 7.0),
    "post": (0.16, 2.0),
    "shrub": (1.8, 1.3),
    "tree": (7.0, 9.0),
    "bare tree": (8.0, 9.5),
    "conifer": (3.0, 7.0),
}
COMMON = (
    "bollard",
    "bin",
    "post box",
    "sign",
    "lights",
    "board",
    "meter",
    "cabinet",
    "topiary",
    "parasol",
    "poster",
    "hydrant",
    "column",
    "bicycle",
    "wheelie",
    "statue",
    "post",
    "phone box",
    "sign",
    "bollard",
    "bin",
    "lights",
    "post",
    "shrub",
)


@dataclass(frozen=True, slots=True)
class Prop:
    """A picture and its smaller copies (each half the size): uint8 premultiplied RGBA."""

    kind: str
    width: float
    height: float
    levels: tuple[Image, ...]


def make_prop(rng: np.random.Generator, kind: str, look: str) -> Prop:
    """Draws one exemplar of a kind."""
    width, height = SIZES[kind]
    stretch = float(rng.uniform(0.85, 1.15))
    tall = TALL if kind not in ("tree", "bare tree", "conifer", "lamp") else 2 * TALL
    wide = max(8, int(tall * width / height))
    if kind in ("tree", "bare tree", "conifer", "shrub", "topiary"):
        rgba = draw_plant(rng, kind, tall, wide)
    else:
        rgba = np.zeros((tall, wide, 4), np.uint8)
        draw_on(rng, Board(rgba, tall, wide), kind, look)
        rgba = finish(rgba, int(rng.integers(1 << 30)), 1)
    levels = [rgba]
    while min(levels[-1].shape[:2]) > 6 and levels[-1].shape[0] > 16:
        h, w = levels[-1].shape[:2]
        levels.append(
            as_image(
                cv2.resize(
                    levels[-1], (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA
                )
            )
        )
    return Prop(kind, width * stretch, height * stretch, tuple(levels))


def draw_prop(
    canvas: Canvas,
    camera: Camera,
    prop: Prop,
    s: float,
    x: float,
    sun: float,
    flip: bool = False,
) -> None:
    """Pastes a prop standing at (s, x)."""
    u, v, z = camera.point(s, x)
    if z < 0.9:
        return
    scale = camera.focal / z
    tall, wide = prop.height * scale, prop.width * scale
    if tall < 5 or u + wide / 2 < 0 or u - wide / 2 > camera.cols or v < 0:
        return
    level = prop.levels[0]
    for smaller in prop.levels:
        if smaller.shape[0] < tall * 0.95:
            break
        level = smaller
    h, w = level.shape[:2]
    left, top = u - wide / 2, v - tall
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(camera.cols, math.ceil(u + wide / 2)), min(camera.rows, math.ceil(v))
    if x1 <= x0 or y1 <= y0:
        return
    fx, fy = wide / w, tall / h
    move = np.array(
        [[-fx if flip else fx, 0, (left + wide if flip else left) - x0], [0, fy, top - y0]],
        np.float64,
    )
    sprite = as_image(cv2.warpAffine(level, move, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR))
    right = (u - camera.cols / 2) / scale
    canvas.blend(sprite, x0, y0, 0, canvas.air.matrix(z, right, sun))
