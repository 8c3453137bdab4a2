"""One frame: the street, vehicles and people before a camera, painted far to near, and the
labels that follow from who is seen where."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.synth.camera import Camera
from framesift.synth.canvas import Canvas
from framesift.synth.figure import draw_person
from framesift.synth.fronts import draw_front, draw_panorama
from framesift.synth.ground import draw_ground, reflect
from framesift.synth.models import Vehicle
from framesift.synth.noise import Image
from framesift.synth.outfit import Outfit
from framesift.synth.props import draw_prop
from framesift.synth.rider import TALL, draw_rider
from framesift.synth.street import (
    Front,
    Item,
    Standing,
    Street,
    item_depth,
)
from framesift.synth.vehicle import draw_vehicle

CATEGORY = "pedestrian"
TINY = 25.0  # people lower than this at 480 rows are ignore regions …
SPECK = 13.0  # … and lower than this have no box
HIDDEN = 0.65  # hidden more than this: an ignore region
UNSEEN = 0.97  # hidden more than this: no box
OCCLUDED = 0.10  # hidden more than this: `occluded`


@dataclass(frozen=True, slots=True)
class Walker:
    """A person at (s, x); heading: direction of the front, 0 along the road, π/2 to the right;
    rides: on a bicycle; crowd: number of the dense group this one is part of, 0: none."""

    outfit: Outfit
    s: float
    x: float
    heading: float
    phase: float
    swing: float
    rides: bool = False
    crowd: int = 0
    shade: float = 1.0


@dataclass(frozen=True, slots=True)
class Driving:
    """A moving vehicle at (s, x)."""

    vehicle: Vehicle
    s: float
    x: float
    way: float
    braking: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What stays: the street, its road texture and its sky."""

    street: Street
    road: tuple[Image, ...]
    sky: Image
    sky_horizon: int


@dataclass(slots=True)
class _Seen:
    walker: Walker
    number: int
    box: tuple[float, float, float, float]
    inside: int
    total: int


def render(
    world: World,
    camera: Camera,
    walkers: list[Walker],
    vehicles: list[Driving],
    picture: bool = True,
) -> tuple[Image | None, tuple[Box, ...]]:
    """Paints a frame: uint8 rows×cols×3 before the camera's own faults (None without
    `picture`), and its labels in pixels."""
    style = world.street.style
    rgb = np.empty((camera.rows, camera.cols, 3), np.uint8) if picture else None
    canvas = Canvas(
        camera.rows, camera.cols, style.air, rgb, np.zeros((camera.rows, camera.cols), np.uint8)
    )
    draw_panorama(canvas, camera, world.sky, world.sky_horizon)
    draw_ground(canvas, camera, world.road, style)
    queue: list[tuple[float, Item | Walker | Driving]] = []
    for item in world.street.visible(camera.s):
        depth = item_depth(item, camera)
        if -4.0 < depth < 135.0:
            queue.append((depth, item))
    actors: list[Walker | Driving] = [*walkers, *vehicles]
    for actor in actors:
        depth = camera.spot(actor.s, actor.x)[1]
        if depth > -6.0:
            queue.append((depth, actor))
    queue.sort(key=lambda entry: -entry[0])
    if not picture:  # what is beyond the last person hides nobody
        far = next((k for k, entry in enumerate(queue) if isinstance(entry[1], Walker)), None)
        queue = [] if far is None else queue[far:]
    seen: list[_Seen] = []
    for _, thing in queue:
        if isinstance(thing, Front):
            draw_front(canvas, camera, thing, style)
        elif isinstance(thing, Standing):
            draw_prop(
                canvas, camera, thing.prop, thing.s, thing.x, style.sun_things, thing.flip
            )
        elif isinstance(thing, Walker):
            entry = _draw_walker(canvas, camera, thing, len(seen) + 1, world)
            if entry is not None:
                seen.append(entry)
        else:
            draw_vehicle(
                canvas,
                camera,
                thing.vehicle,
                thing.s,
                thing.x,
                thing.way,
                style.sun_things,
                isinstance(thing, Driving) and thing.braking,
                style.night,
            )
    if style.wet:
        reflect(canvas, camera, style.wet)
    if style.night:
        _street_lamps(canvas, camera, world.street)
    canvas.add_glows()
    return rgb, labels(seen, canvas.owner, camera)


