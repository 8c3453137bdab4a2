"""The standing world: an endless street in blocks of 40 m, each made from seed and number."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from framesift.synth.camera import Camera
from framesift.synth.facade import Facade
from framesift.synth.ground import Plan
from framesift.synth.models import Vehicle, make_vehicle
from framesift.synth.noise import pick, stream
from framesift.synth.props import COMMON, Prop
from framesift.synth.stock import Stock
from framesift.synth.style import Style

BLOCK = 40.0
SIGHT = 120.0


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


class Street:
    """What stands along one street."""

    def __init__(self, seed: int, stock: Stock, plan: Plan, style: Style) -> None:
        self.seed, self.stock, self.plan, self.style = seed, stock, plan, style
        rng = stream("street", seed)
        self.density = float(rng.uniform(0.3, 1.5))
        self.setback = (
            float(rng.choice([0.1, 0.3, 3.0, 6.0], p=[0.4, 0.3, 0.2, 0.1])),
            float(rng.choice([0.1, 0.3, 3.0, 6.0], p=[0.4, 0.3, 0.2, 0.1])),
        )
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
                        x = side * (
                            self.plan.half - vehicle.width / 2 - float(rng.uniform(0.1, 0.35))
                        )
                        way = 1.0 if rng.random() < 0.6 else -1.0
                        items.append(Parked(vehicle, s + 2.6, x, way))
                s += 5.6
        return items

    def _fronts(self, rng: np.random.Generator, start: float, side: float) -> list[Item]:
        items: list[Item] = []
        base = self.plan.edge(side)
        open_land = (
            stream("open", self.seed, int(start // BLOCK) // 2, int(side)).random() < 0.2
        )
        s = start
        while s < start + BLOCK - 2.0:
            if open_land or (rng.random() < 0.1 and s > start):
                wall: Facade = pick(rng, self.stock.walls)
                end = min(s + wall.width, start + BLOCK)
                items.append(Front(wall, s, end, base + side * 0.05, side, False))
                for _ in range(2):
                    if rng.random() < 0.6:
                        items.append(
                            Standing(
                                pick(rng, self.stock.trees),
                                float(rng.uniform(s, end)),
                                base + side * float(rng.uniform(2.5, 9)),
                                bool(rng.random() < 0.5),
                            )
                        )
                s = end
                continue
            facade = pick(rng, self.stock.fronts)
            end = min(s + facade.width, start + BLOCK)
            back = self.setback[0 if side < 0 else 1] + float(rng.uniform(0, 0.3))
            items.append(Front(facade, s, end, base + side * back, side, True))
            if back > 2 and rng.random() < 0.8:
                wall = pick(rng, self.stock.walls)
                if wall.height < 1.7:
                    items.append(Front(wall, s, end - 1.2, base + side * 0.05, side, False))
            s = end
        return items

    def _furniture(self, rng: np.random.Generator, start: float, side: float) -> list[Item]:
        items: list[Item] = []
        kerb, edge = self.plan.kerb(side), self.plan.edge(side)
        for _ in range(int(rng.poisson(4.5 * self.density))):
            kind = pick(rng, COMMON)
            prop = self.stock.prop(kind)
            near_kerb = rng.random() < 0.6
            x = kerb + side * 0.45 if near_kerb else edge - side * 0.35
            s = start + float(rng.uniform(0, BLOCK))
            repeat = int(rng.integers(2, 6)) if kind in ("bollard", "post", "bicycle") else 1
            gap = 1.8 if kind != "bicycle" else 0.9
            for k in range(repeat):
                items.append(Standing(prop, s + gap * k, x, bool(rng.random() < 0.5)))
        if rng.random() < 0.8:
            lamp = self.stock.prop("lamp")
            items.append(
                Standing(
                    lamp, start + float(rng.uniform(0, BLOCK)), kerb + side * 0.5, side > 0
                )
            )
        if rng.random() < self.greenery:
            tree = pick(rng, self.stock.trees)
            x = kerb + side * 0.9 if rng.random() < 0.5 else edge + side * 0.8
            for k in range(int(rng.integers(1, 4))):
                items.append(
                    Standing(
                        tree,
                        start + 13.0 * k + float(rng.uniform(0, 4)),
                        x,
                        bool(rng.random() < 0.5),
                    )
                )
        return items


def item_depth(item: Item, camera: Camera) -> float:
    """How far an item is, for painting from far to near."""
    if isinstance(item, Front):
        return camera.spot(item.s1, item.x)[1] + (3.0 if item.tall else 0.0)
    return camera.spot(item.s, item.x)[1]
