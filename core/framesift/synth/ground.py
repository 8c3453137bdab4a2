"""The road as a texture seen from above, and its perspective picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from framesift.synth.camera import Camera
from framesift.synth.canvas import Canvas
from framesift.synth.noise import (
    Colour,
    Image,
    as_image,
    cloud_tile,
    patch,
    pick,
    shaded,
    varied,
)
from framesift.synth.style import Style

DENSITY = 16  # texture pixels per metre
REACH = 17.0  # metres to either side
LENGTH = 44.0  # metres until it repeats


@dataclass(frozen=True, slots=True)
class Plan:
    """Widths in metres: half the carriageway, the pavements, and how it is used."""

    half: float
    left: float
    right: float
    parking_left: bool
    parking_right: bool
    lane: float

    def kerb(self, side: float) -> float:
        """x of the kerb on a side (−1 left, 1 right)."""
        return side * self.half

    def edge(self, side: float) -> float:
        """x of the pavement's far edge."""
        return side * (self.half + (self.left if side < 0 else self.right))


def make_plan(rng: np.random.Generator) -> Plan:
    """A two-way street; the own lane's middle is at `lane`, right or left of the road's."""
    lane = float(rng.uniform(2.7, 3.7))
    parking = (bool(rng.random() < 0.5), bool(rng.random() < 0.5))
    half = lane + (2.2 if any(parking) else float(rng.uniform(0.2, 1.5)))
    return Plan(
        half,
        float(rng.uniform(1.8, 4.2)),
        float(rng.uniform(1.8, 4.2)),
        *parking,
        0.5 * lane * float(rng.choice([-1.0, 1.0])),
    )


