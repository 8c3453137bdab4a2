"""Vehicles: extruded side profiles with glass, wheels, lights and plates, in perspective."""

from __future__ import annotations

import numpy as np

from framesift.synth.camera import Camera
from framesift.synth.canvas import Canvas, Glow
from framesift.synth.models import MODELS, Vehicle
from framesift.synth.noise import Colour
from framesift.synth.vehicle_panels import (
    DARK_PAINT,
    GLASS,
    GRILLE,
    HUB,
    LAMP,
    PAINTED,
    PLATE,
    RIM,
    SHEEN,
    TRIM,
    TYRE,
    Panels,
    vehicle_panels,
)

FIXED: dict[int, Colour] = {
    GLASS: (36, 42, 48),
    SHEEN: (106, 118, 128),
    TRIM: (46, 46, 48),
    TYRE: (22, 22, 24),
    RIM: (112, 114, 118),
    HUB: (58, 58, 60),
    GRILLE: (32, 32, 34),
}


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
    panels = vehicle_panels(vehicle.model, side, front, detail)
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