def _draw_walker(
    canvas: Canvas,
    camera: Camera,
    walker: Walker,
    number: int,
    world: World,
) -> _Seen | None:
    style = world.street.style
    u, v, z = camera.point(walker.s, walker.x)
    if z < 1.2 or number > 250:
        return None
    tall = TALL if walker.rides else walker.outfit.height
    pixels = camera.focal * tall / z
    if (
        pixels < 6
        or u < -0.7 * pixels
        or u > camera.cols + 0.7 * pixels
        or v - 1.3 * pixels > camera.rows
    ):
        return None
    front_right = math.sin(walker.heading) * math.cos(camera.yaw) - math.cos(
        walker.heading
    ) * math.sin(camera.yaw)
    front_far = math.sin(walker.heading) * math.sin(camera.yaw) + math.cos(
        walker.heading
    ) * math.cos(camera.yaw)
    ray = math.atan2(u - camera.cols / 2, camera.focal)
    facing = math.atan2(front_right, front_far) - ray
    _shadow(canvas, camera, walker, pixels, style.shadows, style.light)
    x0, y0 = math.floor(u), math.floor(v)
    offset = (u - x0, v - y0)
    if walker.rides:
        sprite = draw_rider(walker.outfit, pixels, facing, walker.phase, style.light, offset)
    else:
        sprite = draw_person(
            walker.outfit, pixels, facing, walker.phase, walker.swing, style.light, offset
        )
    right = (u - camera.cols / 2) * z / camera.focal
    tone = canvas.air.matrix(z, right, style.sun_things * walker.shade)
    inside, total = canvas.blend(sprite.rgba, x0 + sprite.left, y0 + sprite.top, number, tone)
    x1, y1, x2, y2 = sprite.body
    return _Seen(walker, number, (x0 + x1, y0 + y1, x0 + x2, y0 + y2), inside, total)


def _shadow(
    canvas: Canvas, camera: Camera, walker: Walker, pixels: float, strength: float, light: float
) -> None:
    if canvas.rgb is None or pixels < 20:
        return
    angles = np.linspace(0, 2 * np.pi, 12)[:-1]
    long = 0.75 if walker.rides else 0.32
    u, v, _ = camera.project(
        walker.s + long * np.sin(angles), walker.x + 0.32 * np.cos(angles), 0
    )
    canvas.darken(u, v, 0.45)
    if strength > 0:
        dx, ds = -2.2 * np.sign(light), 1.4 * abs(light)
        along = np.array([0.0, 0.0, 1.0, 1.0])
        wide = np.array([-0.18, 0.18, 0.24, -0.24])
        u, v, z = camera.project(walker.s + ds * along + wide, walker.x + dx * along, 0)
        if z.min() > 0.8:
            canvas.darken(u, v, strength)


def _street_lamps(canvas: Canvas, camera: Camera, street: Street) -> None:
    from framesift.synth.canvas import Glow

    for item in street.visible(camera.s):
        if isinstance(item, Standing) and item.prop.kind == "lamp":
            u, v, z = camera.point(item.s, item.x, item.prop.height * 0.98)
            if 2.0 < z < 90.0:
                canvas.glows.append(Glow(u, v, 0.25 * camera.focal / z, (235, 190, 120), z))


def labels(seen: list[_Seen], owner: NDArray[np.uint8], camera: Camera) -> tuple[Box, ...]:
    """The boxes of everyone painted, from what is left of each on `owner`."""
    if not seen:
        return ()
    counts = np.bincount(owner.reshape(-1), minlength=len(seen) + 1)
    unit = camera.rows / 480.0
    out: list[Box] = []
    crowds: dict[int, list[Box]] = {}
    for entry in seen:
        full = Box(*entry.box, category=CATEGORY)
        box = full.clipped(camera.cols, camera.rows)
        if box.width < 2 or box.height < 2 or entry.inside == 0:
            continue
        hidden = 1.0 - counts[entry.number] / entry.inside
        cut = 1.0 - (box.width * box.height) / max(full.width * full.height, 1e-6)
        if hidden > UNSEEN or full.height < SPECK * unit:
            continue
        ignore = bool(
            hidden > HIDDEN or cut > 0.5 or entry.walker.rides or full.height < TINY * unit
        )
        label = Box(
            box.x1,
            box.y1,
            box.x2,
            box.y2,
            CATEGORY,
            ignore,
            bool(hidden > OCCLUDED),
            bool(cut > 0.01),
        )
        if entry.walker.crowd:
            crowds.setdefault(entry.walker.crowd, []).append(label)
        else:
            out.append(label)
    for members in crowds.values():
        out.append(
            Box(
                min(b.x1 for b in members),
                min(b.y1 for b in members),
                max(b.x2 for b in members),
                max(b.y2 for b in members),
                CATEGORY,
                True,
                True,
                any(b.truncated for b in members),
            )
        )
    return tuple(out)
