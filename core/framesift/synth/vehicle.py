"""Vehicles: extruded side profiles with glass, wheels, lights and plates, in perspective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.synth.camera import Camera, Float
from framesift.synth.canvas import Canvas, Glow
from framesift.synth.noise import Colour, pick, varied

PAINT: tuple[Colour, ...] = ((24, 26, 30), (40, 44, 52), (150, 154, 160), (176, 180, 184),
                             (214, 216, 216), (32, 44, 84), (120, 24, 30), (60, 64, 70),
                             (92, 98, 106), (30, 60, 52), (128, 140, 156), (170, 40, 40),
                             (200, 190, 160), (50, 84, 130))
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Side view, front to the right: l along (metres from the middle), y up. `outline` runs
    from the front bottom over the top to the rear bottom; `glass` are side windows; spans of
    the outline that are glass when seen from the front or above: `panes` (index of segment)."""

    width: float
    outline: Points
    glass: tuple[Points, ...]
    panes: tuple[int, ...]
    wheels: tuple[float, float]
    radius: float
    belt: float
    front: float
    rear: float


MODELS: dict[str, Model] = {
    "hatch": Model(1.7, ((2.0, 0.25), (2.0, 0.62), (1.85, 0.78), (1.0, 0.94), (0.25, 1.42),
                         (-0.4, 1.5), (-1.3, 1.42), (-1.85, 0.95), (-1.95, 0.6), (-1.95, 0.28)),
                   (((0.75, 0.96), (0.2, 1.34), (-0.35, 1.41), (-0.4, 0.96)),
                    ((-0.5, 0.96), (-0.45, 1.41), (-1.15, 1.35), (-1.45, 0.98))),
                   (3, 6), (1.25, -1.2), 0.3, 0.93, 2.0, -1.95),
    "saloon": Model(1.78, ((2.25, 0.25), (2.25, 0.6), (2.1, 0.76), (1.1, 0.92), (0.3, 1.38),
                           (-0.5, 1.43), (-1.1, 1.36), (-1.65, 0.98), (-2.2, 0.94), (-2.28, 0.5),
                           (-2.25, 0.28)),
                    (((0.85, 0.94), (0.25, 1.3), (-0.3, 1.34), (-0.35, 0.94)),
                     ((-0.45, 0.94), (-0.4, 1.34), (-1.05, 1.28), (-1.4, 0.97))),
                    (3, 6), (1.4, -1.4), 0.32, 0.92, 2.25, -2.28),
    "suv": Model(1.86, ((2.2, 0.35), (2.2, 0.82), (2.05, 1.0), (1.15, 1.1), (0.55, 1.66),
                        (-0.4, 1.74), (-1.9, 1.68), (-2.15, 1.1), (-2.2, 0.7), (-2.15, 0.38)),
                 (((0.95, 1.12), (0.5, 1.58), (-0.2, 1.64), (-0.25, 1.12)),
                  ((-0.35, 1.12), (-0.3, 1.64), (-1.75, 1.58), (-1.95, 1.14))),
                 (3, 6), (1.35, -1.35), 0.37, 1.1, 2.2, -2.2),
    "van": Model(1.95, ((2.5, 0.35), (2.5, 0.9), (2.3, 1.15), (1.75, 1.3), (1.2, 2.0),
                        (0.8, 2.15), (-2.4, 2.15), (-2.5, 1.2), (-2.5, 0.4)),
                 (((1.6, 1.28), (1.15, 1.9), (0.75, 1.9), (0.75, 1.28)),),
                 (3,), (1.6, -1.5), 0.36, 1.28, 2.5, -2.5),
    "bus": Model(2.5, ((5.4, 0.4), (5.4, 1.3), (5.35, 2.7), (5.1, 3.0), (-5.2, 3.0), (-5.3, 2.7),
                       (-5.3, 1.2), (-5.3, 0.45)),
                 tuple(((4.9 - k * 1.65, 1.35), (4.9 - k * 1.65, 2.5), (3.45 - k * 1.65, 2.5),
                        (3.45 - k * 1.65, 1.35)) for k in range(6)),
                 (1, 5), (3.2, -3.0), 0.5, 1.3, 5.4, -5.3),
}


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle's looks."""

    model: str
    paint: Colour
    plate: Colour
    lights: bool
    sheen: float

    @property
    def length(self) -> float:
        """Metres from bumper to bumper."""
        shape = MODELS[self.model]
        return shape.front - shape.rear

    @property
    def width(self) -> float:
        """Metres."""
        return MODELS[self.model].width


