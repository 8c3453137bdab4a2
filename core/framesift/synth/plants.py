"""Trees, bare and in leaf, and shrubs."""

from __future__ import annotations

import math

import cv2
import numpy as np

from framesift.synth.noise import Colour, Image, patch, pick, shaded, varied


def draw_plant(rng: np.random.Generator, kind: str, tall: int, wide: int) -> Image:
    """A tree, bare tree, conifer, shrub or topiary: uint8 tall×wide×4, premultiplied."""
    rgba = np.zeros((tall, wide, 4), np.uint8)
    bark = shaded(varied(rng, (78, 68, 58), 10), 1.0)
    leaf: Colour = varied(
        rng, pick(rng, ((66, 84, 44), (84, 96, 52), (52, 70, 44), (104, 96, 54))), 8
    )
    if kind in ("tree", "bare tree"):
        _branch(
            rng,
            rgba,
            wide / 2,
            tall - 1,
            -math.pi / 2,
            tall * 0.2,
            tall * 0.02,
            bark,
            9 if kind == "bare tree" else 4,
        )
    if kind != "bare tree":
        low, count = {
            "tree": (0.66, 900),
            "conifer": (0.95, 800),
            "shrub": (1.0, 500),
            "topiary": (1.0, 400),
        }[kind]
        for _ in range(count):
            v = float(rng.random())
            y = tall * low * (0.06 + 0.9 * v)
            if kind == "conifer":
                spread = 0.06 + 0.4 * v
            elif kind == "topiary":
                spread = 0.3 if v > 0.3 else 0.17
            else:
                spread = 0.42 * math.sqrt(max(0.02, 1 - (2 * v - 1) ** 2))
            x = wide * (0.5 + spread * float(rng.uniform(-1, 1)))
            r = tall * float(rng.uniform(0.006, 0.022))
            light = 0.55 + 0.5 * (1 - v) + 0.25 * float(rng.random()) + 0.25 * (x / wide - 0.5)
            cv2.ellipse(
                rgba,
                (int(x), int(y)),
                (max(1, int(r)), max(1, int(r * 0.7))),
                float(rng.uniform(0, 180)),
                0,
                360,
                (*shaded(leaf, light), 255),
                -1,
                cv2.LINE_AA,
            )
        ragged = patch(rng, tall, wide, 2) + rng.standard_normal((tall, wide), dtype=np.float32)
        rgba[ragged < -1.1] = 0
    return rgba


def _branch(
    rng: np.random.Generator,
    rgba: Image,
    x: float,
    y: float,
    angle: float,
    length: float,
    width: float,
    colour: tuple[int, int, int],
    depth: int,
) -> None:
    x2, y2 = x + length * math.cos(angle), y + length * math.sin(angle)
    cv2.line(
        rgba,
        (int(x), int(y)),
        (int(x2), int(y2)),
        (*colour, 255),
        max(1, round(width)),
        cv2.LINE_AA,
    )
    if depth == 0 or length < 4:
        return
    forks = 2 if rng.random() < 0.8 else 3
    for k in range(forks):
        turn = float(rng.normal(0, 0.16)) + (k - (forks - 1) / 2) * float(rng.uniform(0.5, 0.9))
        _branch(
            rng,
            rgba,
            x2,
            y2,
            angle + turn,
            length * float(rng.uniform(0.66, 0.86)),
            width * 0.66,
            colour,
            depth - 1,
        )
