"""Riders on bicycles: they resemble pedestrians and are labelled as ignore regions."""

from __future__ import annotations

import math

import cv2
import numpy as np

from framesift.synth.noise import Colour, shaded
from framesift.synth.outfit import Outfit
from framesift.synth.pen import Pen, Sprite, finish

TALL = 1.75  # metres from the ground to the rider's head, about


def draw_rider(
    outfit: Outfit,
    pixels: float,
    facing: float,
    phase: float,
    light: float,
    offset: tuple[float, float] = (0.0, 0.0),
) -> Sprite:
    """Draws a rider and bicycle `pixels` tall; angles as in draw_person, the pedals' phase."""
    over = 2 if pixels < 110 else 1
    half, above = math.ceil(0.66 * pixels) + 2, math.ceil(1.08 * pixels) + 2
    below = math.ceil(0.06 * pixels) + 2
    rgba = np.zeros(((above + below) * over, 2 * half * over, 4), np.uint8)
    pen = Pen(
        rgba,
        pixels * over / TALL,
        (half + offset[0]) * over,
        (above + offset[1]) * over,
        math.cos(facing),
        math.sin(facing),
        light,
        cv2.LINE_AA if over == 1 else cv2.LINE_8,
    )
    _paint(pen, outfit, phase)
    rgba = finish(rgba, outfit.texture, over)
    return Sprite(rgba, -half, -above, pen.extent(over, offset))


def _wheel(pen: Pen, z: float) -> None:
    ring = [
        pen.place((0.0, 0.34 + 0.33 * math.sin(a), z + 0.33 * math.cos(a)))
        for a in np.linspace(0, 2 * math.pi, 20)
    ]
    for x, y in ring:
        pen.grow(x, y, 0.02 * pen.scale)
    fixed = np.array(ring).round().astype(np.int32)
    cv2.polylines(
        pen.rgba, [fixed], True, (22, 22, 24, 255), max(1, round(0.045 * pen.scale)), pen.smooth
    )


def _paint(pen: Pen, o: Outfit, phase: float) -> None:
    frame: Colour = o.bag_colour
    hip, crank = (0.0, 0.97, -0.28), (0.0, 0.3, 0.0)
    shoulder, bars = (0.0, 1.4, 0.08), (0.0, 1.02, 0.38)
    first, second = (-0.55, 0.55) if pen.depth((0.0, 0.0, -1.0)) > 0 else (0.55, -0.55)
    _wheel(pen, first)
    for a, b in (
        ((0.0, 0.34, -0.55), (0.0, 0.85, -0.2)),
        ((0.0, 0.85, -0.2), crank),
        (crank, (0.0, 0.34, -0.55)),
        (crank, (0.0, 0.8, 0.38)),
        ((0.0, 0.8, 0.38), (0.0, 0.85, -0.2)),
        ((0.0, 0.34, 0.55), bars),
    ):
        pen.limb(a, b, 0.02, 0.02, frame, 0.9, False)
    pen.limb((-0.26, 1.02, 0.34), (0.26, 1.02, 0.34), 0.018, 0.018, (30, 30, 32), 1.0)
    sides = sorted((-1.0, 1.0), key=lambda side: -pen.depth((side, 0.0, 0.0)))
    for index, side in enumerate(sides):
        shade = 0.75 if index == 0 else 1.0
        turn = phase + (math.pi if side > 0 else 0.0)
        foot = (side * 0.12, crank[1] + 0.17 * math.sin(turn), 0.17 * math.cos(turn))
        knee = (side * 0.14, 0.5 * (hip[1] + foot[1]) + 0.06, 0.5 * (hip[2] + foot[2]) + 0.3)
        pen.limb((side * 0.1, hip[1], hip[2]), knee, 0.09, 0.065, o.bottom, shade)
        pen.limb(knee, foot, 0.06, 0.045, o.bottom, shade)
        toe = (foot[0], foot[1] - 0.01, foot[2] + 0.13)
        pen.limb(foot, toe, 0.045, 0.03, o.shoes, shade)
        if index == 0:
            pen.limb(
                (side * 0.2, shoulder[1], shoulder[2]),
                (side * 0.25, 1.2, 0.3),
                0.06,
                0.05,
                o.top,
                0.75,
            )
    build = o.build
    pen.limb(hip, (0.0, 1.3, 0.02), 0.16 * build, 0.17 * build, o.top)
    broad = math.hypot(0.21 * pen.cos, 0.1 * pen.sin)
    pen.limb(
        (-broad * pen.cos, shoulder[1], shoulder[2] - broad * pen.sin),
        (broad * pen.cos, shoulder[1], shoulder[2] + broad * pen.sin),
        0.09,
        0.09,
        o.top,
    )
    if o.bag == "backpack":
        x, y = pen.place((0.0, 1.25, -0.16))
        pen.disc(x, y, 0.14 * pen.scale, 0.2 * pen.scale, shaded(o.bag_colour, 0.95), False)
    x, y = pen.place((0.0, 1.63, 0.14))
    r = 0.115 * pen.scale
    pen.disc(x, y, r * 0.85, r * 1.05, shaded(o.hair, 1.0))
    if pen.cos < 0.35:
        pen.disc(x + pen.sin * r * 0.25, y + r * 0.2, r * 0.7, r * 0.8, shaded(o.skin, 0.92))
    if o.texture % 2:
        pen.disc(x, y - r * 0.5, r, r * 0.6, shaded(o.accent, 1.0))
    near = sides[1]
    elbow = (near * 0.27, 1.18, 0.18)
    pen.limb((near * 0.2, shoulder[1], shoulder[2]), elbow, 0.065, 0.05, o.top, 0.98)
    pen.limb(elbow, (near * 0.24, 1.03, 0.36), 0.048, 0.036, o.top, 0.98)
    _wheel(pen, second)
