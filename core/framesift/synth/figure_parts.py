"""Heads of drawn people, and what they carry."""

from __future__ import annotations

import math

import cv2
import numpy as np

from framesift.synth.noise import shaded
from framesift.synth.outfit import Outfit
from framesift.synth.pen import Pen


def backpack(pen: Pen, o: Outfit, lift: float) -> None:
    x, y = pen.place((0.0, lift + 0.2, -0.1))
    half = math.hypot(0.088 * pen.cos, 0.06 * pen.sin) * pen.scale
    h = 0.11 * pen.scale
    pen.fill(
        [
            (x - half, y + h),
            (x - half, y - h * 0.7),
            (x - half * 0.6, y - h),
            (x + half * 0.6, y - h),
            (x + half, y - h * 0.7),
            (x + half, y + h),
        ],
        shaded(o.bag_colour, 0.9),
        False,
    )
    pen.disc(
        x + half * 0.3 * pen.light, y, half * 0.55, h * 0.7, shaded(o.bag_colour, 1.08), False
    )


def head(pen: Pen, o: Outfit, lift: float, away: float) -> None:
    lean = 0.015
    child = 1.2 if o.height < 1.46 else 1.0
    centre = (0.0, lift + 0.345 + 0.075 * child, lean + 0.01)
    x, y = pen.place(centre)
    rx = math.hypot(0.042 * pen.cos, 0.053 * pen.sin) * pen.scale * child
    ry = 0.066 * pen.scale * child
    front = pen.sin  # the face's shift on screen
    neck = pen.place((0.0, lift + 0.34, 0.0))
    pen.fill(
        [
            (neck[0] - rx * 0.55, neck[1] + ry * 0.3),
            (neck[0] + rx * 0.55, neck[1] + ry * 0.3),
            (x + rx * 0.55, y),
            (x - rx * 0.55, y),
        ],
        shaded(o.skin, 0.72),
    )
    bald = o.hair_style == "bald"
    cover = o.skin if bald else o.hair
    if o.hair_style == "long":
        pen.fill(
            [
                (x - rx * 1.2 - front * rx * 0.4, y - ry * 0.3),
                (x + rx * 1.2 - front * rx * 0.4, y - ry * 0.3),
                (x + rx * 1.15 - front * rx * 0.5, y + ry * 1.7),
                (x - rx * 1.15 - front * rx * 0.5, y + ry * 1.7),
            ],
            shaded(o.hair, 0.9),
            False,
        )
    pen.disc(x - front * rx * 0.12, y - ry * 0.06, rx * 1.08, ry * 1.04, shaded(cover, 0.95))
    if o.hair_style == "bun":
        pen.disc(
            x - front * rx * 1.0, y - ry * 0.7, rx * 0.45, ry * 0.35, shaded(o.hair, 1.0), False
        )
    if away < 0.35:
        shift = front * rx * 0.32
        size = 0.95 - 0.3 * max(0.0, away + 0.35)
        pen.disc(x + shift, y + ry * 0.18, rx * 0.86 * size, ry * 0.8, shaded(o.skin, 0.9))
        pen.disc(
            x + shift + pen.light * rx * 0.3,
            y + ry * 0.2,
            rx * 0.45 * size,
            ry * 0.6,
            shaded(o.skin, 1.08),
        )
        if away < -0.2 and pen.scale > 120:
            eye = shaded(o.skin, 0.45)
            for dx in (-0.35, 0.35):
                pen.disc(x + shift + dx * rx, y + ry * 0.08, rx * 0.14, ry * 0.06, eye)
            pen.disc(x + shift, y + ry * 0.62, rx * 0.25, ry * 0.05, shaded(o.skin, 0.6))
    if o.headwear in ("cap", "beanie", "hat"):
        colour = shaded(o.accent, 0.95)
        pen.disc(x, y - ry * 0.45, rx * 1.12, ry * 0.62, colour)
        if o.headwear == "cap":
            pen.disc(
                x + front * rx * 0.9, y - ry * 0.3, rx * 0.8, ry * 0.14, shaded(o.accent, 0.7)
            )
        elif o.headwear == "hat":
            pen.disc(x, y - ry * 0.3, rx * 1.9, ry * 0.18, shaded(o.accent, 0.8))
    elif o.headwear == "hood":
        pen.disc(x - front * rx * 0.3, y - ry * 0.05, rx * 1.28, ry * 1.16, shaded(o.top, 0.9))
        if away < 0.2:
            pen.disc(
                x + front * rx * 0.4, y + ry * 0.12, rx * 0.8, ry * 0.85, shaded(o.skin, 0.8)
            )


def umbrella(pen: Pen, o: Outfit, lift: float) -> None:
    assert o.umbrella is not None
    x, y = pen.place((0.1, lift + 0.62, 0.06))
    r = 0.3 * pen.scale
    hand = pen.place((0.1, lift + 0.25, 0.12))
    cv2.line(
        pen.rgba,
        (int(x), int(y)),
        (int(hand[0]), int(hand[1])),
        (60, 60, 64, 255),
        max(1, int(0.01 * pen.scale)),
        cv2.LINE_AA,
    )
    points = [
        (x + r * math.cos(a), y - r * 0.42 * math.sin(a)) for a in np.linspace(0, math.pi, 14)
    ]
    pen.fill(points, shaded(o.umbrella, 0.9), False)
    inner = [
        (
            x + r * (0.35 + 0.6 * pen.light) * 0.6 + 0.35 * r * math.cos(a),
            y - r * 0.38 * math.sin(a),
        )
        for a in np.linspace(0, math.pi, 10)
    ]
    pen.fill(inner, shaded(o.umbrella, 1.12), False)
