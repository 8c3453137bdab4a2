"""The standing world: an endless street in blocks of 40 m, each a function of seed and number."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import cv2
import numpy as np

from framesift.synth.camera import Camera
from framesift.synth.canvas import Canvas
from framesift.synth.facade import DENSITY, Facade, make_facade, make_wall
from framesift.synth.ground import Plan
from framesift.synth.noise import Image, cloud_tile, pick, shaded, stream, varied
from framesift.synth.props import COMMON, Prop, make_prop
from framesift.synth.style import Style
from framesift.synth.vehicle import Vehicle, make_vehicle

BLOCK = 40.0
SIGHT = 120.0
TREES = ("bare tree", "bare tree", "tree", "conifer", "shrub")


@dataclass(frozen=True, slots=True)
class Front:
    """A building or wall along the road from s0 to s1 at x; outward is the side (−1, 1)."""

    facade: Facade
    s0: float
    s1: float
    x: float
    side: float
    tall: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A prop at (s, x)."""

    prop: Prop
    s: float
    x: float
    flip: bool


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked vehicle at (s, x); way 1: its rear shows."""

    vehicle: Vehicle
    s: float
    x: float
    way: float


Item = Front | Standing | Parked


class Stock:
    """Textures and pictures that streets are furnished with; making them is slow, so they are
    shared, and renewed one by one by those who want ever new scenes."""

    def __init__(self, seed: int, look: str, size: int = 14) -> None:
        self.look = look
        self._rng = stream("stock", seed, look)
        rng = self._rng
        night = look == "target"
        self.facades = [make_facade(rng, look, night, 0.6) for _ in range(size)]
        self.walls = [make_wall(rng, look) for _ in range(max(3, size // 3))]
        self.props = {kind: [make_prop(rng, kind, look)]
                      for kind in (*dict.fromkeys(COMMON), "lamp")}
        self.trees = [make_prop(rng, pick(rng, TREES), look) for _ in range(max(4, size // 2))]

    def renew(self) -> None:
        """Replaces a front and a prop, and now and then a tree, by new ones."""
        rng = self._rng
        self.facades[int(rng.integers(len(self.facades)))] = make_facade(
            rng, self.look, self.look == "target", 0.6)
        kind = pick(rng, COMMON)
        self.props[kind] = [make_prop(rng, kind, self.look)]
        if rng.random() < 0.2:
            self.walls[int(rng.integers(len(self.walls)))] = make_wall(rng, self.look)
        if rng.random() < 0.3:
            self.trees[int(rng.integers(len(self.trees)))] = make_prop(rng, pick(rng, TREES),
                                                                       self.look)


class Street:
    """What stands along one street."""

    def __init__(self, seed: int, stock: Stock, plan: Plan, style: Style) -> None:
        self.seed, self.stock, self.plan, self.style = seed, stock, plan, style
        rng = stream("street", seed)
        self.density = float(rng.uniform(0.3, 1.5))
        self.setback = (float(rng.choice([0.1, 0.3, 3.0, 6.0], p=[0.4, 0.3, 0.2, 0.1])),
                        float(rng.choice([0.1, 0.3, 3.0, 6.0], p=[0.4, 0.3, 0.2, 0.1])))
        self.greenery = float(rng.uniform(0.1, 0.9))
        self._blocks: OrderedDict[int, tuple[Item, ...]] = OrderedDict()

    def visible(self, s: float) -> list[Item]:
        """Everything that may be seen from s."""
        first, last = int((s - 14) // BLOCK), int((s + SIGHT) // BLOCK)
        return [item for k in range(first, last + 1) for item in self.block(k)]

    def block(self, number: int) -> tuple[Item, ...]:
        """The items of one block, made anew when they are no longer at hand."""
        if number not in self._blocks:
            self._blocks[number] = tuple(self._make(number))
            while len(self._blocks) > 16:
                self._blocks.popitem(last=False)
        return self._blocks[number]

    def _make(self, number: int) -> list[Item]:
        rng = stream("block", self.seed, number)
        start = number * BLOCK
        items: list[Item] = []
        for side in (-1.0, 1.0):
            items += self._fronts(rng, start, side)
            items += self._furniture(rng, start, side)
            parking = self.plan.parking_left if side < 0 else self.plan.parking_right
            s = start + float(rng.uniform(0, 5))
            while s < start + BLOCK - 5.5:
                if parking and rng.random() < 0.72:
                    vehicle = make_vehicle(rng, False)
                    if vehicle.model != "bus":
                        x = side * (self.plan.half - vehicle.width / 2 - float(
                            rng.uniform(0.1, 0.35)))
                        way = 1.0 if rng.random() < 0.6 else -1.0
                        items.append(Parked(vehicle, s + 2.6, x, way))
                s += 5.6
        return items

    def _fronts(self, rng: np.random.Generator, start: float, side: float) -> list[Item]:
        items: list[Item] = []
        base = self.plan.edge(side)
        open_land = stream("open", self.seed, int(start // BLOCK) // 2, int(side)).random() < 0.2
        s = start
        while s < start + BLOCK - 2.0:
            if open_land or (rng.random() < 0.1 and s > start):
                wall, _ = pick(rng, self.stock.walls)
                end = min(s + wall.width, start + BLOCK)
                items.append(Front(wall, s, end, base + side * 0.05, side, False))
                for _ in range(2):
                    if rng.random() < 0.6:
                        items.append(Standing(pick(rng, self.stock.trees),
                                              float(rng.uniform(s, end)),
                                              base + side * float(rng.uniform(2.5, 9)),
                                              bool(rng.random() < 0.5)))
                s = end
                continue
            facade = pick(rng, self.stock.facades)
            end = min(s + facade.width, start + BLOCK)
            back = self.setback[0 if side < 0 else 1] + float(rng.uniform(0, 0.3))
            items.append(Front(facade, s, end, base + side * back, side, True))
            if back > 2 and rng.random() < 0.8:
                wall, _ = pick(rng, self.stock.walls)
                if wall.height < 1.7:
                    items.append(Front(wall, s, end - 1.2, base + side * 0.05, side, False))
            s = end
        return items

    def _furniture(self, rng: np.random.Generator, start: float, side: float) -> list[Item]:
        items: list[Item] = []
        kerb, edge = self.plan.kerb(side), self.plan.edge(side)
        for _ in range(int(rng.poisson(4.5 * self.density))):
            kind = pick(rng, COMMON)
            prop = self.stock.props[kind][0]
            near_kerb = rng.random() < 0.6
            x = kerb + side * 0.45 if near_kerb else edge - side * 0.35
            s = start + float(rng.uniform(0, BLOCK))
            repeat = int(rng.integers(2, 6)) if kind in ("bollard", "post", "bicycle") else 1
            gap = 1.8 if kind != "bicycle" else 0.9
            for k in range(repeat):
                items.append(Standing(prop, s + gap * k, x, bool(rng.random() < 0.5)))
        if rng.random() < 0.8:
            lamp = self.stock.props["lamp"][0]
            items.append(Standing(lamp, start + float(rng.uniform(0, BLOCK)), kerb + side * 0.5,
                                  side > 0))
        if rng.random() < self.greenery:
            tree = pick(rng, self.stock.trees)
            x = kerb + side * 0.9 if rng.random() < 0.5 else edge + side * 0.8
            for k in range(int(rng.integers(1, 4))):
                items.append(Standing(tree, start + 13.0 * k + float(rng.uniform(0, 4)), x,
                                      bool(rng.random() < 0.5)))
        return items


def draw_front(canvas: Canvas, camera: Camera, front: Front, style: Style) -> None:
    """A front as a textured quadrangle, with its gable and roof."""
    f = front.facade
    sun = style.sun_left if front.side < 0 else style.sun_right
    s = np.array([front.s0, front.s1])
    right, z = camera.ground(s, np.full(2, front.x))
    if z.max() < 1.0:
        return
    t0, t1 = 0.0, 1.0
    if z[0] < 0.8:
        t0 = float((0.8 - z[0]) / (z[1] - z[0]))
    s = front.s0 + (front.s1 - front.s0) * np.array([t0, t1])
    u, low, z = camera.project(s, np.full(2, front.x), 0.0)
    if max(u) < -5 or min(u) > camera.cols + 5:
        return
    high = low - camera.focal * f.height / z
    corners = np.clip(np.array([[u[0], high[0]], [u[1], high[1]], [u[1], low[1]], [u[0], low[0]]]),
                      -4000, 4000)
    cv2.fillConvexPoly(canvas.owner, np.rint(corners).astype(np.int32), 0)
    if canvas.rgb is None:
        return
    if front.tall:
        _solid(canvas, camera, front, sun)
    share = (front.s1 - front.s0) / f.width
    middle = float(np.sqrt(z[0] * z[1]))
    level = int(np.clip(np.floor(np.log2(DENSITY * max(z[0], 3.0) / camera.focal) + 0.35), 0,
                        len(f.levels) - 1))
    tex = f.levels[level]
    th, tw = tex.shape[:2]
    if abs(u[1] - u[0]) < 1.0 or low[0] - high[0] < 2:
        return
    tone = canvas.air.matrix(middle, float(right.mean()) * 0.6, sun)
    tex = cv2.transform(tex, tone)
    a, b = t0 * share * tw, t1 * share * tw
    src = np.array([[a, 0], [b, 0], [b, th], [a, th]], np.float32)
    dst = np.array([[u[0], high[0]], [u[1], high[1]], [u[1], low[1]], [u[0], low[0]]], np.float32)
    x0, x1 = max(0, int(dst[:, 0].min())), min(camera.cols, int(dst[:, 0].max()) + 2)
    y0, y1 = max(0, int(dst[:, 1].min())), min(camera.rows, int(dst[:, 1].max()) + 2)
    if x1 <= x0 or y1 <= y0:
        return
    warp = cv2.getPerspectiveTransform(src, dst - np.array([x0, y0], np.float32))
    cv2.warpPerspective(tex, warp, (x1 - x0, y1 - y0), dst=canvas.rgb[y0:y1, x0:x1],
                        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)


def _solid(canvas: Canvas, camera: Camera, front: Front, sun: float) -> None:
    f, out = front.facade, front.side
    deep = front.x + out * 9.0
    z = camera.spot(front.s0, front.x)[1]
    colour = canvas.air.tone(f.wall, max(z, 1.0), 3.0, sun * 0.62)
    if z > 1.0:
        u, v, _ = camera.project(np.full(5, front.s0),
                                 np.array([front.x, front.x, front.x + out * 4.5, deep, deep]),
                                 np.array([0.0, f.height, f.height + 2.6, f.height, 0.0]))
        canvas.polygon(u, v, colour, False)
    s0 = max(front.s0, camera.s + 1.0)
    if s0 < front.s1:
        u, v, zz = camera.project(np.array([s0, front.s1, front.s1, s0]),
                                  np.array([front.x, front.x, front.x + out * 4.5,
                                            front.x + out * 4.5]),
                                  np.array([f.height, f.height, f.height + 2.6, f.height + 2.6]))
        canvas.polygon(u, v, canvas.air.tone(f.roof, float(zz.mean()), 3.0, sun * 0.8), False)


def panorama(seed: int, style: Style, camera: Camera) -> tuple[Image, int]:
    """Sky and far skyline, wider than the picture: uint8 and the row of its horizon."""
    rng = stream("sky", seed)
    horizon = int(camera.rows * 0.75)
    cols = int(camera.cols + 1.3 * camera.focal)
    t = (np.arange(horizon + 60, dtype=np.float32) / horizon).clip(0, 1)[:, None, None] ** 1.5
    sky = np.asarray(style.sky_top, np.float32) * (1 - t) + np.asarray(style.sky_low,
                                                                       np.float32) * t
    base = np.clip(np.broadcast_to(sky, (horizon + 60, 1, 3)), 0, 255).astype(np.uint8)
    cloud = np.roll(cloud_tile(1, 512, 0.5), int(rng.integers(512)), axis=1)[:256]
    light = np.clip(128 + cloud * style.clouds, 0, 255).astype(np.uint8)
    light = cv2.merge([cv2.resize(light, (cols, horizon + 60))] * 3)
    out = cv2.addWeighted(np.repeat(base, cols, axis=1), 1.0, light, 1.0, -128)
    x = 0
    while x < cols:                       # roofs and tree tops far away
        w = int(rng.uniform(0.03, 0.14) * camera.focal)
        h = int(rng.uniform(0.02, 0.075) * camera.focal)
        if rng.random() < 0.5:
            colour = style.air.tone(varied(rng, (74, 78, 66), 10), 110, 20.0, style.sun_left)
            for _ in range(max(3, w // 3)):
                cv2.circle(out, (x + int(rng.integers(w)), horizon - int(rng.integers(max(1, h)))),
                           int(rng.integers(2, 7)), shaded(colour, float(rng.uniform(0.85, 1.1))),
                           -1)
            cv2.rectangle(out, (x, horizon - h // 2), (x + w, horizon + 4), colour, -1)
        else:
            colour = style.air.tone(varied(rng, (130, 116, 102), 18), 110, 20.0, style.sun_left)
            cv2.rectangle(out, (x, horizon - h), (x + w, horizon + 4), colour, -1)
        x += int(w * 0.8)
    out[horizon:] = style.air.tone((90, 92, 92), 110, 20.0, style.sun_road)
    return out, horizon


def draw_panorama(canvas: Canvas, camera: Camera, picture: Image, horizon: int) -> None:
    """Copies the part of the panorama that the camera looks at."""
    if canvas.rgb is None:
        return
    heading = camera.yaw - camera.bend * 55.0
    shift = int(np.clip((0.65 + heading) * camera.focal, 0, picture.shape[1] - camera.cols))
    row = int(camera.horizon)
    top = horizon - row
    rows = min(camera.rows, picture.shape[0] - max(top, 0), row + 40)
    if top >= 0:
        canvas.rgb[:rows] = picture[top:top + rows, shift:shift + camera.cols]
    else:
        canvas.rgb[:-top] = picture[:1, shift:shift + camera.cols]
        canvas.rgb[-top:rows] = picture[:rows + top, shift:shift + camera.cols]


def item_depth(item: Item, camera: Camera) -> float:
    """How far an item is, for painting from far to near."""
    if isinstance(item, Front):
        return camera.spot(item.s1, item.x)[1] + (3.0 if item.tall else 0.0)
    return camera.spot(item.s, item.x)[1]
