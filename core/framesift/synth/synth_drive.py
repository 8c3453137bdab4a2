"""Synthetic drives: labelled video of any length that is computed, not stored."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.synth.fronts import panorama
from framesift.synth.ground import make_plan, road_texture
from framesift.synth.noise import Image, stream
from framesift.synth.route import FPS, plan_route
from framesift.synth.scene import World, render
from framesift.synth.sensor import Sensor
from framesift.synth.settings import BUSY, DriveSettings
from framesift.synth.stock import Stock
from framesift.synth.street import Street
from framesift.synth.style import make_style
from framesift.synth.traffic import plan_traffic
from framesift.video.base import Frame, Video
from framesift.video.index import FrameIndex

USUAL = DriveSettings()
REVISION = 3  # part of the fingerprint: goes up when the pictures change
KEPT = 4  # finished pictures at hand


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a drive depends on."""

    seed: int
    look: str
    frames: int
    size: tuple[int, int]
    scenario: str
    pedestrian_share: float

    @property
    def name(self) -> str:
        """What the drive is called."""
        return f"synthetic-{self.look}-{self.scenario}-{self.seed}"


class SynthDrive(Video):
    """A drawn drive: a Video whose every frame has labels.

    Frame i is a function of the recipe and i: the order of reading makes no difference, and a
    longer drive of the same seed begins with the frames of the shorter one.
    """

    def __init__(self, recipe: Recipe, stock: Stock | None = None) -> None:
        rows, cols = recipe.size
        self.recipe = recipe
        self.path = Path(recipe.name)
        self.kind = "synthetic"
        self.index = FrameIndex.regular(recipe.frames, FPS)
        self.width, self.height = cols, rows
        self.fingerprint = hashlib.sha256(f"{REVISION} {recipe!r}".encode()).hexdigest()
        self._stock = stock or Stock(recipe.seed, recipe.look, 24)
        rng = stream("drive", recipe.seed, recipe.look)
        standing = recipe.scenario == "red-light"
        style, plan = make_style(rng, recipe.look), make_plan(rng)
        share = {"empty": 0.0, "busy": max(BUSY, recipe.pedestrian_share)}.get(
            recipe.scenario, recipe.pedestrian_share
        )
        self.style = style
        self._route = plan_route(
            recipe.seed, recipe.frames, plan.lane, style.shake, standing, style.lens
        )
        street = Street(recipe.seed, self._stock, plan, style)
        self._traffic = plan_traffic(
            recipe.seed, recipe.frames, self._route, street, share, standing
        )
        self._world = World(
            street,
            road_texture(rng, plan, style),
            *panorama(recipe.seed, style, self._route.camera(0, rows, cols)),
        )
        self._sensor = Sensor(style, rows, cols)
        self._labels: dict[int, tuple[Box, ...]] = {}
        self._pictures: OrderedDict[int, Image] = OrderedDict()

    @classmethod
    def of(cls, chosen: DriveSettings) -> Self:
        """The drive that somebody chose.

        Args:
            chosen: its settings.

        Returns:
            A SynthDrive.
        """
        size = (chosen.height, chosen.width)
        return cls(
            Recipe(
                chosen.seed,
                chosen.look,
                chosen.frames,
                size,
                chosen.scenario,
                chosen.pedestrian_share,
            )
        )

    def frame(self, number: int) -> Frame:
        """One frame, drawn now.

        Args:
            number: 0 ≤ number < len.

        Returns:
            A Frame: its picture uint8 H×W×3 (RGB), timestamp and seconds.

        Raises:
            IndexError: there is no such frame.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        return Frame(
            number,
            self.index.timestamp(number),
            self.index.seconds(number),
            self._picture(number),
        )

    def labels(self, number: int) -> tuple[Box, ...]:
        """The boxes of a frame, category "pedestrian": people, with riders, dense groups, the
        tiny and the mostly hidden as ignore regions.

        Args:
            number: of the frame; negative ones count from the end.

        Returns:
            Boxes in pixels.

        Raises:
            IndexError: there is no such frame.
        """
        if not -len(self) <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        number %= len(self)
        if number not in self._labels:
            self._render(number, False)
        return self._labels[number]

    def fork(self) -> Self:
        """An independent reader of the same drive, for another thread."""
        return type(self)(self.recipe, self._stock)

    def _picture(self, number: int) -> NDArray[np.uint8]:
        if number in self._pictures:
            return self._pictures[number].copy()
        raw = self._render(number, True)
        assert raw is not None
        rng = stream("sensor", self.recipe.seed, number)
        before = self._route.camera(max(0, number - 1), self.height, self.width)
        now = self._route.camera(number, self.height, self.width)
        exposure = 0.6 if self.style.night else 0.35
        motion = (
            abs(now.yaw - before.yaw) * now.focal * exposure,
            abs(now.pitch - before.pitch) * now.focal * exposure,
        )
        picture = self._sensor.expose(raw, rng, motion)
        self._pictures[number] = picture
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        return picture.copy()

    def _render(self, number: int, picture: bool) -> Image | None:
        walkers = self._traffic.walkers(number)
        if not picture and not walkers:
            self._labels[number] = ()
            return None
        camera = self._route.camera(number, self.height, self.width)
        raw, boxes = render(
            self._world, camera, walkers, self._traffic.vehicles(number, self._route), picture
        )
        self._labels[number] = boxes
        return raw


def drive(
    seed: int = USUAL.seed,
    look: str = USUAL.look,
    frames: int = USUAL.frames,
    size: tuple[int, int] = (USUAL.height, USUAL.width),
    scenario: str | None = None,
    pedestrian_share: float = USUAL.pedestrian_share,
) -> SynthDrive:
    """A synthetic drive at 30 frames per second.

    Args:
        seed: of everything that is drawn.
        look: "source" (daylight), "target" (dusk and night) or "crowd" (daylight through a
            wide, flat camera: people are small).
        frames: how many, 1 or more.
        size: (rows, columns), 64 or more each.
        scenario: None (an ordinary drive), "red-light" (the camera stands, people cross),
            "empty" (nobody walks), "busy" (people nearly always).
        pedestrian_share: about the share of frames with people, who come in bursts.

    Returns:
        A SynthDrive: its frames are drawn when they are asked for.

    Raises:
        InputError: an argument is none of these.

    Example:
        >>> drive(seed=3, frames=30, size=(96, 128))[0].shape
        (96, 128, 3)
    """
    rows, cols = size
    return SynthDrive.of(
        DriveSettings(
            look, frames, scenario or USUAL.scenario, seed, cols, rows, pedestrian_share
        )
    )


def settings(video: SynthDrive) -> Mapping[str, object]:
    """What a drive was made from, fit for JSON."""
    recipe = video.recipe
    return {
        "seed": recipe.seed,
        "look": recipe.look,
        "frames": recipe.frames,
        "size": list(recipe.size),
        "scenario": recipe.scenario,
        "pedestrian_share": recipe.pedestrian_share,
        "revision": REVISION,
    }
