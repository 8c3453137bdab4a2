"""Single labelled frames from ever new scenes, for training."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.synth.camera import Camera
from framesift.synth.fronts import panorama
from framesift.synth.ground import make_plan, road_texture
from framesift.synth.models import make_vehicle
from framesift.synth.noise import Image, as_image, pick, stream
from framesift.synth.outfit import make_outfit
from framesift.synth.scene import Driving, Walker, World, render
from framesift.synth.sensor import Sensor
from framesift.synth.settings import LOOKS
from framesift.synth.stock import Stock
from framesift.synth.street import Front, Parked, Standing, Street
from framesift.synth.style import make_style

REUSE = 10  # frames drawn on one street


def training_frames(
    look: str = "source",
    seed: int = 0,
    size: tuple[int, int] = (480, 640),
    *,
    people: float = 0.66,
) -> Iterator[tuple[Image, tuple[Box, ...]]]:
    """Endless labelled frames to train a first detector on. The same arguments give the same
    frames.

    Args:
        look: "source", "target" or "crowd", as for `drive`.
        seed: of everything that is drawn.
        size: (rows, columns).
        people: the share of frames with pedestrians, [0, 1]; their heights spread evenly (in
            the logarithm) over about 40–300 px at 480 rows.

    Yields:
        Pairs of a picture, uint8 H×W×3 (RGB), and its boxes in pixels.

    Raises:
        InputError: there is no such look.

    Example:
        >>> picture, boxes = next(training_frames(size=(96, 128)))
        >>> picture.shape
        (96, 128, 3)
    """
    check_look(look)
    rows, cols = size
    rng = stream("training", seed, look)
    stock = Stock(seed, look)
    number = 0
    while True:
        stock.renew()
        style = make_style(rng, look)
        plan = make_plan(rng)
        camera = random_camera(rng, rows, cols, plan.lane)
        street = Street(int(rng.integers(1 << 40)), stock, plan, style)
        world = World(street, road_texture(rng, plan, style), *panorama(number, style, camera))
        for _ in range(REUSE):
            number += 1
            camera = random_camera(rng, rows, cols, plan.lane)
            vehicles = _traffic(rng, camera, world)
            walkers = _people(rng, camera, world, vehicles, rng.random() < people)
            picture, boxes = render(world, camera, walkers, vehicles)
            assert picture is not None
            motion = (float(rng.exponential(1.5)), 0.0) if rng.random() < 0.25 else (0.0, 0.0)
            image = Sensor(style, rows, cols).expose(picture, rng, motion)
            if rng.random() < 0.5:
                image = as_image(cv2.flip(image, 1))
                boxes = tuple(reflected(b, cols) for b in boxes)
            yield image, boxes


def check_look(look: str) -> None:
    """InputError unless the look is known."""
    if look not in LOOKS:
        raise InputError(f"There is no look {look!r}; choose one of {', '.join(LOOKS)}.")


def reflected(box: Box, cols: int) -> Box:
    """The box in the picture's mirror image."""
    return Box(
        cols - box.x2,
        box.y1,
        cols - box.x1,
        box.y2,
        box.category,
        box.ignore,
        box.occluded,
        box.truncated,
    )


def random_camera(rng: np.random.Generator, rows: int, cols: int, lane: float) -> Camera:
    """A camera somewhere on the street."""
    return Camera(
        rows,
        cols,
        focal=float(rng.uniform(0.9, 1.35)) * cols * (rows / cols) / 0.75,
        s=float(rng.uniform(100, 1e4)),
        x=lane + float(rng.normal(0, 0.5)),
        height=float(rng.uniform(1.15, 1.6)),
        yaw=float(rng.normal(0, 0.07)),
        pitch=float(rng.normal(-0.015, 0.025)),
        bend=float(rng.normal(0, 0.002)) if rng.random() < 0.5 else 0.0,
    )


