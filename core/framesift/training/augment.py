"""Random views of labelled frames: zoom, crop, flip, colour; boxes follow exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.labels import Weak
from framesift.training.augmentation import Augmentation
from framesift.training.data import Sample

Image = NDArray[np.uint8]
FILL = 127
"""Grey of what lies outside the picture: zero after the detectors' normalisation."""


@dataclass(frozen=True, slots=True)
class View:
    """Where a picture goes on a canvas: resized to (height, width), moved by (left, top)
    pixels (negative: cut off), mirrored as a whole if `flip`. All exact integers."""

    native: tuple[int, int]
    height: int
    width: int
    left: int
    top: int
    canvas: tuple[int, int]
    flip: bool = False

    def box(self, box: Box) -> Box:
        """The box on the canvas, not cut."""
        high, wide = self.native
        # Multiplied first: so the picture's own edge lands exactly on its new edge.
        x1, x2 = (x * self.width / wide + self.left for x in (box.x1, box.x2))
        y1, y2 = (y * self.height / high + self.top for y in (box.y1, box.y2))
        if self.flip:
            x1, x2 = self.canvas[1] - x2, self.canvas[1] - x1
        return replace(box, x1=x1, x2=x2, y1=y1, y2=y2)

    @property
    def whole(self) -> bool:
        """Whether all of the picture is on the canvas."""
        return (
            min(self.left, self.top) >= 0
            and self.left + self.width <= self.canvas[1]
            and self.top + self.height <= self.canvas[0]
        )

    def weak(self, weak: Weak) -> Weak:
        """Points that are on the canvas, moved there, and tags of what is; a part of a picture
        need not show what the whole shows."""
        height, width = self.canvas
        placed = [(p, self.box(Box(p.x, p.y, p.x, p.y))) for p in weak.points]
        points = tuple(
            replace(p, x=at.x1, y=at.y1)
            for p, at in placed
            if 0 <= at.x1 <= width and 0 <= at.y1 <= height
        )
        return replace(weak, points=points, tags=weak.tags if self.whole else ())

    def content(self) -> Box:
        """The part of the canvas that the picture covers, as an ignore region."""
        whole = Box(0.0, 0.0, float(self.native[1]), float(self.native[0]), ignore=True)
        return self.box(whole).clipped(self.canvas[1], self.canvas[0])

    def image(self, image: Image) -> Image:
        """The canvas, uint8 canvas H×W×3."""
        if image.shape[:2] != (self.height, self.width):
            shrinks = self.height < image.shape[0]
            image = np.asarray(
                cv2.resize(
                    image,
                    (self.width, self.height),
                    interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
                ),
                np.uint8,
            )
        out = np.full((*self.canvas, 3), FILL, np.uint8)
        x0, y0 = max(0, self.left), max(0, self.top)
        x1 = max(x0, min(self.canvas[1], self.left + self.width))
        y1 = max(y0, min(self.canvas[0], self.top + self.height))
        out[y0:y1, x0:x1] = image[
            y0 - self.top : y1 - self.top, x0 - self.left : x1 - self.left
        ]
        return np.ascontiguousarray(out[:, ::-1]) if self.flip else out


def random_view(
    native: tuple[int, int],
    working: tuple[int, int],
    canvas: tuple[int, int],
    boxes: tuple[Box, ...],
    look: Augmentation,
    rng: np.random.Generator,
) -> View:
    """Draws a view of a picture of `native` (height, width), whose working size is `working`,
    on a canvas of (height, width)."""
    zoom = math.exp(rng.uniform(math.log(look.scale[0]), math.log(look.scale[1])))
    height, width = (max(1, round(side * zoom)) for side in working)
    aimed = rng.random() < look.aim
    targets = [box for box in boxes if not (box.ignore or box.denied)]
    target = targets[rng.integers(len(targets))] if aimed and targets else None
    sx, sy = width / native[1], height / native[0]
    spans = (
        ((target.x1 * sx, target.x2 * sx), (target.y1 * sy, target.y2 * sy))
        if target
        else (None, None)
    )
    left = -_offset(width, canvas[1], spans[0], rng)
    top = -_offset(height, canvas[0], spans[1], rng)
    return View(native, height, width, left, top, canvas, bool(rng.random() < look.flip))