def road_texture(rng: np.random.Generator, plan: Plan, style: Style) -> tuple[Image, ...]:
    """uint8 textures (row: along the road, column: across), each half the one before."""
    rows, cols = int(LENGTH * DENSITY), int(2 * REACH * DENSITY)
    grey = float(rng.uniform(66, 108))
    tex = np.empty((rows, cols, 3), np.uint8)
    stain = cv2.resize(np.roll(cloud_tile(0), int(rng.integers(512)), axis=0), (cols, rows))
    fine = patch(rng, rows, cols, 4)
    tone = 1 + 0.06 * stain + 0.09 * fine * np.float32(rng.uniform(0.4, 1.2))

    def column(x: float) -> int:
        return int(np.clip((x + REACH) * DENSITY, 0, cols))

    def band(x0: float, x1: float, colour: Colour) -> None:
        a, b = column(min(x0, x1)), column(max(x0, x1))
        lit = np.clip(tone[:, a:b] * 128, 0, 255).astype(np.uint8)
        flat = np.empty((rows, b - a, 3), np.uint8)
        flat[:] = shaded(colour, 1)
        tex[:, a:b] = cv2.multiply(flat, cv2.merge([lit] * 3), scale=1 / 128)

    beyond = varied(rng, pick(rng, ((86, 96, 58), (120, 116, 110), (110, 104, 92))), 8)
    pavement = varied(rng, pick(rng, ((132, 128, 122), (112, 108, 104), (146, 136, 122))), 8)
    band(-REACH, plan.edge(-1), beyond)
    band(plan.edge(1), REACH, beyond)
    band(-plan.half, plan.half, (grey, grey, grey * 1.03))
    for side in (-1.0, 1.0):
        band(plan.kerb(side), plan.edge(side), pavement)
        a, b = sorted((column(plan.kerb(side)), column(plan.edge(side))))
        if rng.random() < 0.6:
            size = int(DENSITY * rng.uniform(0.5, 0.9))
            for y in range(0, rows, size):
                tex[y : y + 1, a:b] = (tex[y : y + 1, a:b] * 0.82).astype(np.uint8)
            for x in range(a, b, size):
                tex[:, x : x + 1] = (tex[:, x : x + 1] * 0.84).astype(np.uint8)
        k = column(plan.kerb(side))
        cv2.rectangle(tex, (k - 3, 0), (k + 2, rows), shaded(pavement, 1.12), -1)
        g = k + int(-side * 0.25 * DENSITY)
        tex[:, min(k, g) : max(k, g)] = (tex[:, min(k, g) : max(k, g)] * 0.72).astype(np.uint8)
    _markings(rng, tex, plan, column)
    for _ in range(int(rng.integers(1, 7))):  # mended patches
        x = column(float(rng.uniform(-plan.half, plan.half - 1)))
        y = int(rng.integers(rows - 60))
        w, h = int(rng.uniform(0.5, 2) * DENSITY), int(rng.uniform(0.6, 3) * DENSITY)
        roi = tex[y : y + h, x : min(x + w, column(plan.half))]
        roi[:] = np.clip(roi * float(rng.uniform(0.72, 1.2)), 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        x, y = column(float(rng.uniform(-plan.half, plan.half))), int(rng.integers(rows))
        cv2.circle(tex, (x, y), int(0.3 * DENSITY), shaded((grey, grey, grey), 0.6), -1)
    for _ in range(int(rng.integers(0, 5))):  # cracks
        x, y = column(float(rng.uniform(-plan.half, plan.half))), int(rng.integers(rows))
        points = np.cumsum(rng.normal((0, 6), 9, (10, 2)), axis=0) + np.array([x, y])
        cv2.polylines(tex, [points.astype(np.int32)], False, shaded((grey,) * 3, 0.6), 1)
    if style.shade_road > 0:
        _cast_shade(rng, tex, style)
    levels: list[Image] = [tex]
    for _ in range(5):
        h, w = levels[-1].shape[:2]
        levels.append(
            as_image(cv2.resize(levels[-1], (w // 2, h // 2), interpolation=cv2.INTER_AREA))
        )
    return tuple(levels)


def _markings(rng: np.random.Generator, tex: Image, plan: Plan, column: object) -> None:
    assert callable(column)
    rows = tex.shape[0]
    white = varied(rng, (206, 206, 200), 14)
    worn = float(rng.uniform(0.35, 0.95))
    layer = tex.copy()
    dash, gap = pick(rng, ((2.0, 2.0), (4.0, 7.0), (2.0, 3.5), (1.0, 1.2)))
    step = LENGTH / max(1, round(LENGTH / (dash + gap)))
    y = 0.0
    style = rng.random()
    while y < LENGTH - 0.1 and style < 0.85:
        cv2.rectangle(
            layer,
            (column(-0.06), int(y * DENSITY)),
            (column(0.07), int((y + dash) * DENSITY)),
            shaded(white, 1),
            -1,
        )
        y += step
    for side in (-1.0, 1.0):
        kind = rng.random()
        if kind < 0.35:
            yellow = varied(rng, (196, 166, 70), 10)
            for off in (0.3, 0.5):
                x = column(side * (plan.half - off))
                cv2.rectangle(layer, (x - 1, 0), (x + 1, rows), shaded(yellow, 1), -1)
        elif kind < 0.6:
            x = column(side * (plan.half - 0.35))
            cv2.rectangle(layer, (x - 1, 0), (x + 1, rows), shaded(white, 1), -1)
        if (plan.parking_left if side < 0 else plan.parking_right) and rng.random() < 0.5:
            x = column(side * (plan.half - 2.1))
            for k in range(0, rows, int(5.5 * DENSITY)):
                cv2.rectangle(layer, (x - 1, k), (x + 1, k + 3 * DENSITY), shaded(white, 1), -1)
    roll = rng.random()
    at = int(rng.uniform(4, LENGTH - 10) * DENSITY)
    if roll < 0.14:  # zebra
        for k in range(int(2 * plan.half / 1.0)):
            x = column(-plan.half + 0.15 + k)
            cv2.rectangle(
                layer, (x, at), (x + DENSITY // 2, at + 3 * DENSITY), shaded(white, 1), -1
            )
    elif roll < 0.5:  # stop line and studs
        a, b = sorted((column(0.1), column(np.sign(plan.lane) * (plan.half - 0.6))))
        cv2.rectangle(layer, (a, at), (b, at + 6), shaded(white, 1), -1)
    elif roll < 0.75:  # arrow
        x = column(plan.lane)
        cv2.rectangle(layer, (x - 2, at), (x + 2, at + 3 * DENSITY), shaded(white, 1), -1)
        tip = np.array(
            [
                [x - 9, at + 3 * DENSITY],
                [x + 9, at + 3 * DENSITY],
                [x, at + int(4.6 * DENSITY)],
            ],
            np.int32,
        )
        cv2.fillPoly(layer, [tip], shaded(white, 1))
    cv2.addWeighted(layer, worn, tex, 1 - worn, 0, dst=tex)


def _cast_shade(rng: np.random.Generator, tex: Image, style: Style) -> None:
    """The shadow of the houses (or of bare branches) on the sunless side of the street."""
    rows, cols = tex.shape[:2]
    edge = rng.uniform(-4, 5) * DENSITY + cols / 2
    steps = np.repeat(rng.uniform(-2.5, 2.5, rows // 110 + 1) * DENSITY, 110)[:rows]
    x = np.arange(cols)[None, :]
    side = (x - edge - steps[:, None]) * (1 if style.light < 0 else -1)
    mask = cv2.GaussianBlur((side < 0).astype(np.float32), (0, 0), 2)
    if rng.random() < 0.4:
        twigs = cv2.resize(patch(rng, 200, 200), (cols, rows))
        mask = np.clip(mask + (twigs > 0.6), 0, 1)
    keep = 1 + 0.25 * (1 - mask) - style.shade_road * mask
    tex[:] = np.clip(tex * keep[..., None], 0, 255).astype(np.uint8)


def draw_ground(
    canvas: Canvas, camera: Camera, levels: tuple[Image, ...], style: Style
) -> None:
    """Paints everything under the horizon."""
    if canvas.rgb is None:
        return
    first = max(0, int(np.ceil(camera.horizon + 1)))
    if first >= camera.rows:
        return
    s, x, depth = camera.ground_rays(first, camera.rows)
    column = np.clip((x + np.float32(REACH)) * np.float32(DENSITY), 0, 2 * REACH * DENSITY - 2)
    row = np.mod(s, np.float32(LENGTH)) * np.float32(DENSITY)
    # what one picture row spans on the ground decides which copy of the texture is sharp enough
    span = depth[:, 0] ** 2 / (camera.focal * camera.height) * DENSITY
    sharpest = np.clip(np.ceil(np.log2(np.maximum(span, 1)) - 1.1), 0, len(levels) - 1).astype(
        int
    )
    start = 0
    for end in [*(np.flatnonzero(np.diff(sharpest)) + 1).tolist(), len(sharpest)]:
        level = int(sharpest[start])
        factor = np.float32(0.5**level)
        out = cv2.remap(
            levels[level],
            column[start:end] * factor,
            row[start:end] * factor,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        canvas.rgb[first + start : first + end] = out
        start = end
    _light(canvas, camera, style, first, depth)


def _light(
    canvas: Canvas,
    camera: Camera,
    style: Style,
    first: int,
    depth: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> None:
    assert canvas.rgb is not None
    air = canvas.air
    roi = canvas.rgb[first:]
    z = depth[:, 0].astype(np.float64)
    step = 8
    cols = np.arange(0, camera.cols + step, step)
    gain = np.ones((len(z), len(cols), 1)) * np.asarray(air.gain) * style.sun_road
    if air.lamps:
        angle = (cols - camera.cols / 2) / camera.focal
        beam = air.lamps * np.exp(-z[:, None] / air.reach - (angle[None] / air.spread) ** 2)
        beam *= np.clip(z[:, None] / 5.0, 0.25, 1.0)
        gain = gain + 0.8 * beam[..., None] * np.asarray(air.lamp_colour)
    mix = (1 - np.exp(-air.density * z))[:, None, None]
    gain = np.clip(gain * (1 - mix), 0, 1.99)
    small = (gain * 128).astype(np.uint8)
    big = cv2.resize(small, (camera.cols, len(z)))
    cv2.multiply(roi, big, dst=roi, scale=1 / 128)
    if mix.max() > 0.03:
        haze = np.clip(mix[:, 0] * np.asarray(air.fog), 0, 255).astype(np.uint8)[:, None]
        cv2.add(
            roi,
            cv2.resize(haze, (camera.cols, len(z)), interpolation=cv2.INTER_NEAREST),
            dst=roi,
        )


def reflect(canvas: Canvas, camera: Camera, amount: float) -> None:
    """A wet road mirrors what stands above the horizon, dimly and smeared downwards."""
    if canvas.rgb is None or amount <= 0:
        return
    first = int(np.clip(camera.horizon + 2, 1, camera.rows - 2))
    below = canvas.rgb[first:]
    above = canvas.rgb[max(0, first - below.shape[0]) : first][::-1]
    rows = min(len(above), len(below))
    if rows < 16:
        return
    reflection = cv2.resize(
        np.ascontiguousarray(above[:rows]),
        (camera.cols // 8, max(2, rows // 24)),
        interpolation=cv2.INTER_AREA,
    )
    reflection = cv2.resize(reflection, (camera.cols, rows), interpolation=cv2.INTER_CUBIC)
    ramp = (255 * np.linspace(1, 0, rows)).astype(np.uint8)[:, None]
    fade = cv2.resize(
        cv2.merge([ramp] * 3), (camera.cols, rows), interpolation=cv2.INTER_NEAREST
    )
    reflection = cv2.multiply(reflection, fade, scale=1 / 255)
    cv2.addWeighted(below[:rows], 1.0, reflection, 0.35 * amount, 0, dst=below[:rows])