def make_vehicle(rng: np.random.Generator, lights: bool) -> Vehicle:
    """A new vehicle; `lights` at dusk and in rain."""
    roll = rng.random()
    model = ("hatch" if roll < 0.42 else "saloon" if roll < 0.66 else "suv" if roll < 0.82 else
             "van" if roll < 0.95 else "bus")
    paint = varied(rng, pick(rng, PAINT), 10)
    if model == "bus":
        paint = varied(rng, pick(rng, ((190, 30, 34), (40, 90, 160), (220, 220, 216),
                                       (40, 120, 80))), 8)
    elif model == "van" and rng.random() < 0.6:
        paint = varied(rng, (218, 220, 222), 6)
    plate = (228, 206, 70) if rng.random() < 0.5 else (226, 226, 220)
    return Vehicle(model, paint, plate, lights, float(rng.uniform(0.9, 1.2)))


@dataclass(slots=True)
class _Placed:
    canvas: Canvas
    camera: Camera
    shape: Model
    s: float
    x: float
    way: float
    sun: float

    def at(self, l: Float, y: Float, w: Float) -> tuple[Float, Float, Float]:
        return self.camera.project(self.s + l * self.way, self.x + w * self.way, y)

    def half(self, y: Float) -> Float:
        """Half breadth at a height: the cabin leans in."""
        s = self.shape
        top = max(p[1] for p in s.outline)
        lean = 0.06 if s.width > 1.9 else 0.2
        tuck = np.clip((y - s.belt) / (top - s.belt), 0, 1) * lean
        return 0.5 * s.width - tuck

    def face(self, points: Points | NDArray[np.float64], side: float, colour: Colour,
             shade: float, inset: float = 0.0) -> None:
        """A polygon on the left (−1) or right (+1) side."""
        p = np.asarray(points, np.float64)
        u, v, z = self.at(p[:, 0], p[:, 1], side * (self.half(p[:, 1]) - inset))
        if z.max() > 0.3:
            self.canvas.polygon(u, v, self.tone(colour, float(z.mean()), shade))

    def cross(self, l0: float, y0: float, l1: float, y1: float, colour: Colour, shade: float,
              left: float = -1.0, right: float = 1.0) -> None:
        """A panel across the vehicle between two outline points; left…right in half breadths."""
        l, y = np.array([l0, l0, l1, l1]), np.array([y0, y0, y1, y1])
        w = self.half(y) * np.array([left, right, right, left])
        u, v, z = self.at(l, y, w)
        if z.max() > 0.3:
            self.canvas.polygon(u, v, self.tone(colour, float(z.mean()), shade))

    def tone(self, colour: Colour, depth: float, shade: float) -> tuple[int, int, int]:
        right, _ = self.camera.ground(self.s, self.x)
        return self.canvas.air.tone(colour, depth, float(right), shade * self.sun)


def draw_vehicle(canvas: Canvas, camera: Camera, vehicle: Vehicle, s: float, x: float,
                 way: float = 1.0, sun: float = 1.0, braking: bool = False,
                 night: bool = False) -> None:
    """Draws a vehicle whose middle stands at (s, x); way 1: it faces away from the camera,
    −1: towards it."""
    shape = MODELS[vehicle.model]
    ends = camera.ground(np.array([s + shape.rear, s + shape.front]), np.array([x, x]))[1]
    if ends.max() < 0.8:
        return
    place = _Placed(canvas, camera, shape, s, x, way, sun)
    _shadow(place)
    side = -1.0 if (camera.x - x + 0.5 * camera.bend * 0) * way < 0 else 1.0
    near_is_front = (camera.s - s) * way > 0
    _wheels(place, -side, 0.5)
    order = list(range(len(shape.outline) - 1))
    if near_is_front:
        order.reverse()
    for k in order:
        (l0, y0), (l1, y1) = shape.outline[k], shape.outline[k + 1]
        slope = (l0 - l1, y1 - y0)
        upright = abs(slope[1]) / (abs(slope[0]) + abs(slope[1]))
        faces_front = y1 > y0
        if upright > 0.5 and faces_front != near_is_front:
            continue
        if upright <= 0.5 and max(y0, y1) > camera.height + 0.3:
            continue
        shade = 0.62 if upright > 0.85 else 0.85 if upright > 0.3 else 1.15 * vehicle.sheen
        place.cross(l0, y0, l1, y1, vehicle.paint, shade)
        if k in shape.panes:
            a, b = (0.08, 0.95)
            place.cross(l0 + (l1 - l0) * a, y0 + (y1 - y0) * a, l0 + (l1 - l0) * b,
                        y0 + (y1 - y0) * b, (38, 44, 50), 1.0, -0.9, 0.9)
            place.cross(l0 + (l1 - l0) * 0.6, y0 + (y1 - y0) * 0.6, l0 + (l1 - l0) * 0.93,
                        y0 + (y1 - y0) * 0.93, (112, 124, 134), 0.9, -0.8, 0.3)
    if not near_is_front and len(shape.panes) == 1 and shape.rear < -2.4:
        place.cross(shape.rear, 1.3, shape.rear, 1.85, (40, 44, 50), 1.0, -0.75, 0.75)
    _end(place, vehicle, near_is_front, braking, night)
    _side(place, vehicle, side)
    _wheels(place, side, 1.0)


