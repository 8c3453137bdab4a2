"""Vehicles by kind and looks: the shapes that `vehicle` paints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framesift.synth.noise import Colour, pick, varied

PAINT: tuple[Colour, ...] = (
    (24, 26, 30),
    (40, 44, 52),
    (150, 154, 160),
    (176, 180, 184),
    (214, 216, 216),
    (32, 44, 84),
    (120, 24, 30),
    (60, 64, 70),
    (92, 98, 106),
    (30, 60, 52),
    (128, 140, 156),
    (170, 40, 40),
    (200, 190, 160),
    (50, 84, 130),
)
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
    "hatch": Model(
        1.7,
        (
            (2.0, 0.25),
            (2.0, 0.62),
            (1.85, 0.78),
            (1.0, 0.94),
            (0.25, 1.42),
            (-0.4, 1.5),
            (-1.3, 1.42),
            (-1.85, 0.95),
            (-1.95, 0.6),
            (-1.95, 0.28),
        ),
        (
            ((0.75, 0.96), (0.2, 1.34), (-0.35, 1.41), (-0.4, 0.96)),
            ((-0.5, 0.96), (-0.45, 1.41), (-1.15, 1.35), (-1.45, 0.98)),
        ),
        (3, 6),
        (1.25, -1.2),
        0.3,
        0.93,
        2.0,
        -1.95,
    ),
    "saloon": Model(
        1.78,
        (
            (2.25, 0.25),
            (2.25, 0.6),
            (2.1, 0.76),
            (1.1, 0.92),
            (0.3, 1.38),
            (-0.5, 1.43),
            (-1.1, 1.36),
            (-1.65, 0.98),
            (-2.2, 0.94),
            (-2.28, 0.5),
            (-2.25, 0.28),
        ),
        (
            ((0.85, 0.94), (0.25, 1.3), (-0.3, 1.34), (-0.35, 0.94)),
            ((-0.45, 0.94), (-0.4, 1.34), (-1.05, 1.28), (-1.4, 0.97)),
        ),
        (3, 6),
        (1.4, -1.4),
        0.32,
        0.92,
        2.25,
        -2.28,
    ),
    "suv": Model(
        1.86,
        (
            (2.2, 0.35),
            (2.2, 0.82),
            (2.05, 1.0),
            (1.15, 1.1),
            (0.55, 1.66),
            (-0.4, 1.74),
            (-1.9, 1.68),
            (-2.15, 1.1),
            (-2.2, 0.7),
            (-2.15, 0.38),
        ),
        (
            ((0.95, 1.12), (0.5, 1.58), (-0.2, 1.64), (-0.25, 1.12)),
            ((-0.35, 1.12), (-0.3, 1.64), (-1.75, 1.58), (-1.95, 1.14)),
        ),
        (3, 6),
        (1.35, -1.35),
        0.37,
        1.1,
        2.2,
        -2.2,
    ),
    "van": Model(
        1.95,
        (
            (2.5, 0.35),
            (2.5, 0.9),
            (2.3, 1.15),
            (1.75, 1.3),
            (1.2, 2.0),
            (0.8, 2.15),
            (-2.4, 2.15),
            (-2.5, 1.2),
            (-2.5, 0.4),
        ),
        (((1.6, 1.28), (1.15, 1.9), (0.75, 1.9), (0.75, 1.28)),),
        (3,),
        (1.6, -1.5),
        0.36,
        1.28,
        2.5,
        -2.5,
    ),
    "bus": Model(
        2.5,
        (
            (5.4, 0.4),
            (5.4, 1.3),
            (5.35, 2.7),
            (5.1, 3.0),
            (-5.2, 3.0),
            (-5.3, 2.7),
            (-5.3, 1.2),
            (-5.3, 0.45),
        ),
        tuple(
            (
                (4.9 - k * 1.65, 1.35),
                (4.9 - k * 1.65, 2.5),
                (3.45 - k * 1.65, 2.5),
                (3.45 - k * 1.65, 1.35),
            )
            for k in range(6)
        ),
        (1, 5),
        (3.2, -3.0),
        0.5,
        1.3,
        5.4,
        -5.3,
    ),
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
    model = (
        "hatch"
        if roll < 0.42
        else "saloon"
        if roll < 0.66
        else "suv"
        if roll < 0.82
        else "van"
        if roll < 0.95
        else "bus"
    )
    paint = varied(rng, pick(rng, PAINT), 10)
    if model == "bus":
        paint = varied(
            rng, pick(rng, ((190, 30, 34), (40, 90, 160), (220, 220, 216), (40, 120, 80))), 8
        )
    elif model == "van" and rng.random() < 0.6:
        paint = varied(rng, (218, 220, 222), 6)
    plate = (228, 206, 70) if rng.random() < 0.5 else (226, 226, 220)
    return Vehicle(model, paint, plate, lights, float(rng.uniform(0.9, 1.2)))
