"""Reducing tracks, and who made each box, to what a format can hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from framesift.boxes import DERIVED, Box
from framesift.formats.base import Capability
from framesift.formats.model import LabelledImage


def fit_origins(
    items: Iterable[LabelledImage], capability: Capability, derived: bool, lost: Counter[str]
) -> Iterator[LabelledImage]:
    """The items without the boxes that the program made, where a format cannot say so, or
    where they go along as if a person had made them (`derived`). A picture of such boxes alone
    goes with them: nobody looked at it."""
    for item in items:
        if capability.origins or all(box.origin == "person" for box in item.boxes):
            yield item
            continue
        boxes = []
        for box in item.boxes:
            if box.origin not in DERIVED:
                boxes.append(replace(box, origin="person"))
            elif derived:
                lost["that boxes are derived: they read as if a person had made them"] += 1
                boxes.append(replace(box, origin="person"))
            else:
                lost["derived boxes, which nobody confirmed"] += 1
        if boxes:
            yield replace(item, boxes=tuple(boxes))


def fit_tracks(
    items: Iterable[LabelledImage],
    kept: Literal["each", "several"] | None,
    lost: Counter[str],
) -> list[LabelledImage]:
    """The items with the tracks that a format can hold: of one class, one box in a picture,
    and of several boxes where only those are kept. A box that belongs to a track no more
    stays; a derived one goes, for it is nothing without its track."""
    listed = list(items)
    tracks = _Tracks(listed if kept else ())
    least = 2 if kept == "several" else 1
    return [replace(item, boxes=_boxes(item, tracks, least, lost)) for item in listed]


class _Tracks:
    """Of each track of each video its class, that of its first box, and how many boxes are of
    that class."""

    def __init__(self, items: Iterable[LabelledImage]) -> None:
        self._class: dict[tuple[str | None, int | None], str] = {}
        self._count: Counter[tuple[str | None, int | None]] = Counter()
        for item in items:
            for box in item.boxes:
                if box.track is not None:
                    self._class.setdefault((item.video, box.track), box.category)
            for box in self.of(item):
                self._count[item.video, box.track] += 1

    def of(self, item: LabelledImage, least: int = 0) -> list[Box]:
        """The boxes of an item that may stay in their tracks, which have `least` boxes."""
        first: dict[int, Box] = {}
        for box in item.boxes:
            key = item.video, box.track
            fits = self._class.get(key) == box.category and self._count[key] >= least
            if box.track is not None and fits:
                first.setdefault(box.track, box)
        return list(first.values())


def _boxes(
    item: LabelledImage, tracks: _Tracks, least: int, lost: Counter[str]
) -> tuple[Box, ...]:
    if all(box.track is None for box in item.boxes):
        return item.boxes
    staying = tracks.of(item, least)
    result = []
    for box in item.boxes:
        if box.track is None or any(box is other for other in staying):
            result.append(box)
            continue
        lost["tracks"] += 1
        if box.origin in DERIVED:
            lost["derived boxes without their track"] += 1
        else:
            result.append(replace(box, track=None))
    return tuple(result)