def _offset(
    size: int, window: int, span: tuple[float, float] | None, rng: np.random.Generator
) -> int:
    """Where a window starts along one axis; below 0 where the picture is the smaller one. A
    `span` is kept whole inside if it can be."""
    low, high = min(0, size - window), max(0, size - window)
    if span is not None and size > window:
        first, last = math.ceil(span[1]) - window, math.floor(span[0])
        if first > last:
            first, last = last, first
        low, high = min(max(low, first), high), max(min(high, last), low)
    return int(rng.integers(low, high + 1))


def cut_boxes(boxes: tuple[Box, ...], view: View, visible: float) -> tuple[Box, ...]:
    """The boxes on the view's canvas.

    A box cut by the canvas' edge is clipped and marked truncated; with less than `visible` of
    what the whole picture shows of it left, it becomes an ignore region; with nothing left it
    goes. What the view does not cut stays as labelled, also where that is out of the picture.
    The canvas outside the picture becomes ignore regions.
    """
    height, width = view.canvas
    frame = view.content()
    kept: list[Box] = []
    for box in boxes:
        whole = view.box(box)
        shown = view.box(box.clipped(view.native[1], view.native[0]))
        left = shown.clipped(width, height)
        if left.width <= 0 or left.height <= 0:
            continue
        share = left.width * left.height / (shown.width * shown.height)
        if box.ignore:
            kept.append(left)
        elif left == shown:
            kept.append(whole)
        elif not box.denied:
            kept.append(replace(left, truncated=True, ignore=share < visible))
    return (*kept, *_blank_strips(frame, width, height))


def _blank_strips(frame: Box, width: int, height: int) -> tuple[Box, ...]:
    # No category: an ignore region for every class.
    strips = (
        Box(0.0, 0.0, frame.x1, height, "", ignore=True),
        Box(frame.x2, 0.0, width, height, "", ignore=True),
        Box(frame.x1, 0.0, frame.x2, frame.y1, "", ignore=True),
        Box(frame.x1, frame.y2, frame.x2, height, "", ignore=True),
    )
    return tuple(strip for strip in strips if strip.width > 0 and strip.height > 0)


def recolour(image: Image, strength: float, rng: np.random.Generator) -> Image:
    """Another exposure, contrast, white balance and saturation; uint8 H×W×3 in and out."""
    gamma, gain, *balance = np.exp(strength * rng.uniform(-1, 1, 5) * (0.4, 0.3, 0.1, 0.1, 0.1))
    contrast, saturation = 1 + strength * rng.uniform(-1, 1, 2) * (0.3, 0.5)
    levels = gain * np.power(np.arange(256) / 255.0, gamma)
    levels = (levels - 0.5) * contrast + 0.5
    table = np.stack([levels * factor for factor in balance], axis=-1) * 255
    mapped = cv2.LUT(image, np.clip(np.rint(table), 0, 255).astype(np.uint8)[None])
    grey = cv2.cvtColor(cv2.cvtColor(mapped, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(mapped, saturation, grey, 1 - saturation, 0), np.uint8)


def augmented(
    sample: Sample,
    working: tuple[int, int],
    canvas: tuple[int, int],
    look: Augmentation,
    seed: tuple[int, ...],
) -> Sample:
    """The view of a sample that `seed` = (run, epoch, index, …) stands for, and nothing else.

    The result's image is uint8 of the canvas' size, its boxes in canvas pixels.
    """
    rng = np.random.default_rng(seed)
    height, width = sample.image.shape[:2]
    view = random_view((height, width), working, canvas, sample.boxes, look, rng)
    image = view.image(sample.image)
    if look.colour > 0:
        image = recolour(image, look.colour, rng)
    weak = None if sample.weak is None else view.weak(sample.weak)
    return Sample(image, cut_boxes(sample.boxes, view, look.visible), sample.key, weak=weak)
