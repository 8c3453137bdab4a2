"""Who moves during a drive: people in bursts, riders and vehicles, each a closed-form track."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from framesift.synth.ground import Plan
from framesift.synth.models import Vehicle, make_vehicle
from framesift.synth.noise import stream
from framesift.synth.outfit import Outfit, make_outfit
from framesift.synth.route import FPS, Route
from framesift.synth.scene import Driving, Walker
from framesift.synth.street import BLOCK, Parked, Street
from framesift.synth.style import Style

SHOWN = 0.6  # share of a burst that shows somebody
FAR = 58.0  # metres at which people come into being


@dataclass(frozen=True, slots=True)
class Track:
    """A person (or rider) between two frames, going straight at `speed` m/s along `heading`."""

    outfit: Outfit
    first: int
    last: int
    s: float
    x: float
    heading: float
    speed: float
    phase: float
    rides: bool = False
    crowd: int = 0
    shade: float = 1.0

    def at(self, frame: int) -> Walker:
        """The person at a frame."""
        t = (frame - self.first) / FPS
        way = self.speed * t
        stride = 0.83 * self.outfit.height
        if self.rides:
            phase, swing = self.phase + way / 0.75, 0.0
        elif self.speed > 0.2:
            phase, swing = self.phase + way / stride * math.pi, 0.2 + 0.17 * self.speed
        else:
            phase, swing = self.phase + 0.2 * math.sin(0.7 * t), 0.06
        return Walker(
            self.outfit,
            self.s + way * math.cos(self.heading),
            self.x + way * math.sin(self.heading),
            self.heading,
            phase,
            swing,
            self.rides,
            self.crowd,
            self.shade,
        )


@dataclass(frozen=True, slots=True)
class Passing:
    """An oncoming vehicle that is at `s` at frame `middle`."""

    vehicle: Vehicle
    first: int
    last: int
    middle: int
    s: float
    speed: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """Everyone who moves in a drive."""

    people: tuple[Track, ...]
    oncoming: tuple[Passing, ...]
    ahead: Vehicle | None
    gap: float
    lane: float

    def walkers(self, frame: int) -> list[Walker]:
        """The people and riders who exist at a frame."""
        return [p.at(frame) for p in self.people if p.first <= frame <= p.last]

    def vehicles(self, frame: int, route: Route) -> list[Driving]:
        """The moving vehicles near the camera at a frame."""
        out = [
            Driving(p.vehicle, p.s - p.speed * (frame - p.middle) / FPS, -self.lane, -1.0)
            for p in self.oncoming
            if p.first <= frame <= p.last
        ]
        if self.ahead is not None:
            later = min(frame + 20, len(route.v) - 1)
            gap = self.gap + 0.7 * float(route.v[later]) + 2.0 * math.sin(frame / 90.0)
            braking = bool(
                route.v[later] < route.v[min(frame, later)] - 0.3 or route.v[later] < 0.3
            )
            out.append(Driving(self.ahead, route.at(frame) + gap, self.lane, 1.0, braking))
        return out


def plan_traffic(
    seed: int, frames: int, route: Route, street: Street, share: float, standing: bool
) -> Traffic:
    """Schedules everyone. People come in bursts, so that about `share` of the frames hold
    some."""
    people: list[Track] = []
    plan, style = street.plan, street.style
    if share > 0:
        # a share near 1 needs bursts that overlap: several independent series of them
        series = 1 if share <= 0.5 else 4
        each = 1 - (1 - share) ** (1 / series)
        for number in range(series):
            _bursts(
                people, stream("people", seed, number), frames, route, street, each, standing
            )
    if not standing:
        _riders(people, seed, frames, route, plan, style)
    rng = stream("vehicles", seed)
    lights = style.night or style.weather in ("rain", "dusk")
    ahead = make_vehicle(rng, lights) if rng.random() < 0.3 and not standing else None
    gap = float(rng.uniform(9, 20))
    oncoming: list[Passing] = []
    speed, busy = float(rng.uniform(6, 12)), float(rng.uniform(2.0, 9.0))
    middle = 0.0
    while not standing and middle < frames / FPS + 12:
        middle += 1.6 + float(rng.exponential(busy))
        frame = int(middle * FPS)
        vehicle = make_vehicle(rng, lights)
        lead = int(FPS * 110 / speed)
        oncoming.append(
            Passing(
                vehicle, frame - lead, frame + int(FPS * 2.5), frame, route.at(frame), speed
            )
        )
    return Traffic(tuple(people), tuple(oncoming), ahead, gap, plan.lane)


def _bursts(
    people: list[Track],
    rng: np.random.Generator,
    frames: int,
    route: Route,
    street: Street,
    share: float,
    standing: bool,
) -> None:
    plan, style = street.plan, street.style
    # not all of a burst shows someone: part of it is too far off, out of the picture or hidden
    idle = SHOWN * (1 - share) / share
    cursor = float(rng.uniform(0.0, 1.6)) * min(idle, 8.0)
    crowd = 1 + int(rng.integers(1 << 30))  # told apart from those of another series
    while cursor * FPS < frames:
        start = int(cursor * FPS)
        length = 0.0
        for _ in range(1 + int(rng.poisson(1.2))):
            crossing = standing or rng.random() < (
                0.75 if route.v[min(start, len(route.v) - 1)] < 3 else 0.42
            )
            delay = int(rng.uniform(0, 2.0) * FPS)
            if crossing:
                tracks = _crossing(rng, start + delay, route, street)
            else:
                dense = rng.random() < 0.06
                crowd += dense
                tracks = _pavement(
                    rng, start + delay, route, plan, style, crowd if dense else 0
                )
            people += tracks
            length = max(length, max(t.last for t in tracks) / FPS - cursor)
        cursor += length + length * idle * float(rng.uniform(0.5, 1.5))


def _crossing(
    rng: np.random.Generator, start: int, route: Route, street: Street
) -> list[Track]:
    plan, style = street.plan, street.style
    side = float(rng.choice([-1.0, 1.0]))
    x0, x1 = plan.edge(-side) - (-side) * 0.2, plan.edge(side) - side * 0.2
    pace = float(rng.uniform(1.1, 1.7))
    frames = int(abs(x1 - x0) / pace * FPS)
    base = route.at(start + int(0.6 * frames))
    s = base + float(rng.uniform(6.0, 20.0))
    for _ in range(8):  # between parked vehicles rather than through one
        if not any(
            isinstance(item, Parked) and abs(item.s - s) < item.vehicle.length / 2 + 0.4
            for item in street.block(int(s // BLOCK))
        ):
            break
        s = base + float(rng.uniform(6.0, 20.0))
    out: list[Track] = []
    for _ in range(1 + int(rng.random() < 0.65) + int(rng.random() < 0.35)):
        off = int(rng.uniform(0, 0.6) * FPS)
        out.append(
            Track(
                make_outfit(rng, style.look, style.rain),
                start + off,
                start + off + frames,
                s + float(rng.normal(0, 0.8)),
                x0,
                side * math.pi / 2,
                pace,
                float(rng.uniform(0, 6.28)),
                shade=float(rng.uniform(0.7, 1.15)),
            )
        )
    return out


def _pavement(
    rng: np.random.Generator, start: int, route: Route, plan: Plan, style: Style, crowd: int
) -> list[Track]:
    side = float(rng.choice([-1.0, 1.0]))
    s = route.at(start) + float(rng.uniform(40.0, FAR))
    low, high = sorted((plan.kerb(side) + side * 0.75, plan.edge(side) - side * 0.3))
    x = float(rng.uniform(low, high))
    way = float(rng.choice([0.0, math.pi]))
    pace = 0.0 if crowd or rng.random() < 0.22 else float(rng.uniform(0.9, 1.6))
    # they end once the camera has passed them, or in the distance when it does not
    last = start
    while last < start + int(16 * FPS):
        place = s + pace * math.cos(way) * (last - start) / FPS
        if route.at(last) > place - 1.5:
            break
        last += 3
    out: list[Track] = []
    count = (
        int(rng.integers(5, 9))
        if crowd
        else 1 + int(rng.random() < 0.75) + int(rng.random() < 0.5) + int(rng.random() < 0.3)
    )
    for k in range(count):
        spread = 0.8 if crowd else 0.28
        heading = way + float(rng.normal(0, 0.04))
        if pace == 0.0:
            heading = float(rng.uniform(0, 2 * math.pi))
        out.append(
            Track(
                make_outfit(rng, style.look, style.rain),
                start,
                last,
                s + k * float(rng.normal(0, 0.9)),
                float(np.clip(x + k * float(rng.normal(0, spread)), low, high)),
                heading,
                pace,
                float(rng.uniform(0, 6.28)),
                crowd=crowd,
                shade=float(rng.uniform(0.65, 1.15)),
            )
        )
    return out


def _riders(
    people: list[Track],
    seed: int,
    frames: int,
    route: Route,
    plan: Plan,
    style: Style,
) -> None:
    rng = stream("riders", seed)
    cursor = float(rng.uniform(-5, 25))
    while cursor * FPS < frames:
        start = int(max(cursor, 0) * FPS)
        same = rng.random() < 0.6
        side = float(np.sign(plan.lane)) * (1.0 if same else -1.0)
        x = side * (
            plan.half
            - float(rng.uniform(0.5, 1.0))
            - (2.2 if (plan.parking_left if side < 0 else plan.parking_right) else 0.0)
        )
        speed = float(rng.uniform(3.5, 5.5))
        people.append(
            Track(
                make_outfit(rng, style.look, False),
                start,
                start + int(20 * FPS),
                route.at(start) + FAR,
                x,
                0.0 if same else math.pi,
                speed,
                float(rng.uniform(0, 6.28)),
                True,
            )
        )
        cursor += float(rng.uniform(8, 40))
