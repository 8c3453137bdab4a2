"""One picture while a file is being read: the boxes, points and tags that were found in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from framesift.boxes import DERIVED, Box, Origin
from framesift.formats.model import LabelledImage, Size
from framesift.formats.outlines import Corners
from framesift.formats.source import Source
from framesift.formats.stated import check_corners
from framesift.labels import Point


class Picture:
    """The boxes, points and tags of one picture while a file is being read."""

    __slots__ = ("_source", "boxes", "every", "missed", "points", "tags")

    def __init__(self, source: Source) -> None:
        self._source = source
        self.boxes: list[Box] = []
        self.points: list[Point] = []
        self.tags: dict[str, bool] = {}
        self.every: list[bool] = []
        self.missed = False

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Counts something that the file holds and that cannot become a box."""
        self.missed = True
        self._source.left_out[reason] += count

    def add(
        self,
        category: object,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        ignore: bool = False,
        occluded: bool = False,
        truncated: bool = False,
        track: int | None = None,
        origin: Origin = "person",
    ) -> None:
        """Adds a box in our convention; BadValueError when its corners are swapped. A second
        box of a track in the picture is of none."""
        check_corners(x1, y1, x2, y2)
        known = self._source.category(category)
        if known is None:
            self._source.left_out["boxes of the background class"] += 1
        elif x2 == x1 or y2 == y1:
            self.leave_out("boxes without area")
        else:
            marks = ignore or known[1], occluded, truncated
            self._keep(Box(x1, y1, x2, y2, known[0], *marks, track, origin))

    def point(self, category: object, x: float, y: float, *, every: bool | None = None) -> None:
        """Adds a click on an object; `every`: what it says of whether each object has one or a
        box."""
        known = self._source.category(category)
        if known is None or known[1]:
            self.leave_out("points without a class of objects")
        else:
            self.points.append(Point(x, y, known[0]))
            self.every += [] if every is None else [every]

    def tag(self, category: object, *, shown: bool = True) -> None:
        """Says whether the picture shows an object of a class."""
        known = self._source.category(category)
        if known is None or known[1]:
            self._source.left_out["tags of a whole picture"] += 1
        else:
            self.tags[known[0]] = self.tags.get(known[0], False) or shown

    def _keep(self, box: Box) -> None:
        if box.track is not None and any(other.track == box.track for other in self.boxes):
            box = replace(box, track=None)
        if box.track is None and box.origin in DERIVED:
            self.leave_out("boxes of the program's making that are of no track")
        else:
            self.boxes.append(box)

    def outline(
        self,
        kind: str,
        category: object,
        shape: Callable[[], Corners],
        *,
        ignore: bool = False,
        occluded: bool = False,
        truncated: bool = False,
        track: int | None = None,
        origin: Origin = "person",
    ) -> None:
        """What is no upright box: the box around it where those are asked for, else left out
        and counted as `kind`. `shape` gives that box and may raise BadValueError."""
        if self._source.outlines:
            self.add(
                category,
                *shape(),
                ignore=ignore,
                occluded=occluded,
                truncated=truncated,
                track=track,
                origin=origin,
            )
        else:
            self.leave_out(kind)

    def labelled(
        self,
        *,
        video: str | None = None,
        frame: int | None = None,
        image: str | None = None,
        size: Size | None = None,
        timestamp: int | None = None,
    ) -> LabelledImage | None:
        """The finished picture; None where only things that cannot be boxes were in it."""
        if self.missed and not (self.boxes or self.points or self.tags):
            self._source.left_out["pictures of which every shape was left out"] += 1
            return None
        width, height = size or (None, None)
        return LabelledImage(
            video,
            frame,
            image,
            width,
            height,
            tuple(self.boxes),
            timestamp,
            tuple(self.points),
            bool(self.every) and all(self.every),
            tuple(sorted(self.tags.items())),
        )