def _people(
    rng: np.random.Generator,
    camera: Camera,
    world: World,
    vehicles: list[Driving],
    crossing: bool,
) -> list[Walker]:
    style, plan = world.street.style, world.street.plan
    unit = camera.rows / 480.0
    out: list[Walker] = []
    cars: list[Driving | Parked] = [
        *vehicles,
        *(item for item in world.street.visible(camera.s) if isinstance(item, Parked)),
    ]

    def add(s: float, x: float, heading: float, crowd: int = 0, rides: bool = False) -> None:
        if any(
            abs(c.s - s) < c.vehicle.length / 2 + (1.0 if rides else 0.3)
            and abs(c.x - x) < c.vehicle.width / 2 + 0.25
            for c in cars
        ):
            return
        still = rng.random() < 0.25
        swing = float(rng.uniform(0, 0.08)) if still else float(rng.uniform(0.24, 0.48))
        out.append(
            Walker(
                make_outfit(rng, style.look, style.rain),
                s,
                x,
                heading,
                float(rng.uniform(0, 6.28)),
                swing,
                rides,
                crowd,
                float(rng.uniform(0.6, 1.15)),
            )
        )

    for _ in range(int(rng.integers(1, 3)) if rng.random() < 0.25 else 0):
        add(
            camera.s + float(rng.uniform(4, 30)),
            camera.x + float(rng.uniform(-4, 4)),
            float(pick(rng, (0.0, np.pi))) + float(rng.normal(0, 0.3)),
            0,
            True,
        )
    if not crossing:
        return out
    blinds = [
        item
        for item in (*vehicles, *world.street.visible(camera.s))
        if not isinstance(item, Front)
        and _before(camera, item.s, item.x)
        and (not isinstance(item, Standing) or item.prop.height < 4.0)
    ]
    for _ in range(1 + int(rng.poisson(1.9))):
        pixels = 38.0 * float(np.exp(rng.random() ** 1.25 * np.log(300 / 38))) * unit
        depth = camera.focal * 1.7 / pixels
        reach = 0.5 * camera.cols / camera.focal * depth
        right = float(rng.uniform(-0.96, 0.96)) * reach
        if rng.random() < 0.42:  # behind something that stands there
            cover = pick(rng, blinds) if blinds else None
            if cover is not None:
                right, depth = camera.spot(cover.s, cover.x)
                beyond = (
                    1.0
                    + float(
                        rng.uniform(0.6, 3.0)
                        + (0.0 if isinstance(cover, Standing) else cover.vehicle.length / 2)
                    )
                    / depth
                )
                right, depth = right * beyond + float(rng.normal(0, 0.4)), depth * beyond
        s = camera.s + depth * np.cos(camera.yaw) - right * np.sin(camera.yaw)
        x = (
            camera.x
            + right * np.cos(camera.yaw)
            + depth * np.sin(camera.yaw)
            - 0.5 * camera.bend * depth * depth
        )
        low, high = plan.edge(-1) + 0.25, plan.edge(1) - 0.25
        if not low < x < high:
            side = -1.0 if x < 0 else 1.0
            near, far = sorted((plan.kerb(side) + side * 0.2, plan.edge(side) - side * 0.25))
            x = float(rng.uniform(near, far))
        along = abs(x) > plan.half - 0.3 and rng.random() < 0.75
        heading = float(pick(rng, (0.0, np.pi) if along else (-np.pi / 2, np.pi / 2)))
        heading = (
            float(rng.uniform(0, 6.28))
            if rng.random() < 0.12
            else heading + float(rng.normal(0, 0.25))
        )
        add(s, x, heading)
        while rng.random() < 0.42:  # company, often partly hidden
            add(
                s + float(rng.normal(0, 0.5)),
                x + float(rng.choice([-1, 1])) * float(rng.uniform(0.3, 0.8)),
                heading + float(rng.normal(0, 0.2)),
            )
    if rng.random() < 0.08:
        s = camera.s + float(rng.uniform(9, 30))
        x = plan.edge(float(pick(rng, (-1.0, 1.0)))) * 0.9
        for _ in range(int(rng.integers(5, 9))):
            add(
                s + float(rng.normal(0, 0.7)),
                x + float(rng.normal(0, 0.7)),
                float(rng.uniform(0, 6.28)),
                1,
            )
    return out


def _before(camera: Camera, s: float, x: float) -> bool:
    right, depth = camera.spot(s, x)
    return 4.0 < depth < 22.0 and abs(right) < 0.5 * depth * camera.cols / camera.focal


def _traffic(rng: np.random.Generator, camera: Camera, world: World) -> list[Driving]:
    style, plan = world.street.style, world.street.plan
    lights = style.night or style.weather in ("rain", "dusk")
    out: list[Driving] = []
    if rng.random() < 0.4:
        out.append(
            Driving(
                make_vehicle(rng, lights),
                camera.s + float(rng.uniform(9, 45)),
                plan.lane,
                1.0,
                bool(rng.random() < 0.4),
            )
        )
    s = camera.s + float(rng.uniform(3, 40))
    while rng.random() < 0.55 and s < camera.s + 90:
        out.append(Driving(make_vehicle(rng, lights), s, -plan.lane, -1.0))
        s += float(rng.uniform(9, 30))
    return out
