"""Drawing articulated people: a skeleton in 3-D, seen from the camera's side, with clothes.

The body frame is x to the person's right, y up, z the way the person faces; all lengths are
fractions of the person's height until they are drawn.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from framesift.synth.figure_parts import backpack, head, umbrella
from framesift.synth.noise import shaded
from framesift.synth.outfit import Outfit
from framesift.synth.pen import Pen, Sprite, Vec, finish


def _leg(side: float, phase: float, swing: float) -> tuple[Vec, Vec, Vec, float]:
    hip = (side * 0.048, 0.0, 0.0)
    thigh = swing * math.sin(phase)
    flex = 0.08 + swing * (0.25 + 1.9 * max(0.0, math.cos(phase + 0.35)) ** 2) * 0.8
    shin = thigh - flex
    knee = (side * 0.05, -0.245 * math.cos(thigh), 0.245 * math.sin(thigh))
    ankle = (side * 0.052, knee[1] - 0.235 * math.cos(shin), knee[2] + 0.235 * math.sin(shin))
    return hip, knee, ankle, shin


def _up(p: Vec, dy: float) -> Vec:
    return p[0], p[1] + dy, p[2]


def draw_person(
    outfit: Outfit,
    pixels: float,
    facing: float,
    phase: float = 0.0,
    swing: float = 0.0,
    light: float = 0.5,
    offset: tuple[float, float] = (0.0, 0.0),
) -> Sprite:
    """Draws a standing or walking person `pixels` tall.

    facing: angle in radians between the person's front and the camera's view (0: seen from
    behind, π: coming towards the camera, π/2: walking to the right); phase of the gait;
    swing: amplitude of the legs in radians (0: standing); light −1…1; offset: the foot
    point's place within its pixel.
    """
    over = 2 if pixels < 110 else 1
    scale = pixels * over
    wide, head_room = 0.44, 1.08 if outfit.umbrella is None else 1.3
    half, below = math.ceil(wide * pixels) + 2, math.ceil(0.08 * pixels) + 2
    above = math.ceil(head_room * pixels) + 2
    rgba = np.zeros(((above + below) * over, 2 * half * over, 4), np.uint8)
    pen = Pen(
        rgba,
        scale,
        (half + offset[0]) * over,
        (above + offset[1]) * over,
        math.cos(facing),
        math.sin(facing),
        light,
        cv2.LINE_AA if over == 1 else cv2.LINE_8,
    )
    _paint(pen, outfit, phase, swing)
    rgba = finish(rgba, outfit.texture, over)
    return Sprite(rgba, -half, -above, pen.extent(over, offset))


def _paint(pen: Pen, o: Outfit, phase: float, swing: float) -> None:
    b = o.build
    away = pen.cos  # 1: back to the camera, −1: front
    legs = [_leg(-1.0, phase, swing), _leg(1.0, phase + math.pi, swing)]
    lift = 0.035 - min(leg[2][1] for leg in legs)
    coat = o.top_kind in ("coat", "dress")
    puffy = 1.16 if o.top_kind == "puffer" else 1.0
    legs.sort(key=lambda leg: -pen.depth(leg[1]))
    arms = sorted(
        ((-1.0, phase + math.pi), (1.0, phase)), key=lambda arm: -pen.depth((arm[0], 0.0, 0.0))
    )
    if o.umbrella is not None:
        umbrella(pen, o, lift)
    if o.bag == "backpack" and away < -0.2:
        backpack(pen, o, lift)
    _arm(pen, o, arms[0][0], arms[0][1], swing, lift, 0.78, puffy)
    for index, (hip, knee, ankle, shin) in enumerate(legs):
        shade = 0.78 if index == 0 else 1.0
        bare = o.bottom_kind == "shorts" or o.bottom_kind == "skirt"
        lower = o.skin if bare else o.bottom
        thigh_colour = o.skin if o.bottom_kind == "skirt" else o.bottom
        slim = 0.72 if o.bottom_kind == "skirt" else 1.0
        toe = (ankle[0], ankle[1] - 0.012, ankle[2] + 0.085 * math.cos(min(0.0, shin) * 0.6))
        pen.limb(_up(ankle, lift - 0.012), _up(toe, lift - 0.006), 0.024, 0.017, o.shoes, shade)
        pen.limb(
            _up(knee, lift), _up(ankle, lift), 0.038 * b * slim, 0.027 * slim, lower, shade
        )
        pen.limb(
            _up(hip, lift), _up(knee, lift), 0.056 * b, 0.04 * b * slim, thigh_colour, shade
        )
    shoulder, hips, hem = lift + 0.315, lift, lift - (0.2 if coat else 0.03)
    if o.bottom_kind == "skirt":
        low = lift - 0.26
        pen.rows(
            [
                (hips + 0.06, 0.09 * b, 0.075 * b),
                (hips - 0.04, 0.108 * b, 0.09 * b),
                (low, 0.118 * b, 0.1 * b + 0.1 * swing),
            ],
            o.bottom,
        )
    neck = lift + 0.345
    trunk = [
        (neck + 0.005, 0.035, 0.035),
        (shoulder + 0.012, 0.092 * b, 0.055),
        (shoulder - 0.02, 0.118 * b * puffy, 0.08 * b * puffy),
        (shoulder - 0.1, 0.112 * b * puffy, 0.098 * b * puffy),
        (hips + 0.12, 0.096 * b * puffy, 0.092 * b * puffy),
        (hips + 0.03, 0.104 * b * puffy, 0.096 * b * puffy),
    ]
    if coat:
        trunk += [(hem, 0.122 * b, 0.108 * b + 0.08 * swing)]
    else:
        trunk += [(hem, 0.102 * b * puffy, 0.094 * b * puffy)]
    pen.rows(trunk, o.top, 1.0, 0.04 + 0.1 * swing)
    _pattern(pen, o, trunk, away)
    if o.bag == "backpack" and away >= -0.2:
        backpack(pen, o, lift)
    head(pen, o, lift, away)
    _arm(pen, o, arms[1][0], arms[1][1], swing, lift, 1.0, puffy)
    if o.bag == "shoulder":
        p = pen.place((0.115 * b * (1 if o.texture % 2 else -1), lift + 0.05, 0.02))
        r = 0.05 * pen.scale
        strap = pen.place((0.0, lift + 0.31, 0.0))
        cv2.line(
            pen.rgba,
            (int(p[0]), int(p[1])),
            (int(strap[0]), int(strap[1])),
            (*shaded(o.bag_colour, 0.8), 255),
            max(1, int(0.012 * pen.scale)),
            cv2.LINE_AA,
        )
        pen.fill(
            [
                (p[0] - r, p[1] - r * 0.5),
                (p[0] + r, p[1] - r * 0.5),
                (p[0] + r * 1.1, p[1] + r * 1.1),
                (p[0] - r * 1.1, p[1] + r * 1.1),
            ],
            shaded(o.bag_colour, 0.95),
            False,
        )
    elif o.bag == "case":
        p = pen.place((0.0, 0.02, -0.26 - 0.05 * swing))
        w, h = 0.09 * pen.scale, 0.26 * pen.scale
        pen.fill(
            [(p[0] - w, p[1]), (p[0] + w, p[1]), (p[0] + w, p[1] - h), (p[0] - w, p[1] - h)],
            shaded(o.bag_colour, 0.8),
            False,
        )


def _arm(
    pen: Pen,
    o: Outfit,
    side: float,
    phase: float,
    swing: float,
    lift: float,
    shade: float,
    puffy: float,
) -> None:
    b = o.build
    top = (side * 0.118 * b, lift + 0.295, 0.0)
    angle = -0.08 - 0.85 * swing * math.sin(phase)
    out, flex = 0.035 + 0.02 * puffy, 0.2 + 0.5 * swing
    if o.arms == "pockets":
        angle, out, flex = -0.25, 0.06, 0.65
    elif o.arms == "folded":
        angle, out, flex = 0.1, 0.03, 1.6
    elif o.arms == "phone" and side > 0:
        angle, out, flex = 0.35, 0.03, 1.9
    if o.umbrella is not None and side > 0:
        angle, out, flex = 0.3, 0.02, 1.9
    elbow = (top[0] + side * out, top[1] - 0.17 * math.cos(angle), 0.17 * math.sin(angle))
    fore = angle + flex
    inward = 0.6 if o.arms == "folded" else 0.1
    hand = (
        elbow[0] - side * 0.15 * inward,
        elbow[1] - 0.15 * math.cos(fore),
        elbow[2] + 0.15 * math.sin(fore),
    )
    bare = o.top_kind in ("shirt", "dress") and o.texture % 3 == 0
    pen.limb(hand, hand, 0.021, 0.021, o.skin, shade)
    pen.limb(elbow, hand, 0.03 * puffy, 0.022 * puffy, o.skin if bare else o.top, shade * 0.95)
    pen.limb(top, elbow, 0.042 * b * puffy, 0.032 * puffy, o.top, shade * 0.98)
    if o.bag == "carrier" and side < 0:
        x, y = pen.place(hand)
        w, h = 0.055 * pen.scale, 0.15 * pen.scale
        pen.fill(
            [(x - w * 0.5, y), (x + w * 0.5, y), (x + w, y + h), (x - w, y + h)],
            shaded(o.bag_colour, shade),
            False,
        )


def _pattern(pen: Pen, o: Outfit, trunk: list[tuple[float, float, float]], away: float) -> None:
    top, bottom = trunk[2][0], trunk[-2][0]
    if o.pattern == "stripes":
        for k in range(3):
            y = top - 0.02 - 0.075 * k
            pen.rows(
                [(y, 0.106 * o.build, 0.078), (y - 0.03, 0.104 * o.build, 0.08)],
                o.accent,
                0.95,
                0.04,
                body=False,
            )
    elif o.pattern == "blocks":
        pen.rows([trunk[1], trunk[2], trunk[3]], o.accent, 0.95, 0.04, body=False)
    elif o.pattern == "zip" and away < 0.1:
        x, y = pen.place((0.0, top + 0.03, 0.08))
        x2, y2 = pen.place((0.0, bottom, 0.085))
        w = 0.018 * pen.scale
        pen.fill(
            [(x - w * 2.2, y), (x + w * 2.2, y), (x2 + w, y2), (x2 - w, y2)],
            shaded(o.accent, 0.95),
            False,
        )
    elif o.pattern == "patch":
        x, y = pen.place((0.03, top - 0.03, -0.07 if away > 0 else 0.07))
        w = 0.04 * pen.scale * abs(away)
        pen.fill(
            [(x - w, y), (x + w, y), (x + w, y + w * 1.2), (x - w, y + w * 1.2)],
            shaded(o.accent, 1.05),
            False,
        )
