"""How the camera moves: its place, speed and attitude at any frame, from the seed alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from framesift.synth.camera import Camera, Float
from framesift.synth.noise import stream

FPS = 30.0
TAIL = 40.0  # seconds planned beyond the last frame


@dataclass(frozen=True, slots=True)
class Route:
    """s, v: place (metres) and speed (m/s) of the camera at each frame, with a tail."""

    s: Float
    v: Float
    lane: float
    shake: float
    focal: float
    height: float
    pitch: float
    curves: tuple[tuple[float, float, float], ...]
    turns: tuple[tuple[float, float], ...]

    def at(self, frame: int) -> float:
        """Metres along the street at a frame (held at the ends)."""
        return float(self.s[min(max(frame, 0), len(self.s) - 1)])

    def camera(self, frame: int, rows: int, cols: int) -> Camera:
        """The camera at a frame."""
        t = frame / FPS
        s, v = self.at(frame), float(self.v[min(frame, len(self.v) - 1)])
        bend = sum(a * math.sin(s / length + phase) for a, length, phase in self.curves)
        yaw = 0.0
        for middle, strength in self.turns:
            near = math.exp(-(((s - middle) / 16.0) ** 2))
            bend += strength * near
            yaw -= strength * 7.0 * near
        going = min(1.0, v / 6.0)
        rough = self.shake * (0.06 + going)
        yaw += 0.012 * going * math.sin(t / 2.3 + 1.0)
        yaw += rough * 0.0011 * (math.sin(17.3 * t) + math.sin(23.9 * t + 2.0))
        bumps = (
            math.sin(13.1 * t) + 0.7 * math.sin(29.7 * t + 1.0) + 0.8 * math.sin(5.1 * t + 0.4)
        )
        pitch = self.pitch + rough * 0.0018 * bumps
        x = self.lane + 0.25 * going * math.sin(t / 3.7) + 0.02 * rough * math.sin(3.1 * t)
        return Camera(
            rows,
            cols,
            self.focal * cols * (rows / cols) / 0.75,
            s,
            x,
            self.height,
            yaw,
            pitch,
            bend,
        )


def plan_route(
    seed: int, frames: int, lane: float, shake: float, standing: bool, lens: float = 1.0
) -> Route:
    """The route of a drive; `standing`: it never moves off."""
    rng = stream("route", seed)
    total = frames + int(TAIL * FPS)
    speed, s, target, until = 0.0, 200.0, 0.0, -1
    cruise = float(rng.uniform(6.5, 11.0))
    speed = 0.0 if standing else cruise
    places, speeds = np.empty(total), np.empty(total)
    for frame in range(total):
        if frame > until:
            stop = rng.random() < 0.16
            target = 0.0 if stop else float(cruise * rng.uniform(0.55, 1.15))
            until = frame + int(FPS * (rng.uniform(4, 9) if stop else rng.uniform(5, 14)))
        if not standing:
            speed += float(np.clip(target - speed, -2.8 / FPS, 1.8 / FPS))
            s += speed / FPS
        places[frame], speeds[frame] = s, speed
    rng = stream("camera", seed)  # not the stream above: its state depends on `frames`
    curves = tuple(
        (float(rng.normal(0, 0.0011)), float(rng.uniform(20, 60)), float(rng.uniform(0, 6.28)))
        for _ in range(2)
    )
    focal, height = lens * float(rng.uniform(0.95, 1.25)), float(rng.uniform(1.2, 1.5))
    pitch = float(rng.normal(-0.015, 0.015))
    turns: list[tuple[float, float]] = []
    at = 200.0 + float(rng.uniform(60, 250))
    while not standing and at < places[-1] + 200:
        turns.append((at, float(rng.choice([-1.0, 1.0]) * rng.uniform(0.006, 0.016))))
        at += float(rng.uniform(150, 450))
    return Route(
        places,
        speeds,
        lane,
        0.35 * shake if standing else shake,
        focal,
        height,
        pitch,
        () if standing else curves,
        tuple(turns),
    )
