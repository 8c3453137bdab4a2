"""Weakly labelled frames as training sees them: in boxes what is known, without loss the rest.

After Desai et al., "An Adaptive Supervision Framework for Active Learning in Object Detection"
(BMVC 2019): a click takes the nearest proposal of its class as its box. A click that none
belongs to is an object of unknown size (see `weak_loss`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from framesift.boxes import Box, Prediction
from framesift.labels import NOT_WEAK, Point, Weak
from framesift.records import Notice, Progress, RateMeter
from framesift.training.data import Sample, Source
from framesift.training.data.sample import describe, weak_of
from framesift.training.pseudo_labels import pseudo_box
from framesift.training.weak_settings import WeakLearning

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

UNKNOWN = 0.5
"""Of the picture's height: the side of the region around an object of unknown size that takes
no loss where all else of its class is background."""


class ResolvedSource:
    """The chosen frames of a source, each with boxes and with what is left to learn of weak
    labels (a Source)."""

    def __init__(
        self,
        source: Source,
        indices: Sequence[int],
        boxes: Sequence[tuple[Box, ...]],
        weak: Sequence[Weak | None],
    ) -> None:
        self._source, self._indices = source, tuple(indices)
        self._boxes, self._weak = tuple(boxes), tuple(weak)

    @property
    def classes(self) -> tuple[str, ...]:
        return self._source.classes

    def __len__(self) -> int:
        return len(self._indices)

    def size(self, index: int) -> tuple[int, int]:
        return self._source.size(self._indices[index])

    def boxes(self, index: int) -> tuple[Box, ...]:
        return self._boxes[index]

    def weak(self, index: int) -> Weak | None:
        """What is left to learn of a frame's weak labels."""
        return self._weak[index]

    def sample(self, index: int) -> Sample:
        sample = self._source.sample(self._indices[index])
        return replace(sample, boxes=self._boxes[index], weak=self._weak[index])

    def identity(self) -> str:
        digest = hashlib.sha256(self._source.identity().encode())
        for index, boxes, weak in zip(self._indices, self._boxes, self._weak, strict=True):
            denied = [box.denied for box in boxes]
            digest.update(repr((index, denied, weak)).encode() + describe(boxes))
        return digest.hexdigest()

    def prepare(self) -> Iterator[Progress | Notice]:
        return self._source.prepare()


def resolved(
    how: WeakLearning, source: Source, detector: Detector
) -> Generator[Progress | Notice, None, Source]:
    """A source whose weakly labelled frames say in boxes what is known of them, clicks by the
    proposals of the detector that training starts from. Without `how.enabled` it has none of
    them, which a Notice says. The source itself where it has none."""
    partial = [index for index in range(len(source)) if weak_of(source, index) is not None]
    if not partial:
        return source
    if not how.enabled:
        yield Notice(f"{len(partial)} frames with weak labels alone are left out of training.")
        kept = [index for index in range(len(source)) if index not in set(partial)]
        return ResolvedSource(
            source, kept, [source.boxes(index) for index in kept], [None] * len(kept)
        )
    boxes = [source.boxes(index) for index in range(len(source))]
    weak: list[Weak | None] = [None] * len(source)
    meter = RateMeter(len(partial), "frames", "reading weak labels")
    yield meter.progress()
    for index in partial:
        stated = weak_of(source, index) or NOT_WEAK
        matched: tuple[Box, ...] = ()
        if stated.points:
            image = source.sample(index).image
            [proposals] = detector.predict(image[None], threshold=how.least_score)
            matched, left = nearest(stated.points, proposals, detector.classes)
            stated = replace(stated, points=left)
        made = (*boxes[index], *matched)
        boxes[index] = known(made, stated, source.classes, source.size(index))
        shown = tuple((name, present) for name, present in stated.tags if present)
        weak[index] = Weak(points=stated.points, tags=shown)
        yield meter.advance()
    return ResolvedSource(source, range(len(source)), boxes, weak)


def nearest(
    points: Sequence[Point], proposals: Prediction, classes: Sequence[str]
) -> tuple[tuple[Box, ...], tuple[Point, ...]]:
    """(the boxes that clicks get, the clicks that get none): one to one, the nearest pair of
    click and centre first, among a class's proposals that hold the click."""
    boxes = proposals.boxes.astype(np.float64)
    pairs = []
    for place, point in enumerate(points):
        x1, y1, x2, y2 = boxes.T
        fits = (x1 <= point.x) & (point.x <= x2) & (y1 <= point.y) & (point.y <= y2)
        names = np.array([classes[c] == point.category for c in proposals.categories], np.bool_)
        away = np.hypot((x1 + x2) / 2 - point.x, (y1 + y2) / 2 - point.y)
        pairs += [(float(away[row]), place, int(row)) for row in np.flatnonzero(fits & names)]
    rows: dict[int, int] = {}
    for _, place, row in sorted(pairs):
        if place not in rows and row not in rows.values():
            rows[place] = row
    matched = tuple(
        pseudo_box(boxes[row].tolist(), points[place].category)
        for place, row in sorted(rows.items())
    )
    return matched, tuple(p for place, p in enumerate(points) if place not in rows)


def known(
    boxes: Sequence[Box], weak: Weak, classes: Sequence[str], size: tuple[int, int]
) -> tuple[Box, ...]:
    """What is known of a picture of `size` (height, width), in boxes: `boxes` and those denied,
    in front of an ignore region over all of it for every class of which nobody said that this
    is all. Around an object of unknown size there is no loss."""
    height, width = size
    absent = {name for name, present in weak.tags if not present}
    unsure = [name for name in classes if not (weak.every or name in absent)]
    ignored = [""] if len(unsure) == len(classes) else unsure
    regions = [
        Box(0.0, 0.0, float(width), float(height), name, ignore=True) for name in ignored
    ]
    reach = UNKNOWN * height / 2
    for point in weak.points:
        if point.category not in unsure:
            x, y = point.x, point.y
            around = Box(x - reach, y - reach, x + reach, y + reach, point.category, True)
            regions.append(around.clipped(width, height))
    return (*regions, *boxes, *weak.denied)