def _side(place: _Placed, vehicle: Vehicle, side: float) -> None:
    shape = place.shape
    place.face(shape.outline, side, vehicle.paint, 0.8)
    belt = shape.belt
    upper = np.array([(shape.front - 0.15, belt - 0.2), (shape.front - 0.4, belt - 0.08),
                      (shape.rear + 0.1, belt - 0.02), (shape.rear + 0.05, belt - 0.2)])
    place.face(upper, side, vehicle.paint, 1.08 * vehicle.sheen)
    low = shape.outline[0][1]
    sill = np.array([(shape.front - 0.05, low + 0.14), (shape.rear + 0.05, low + 0.14),
                     (shape.rear + 0.05, low), (shape.front - 0.05, low)])
    place.face(sill, side, (vehicle.paint[0] * 0.5, vehicle.paint[1] * 0.5,
                            vehicle.paint[2] * 0.5), 0.8)
    for pane in shape.glass:
        place.face(pane, side, (36, 42, 48), 1.0)
        p = np.asarray(pane)
        middle = p.mean(axis=0)
        place.face(middle + (p - middle) * np.array([0.8, 0.45]) + np.array([0.0, 0.06]), side,
                   (104, 116, 126), 0.85)
    if len(shape.glass) == 2:
        seam = shape.glass[0][2][0] - 0.07
        place.face(np.array([(seam + 0.012, low + 0.2), (seam + 0.012, belt), (seam - 0.012, belt),
                             (seam - 0.012, low + 0.2)]), side, (30, 30, 32), 0.8)


def _wheels(place: _Placed, side: float, rim: float) -> None:
    angles = np.linspace(0, 2 * np.pi, 17)[:-1]
    r = place.shape.radius
    for middle in place.shape.wheels:
        for scale, colour, up in ((1.28, (14, 14, 15), 0.03), (1.0, (24, 24, 26), 0.0),
                                  (0.62, (120 * rim, 122 * rim, 126 * rim), 0.0),
                                  (0.2, (60.0, 60.0, 62.0), 0.0)):
            if scale < 1 and rim < 1:
                continue
            p = np.stack([middle + r * scale * np.cos(angles),
                          np.maximum(r + up + r * scale * np.sin(angles), 0.0)], axis=-1)
            place.face(p, side, colour, 0.9, inset=-0.01)


def _shadow(place: _Placed) -> None:
    s = place.shape
    l = np.array([s.front, s.front, s.rear, s.rear])
    w = np.array([-0.62, 0.62, 0.62, -0.62]) * s.width
    u, v, z = place.at(l, np.zeros(4), w)
    if z.min() > 0.8:
        place.canvas.darken(u, v, 0.62)


def _end(place: _Placed, vehicle: Vehicle, front: bool, braking: bool, night: bool) -> None:
    shape = place.shape
    l = shape.front if front else shape.rear
    low = shape.outline[0][1]
    top = shape.outline[1][1] if front else shape.outline[-2][1]
    tall = max(top, low + 0.4)
    mid = 0.5 * (low + tall)
    place.cross(l, low, l, low + 0.2, (46, 46, 48), 0.8, -0.98, 0.98)
    if front:
        place.cross(l, mid - 0.02, l, mid + 0.12, (34, 34, 36), 0.8, -0.45, 0.45)
    place.cross(l, low + 0.16, l, low + 0.28, vehicle.plate, 0.9, -0.28, 0.28)
    lamp: Colour = (226, 228, 224) if front else (200, 26, 24) if braking else (134, 22, 22)
    base = tall - 0.16 if front else tall - 0.06
    for a, b in ((-0.96, -0.64), (0.64, 0.96)):
        place.cross(l, base - 0.06, l, base + 0.1, lamp, 1.0, a, b)
        if not (vehicle.lights or braking):
            continue
        y = np.array([base + 0.02])
        u, v, z = place.at(np.array([l]), y, place.half(y) * (a + b) / 2)
        if z[0] > 1.0:
            px = place.camera.focal / float(z[0])
            colour: Colour = ((255, 244, 214) if front else (255, 40, 26))
            strength = (1.0 if front else 0.8 if braking else 0.5) * (1.0 if night else 0.35)
            right, _ = place.camera.ground(place.s, place.x)
            place.canvas.glows.append(Glow(float(u[0]), float(v[0]),
                                           px * (0.16 if front else 0.1),
                                           (colour[0] * strength, colour[1] * strength,
                                            colour[2] * strength), float(z[0])))
