"""Label files that count square pixels, of videos whose pixels are not square: players, and
tools that label what they play, show such a picture wider or narrower than it is stored."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import Point

if TYPE_CHECKING:
    from framesift.formats.model import Size
    from framesift.project import Project, VideoRecord


class SquarePixels:
    """How wide a label file counts the pictures of a project's videos: as stored, or where that
    is `asked` for as players show them. Heights are the same. Raises InputError where a video
    must be looked at for it and is not there."""

    def __init__(self, project: Project, asked: bool) -> None:
        self._project, self._asked = project, asked
        self._factors: dict[str, float] = {}

    def factor(self, video: str) -> float:
        """How many times as wide as it is stored."""
        if not self._asked:
            return 1.0
        if video not in self._factors:
            self._factors[video] = self._look(self._project.videos.get(video))
        return self._factors[video]

    def size(self, video: str, stored: Size) -> Size:
        """(width, height) of a picture in the file."""
        return max(1, round(stored[0] * self.factor(video))), stored[1]

    def counted(self, video: str, boxes: Iterable[Box]) -> tuple[Box, ...]:
        """Boxes in native pixels, as the file counts them."""
        return _wider(boxes, self.factor(video))

    def points_counted(self, video: str, points: Iterable[Point]) -> tuple[Point, ...]:
        """Points in native pixels, as the file counts them."""
        return tuple(replace(p, x=p.x * self.factor(video)) for p in points)

    def points_native(self, video: str, points: Iterable[Point]) -> tuple[Point, ...]:
        """The inverse."""
        return tuple(replace(p, x=p.x / self.factor(video)) for p in points)

    def native(self, video: str, boxes: Iterable[Box]) -> tuple[Box, ...]:
        """The inverse."""
        return _wider(boxes, 1 / self.factor(video))

    def _look(self, video: VideoRecord) -> float:
        if video.kind != "file":
            return 1.0
        try:
            with self._project.videos.open(video.id) as opened:
                return opened.square_size[0] / opened.width
        except InputError as error:
            raise InputError(
                f"Without {video.name} the shape of its pixels is not known ({error}); put it "
                "back, or leave out --square-pixels."
            ) from error


def offered(project: Project, sizes: Iterable[Size]) -> list[str]:
    """A sentence for each video that has one of these sizes, but only as players show it."""
    sentences, asked = [], set(sizes)
    for video in project.videos.all():
        heights = {height for width, height in asked if width != video.width}
        if video.kind != "file" or video.height not in heights:
            continue
        with contextlib.suppress(InputError), project.videos.open(video.id) as opened:
            if opened.square_size != (video.width, video.height) and (
                opened.square_size in asked
            ):
                width, height = opened.square_size
                sentences.append(
                    f"{width}×{height} is how players show {video.name}, whose pixels are not "
                    "square; import with --square-pixels (in the window: Count square pixels)."
                )
    return sentences


def _wider(boxes: Iterable[Box], factor: float) -> tuple[Box, ...]:
    if factor == 1:
        return tuple(boxes)
    return tuple(replace(box, x1=box.x1 * factor, x2=box.x2 * factor) for box in boxes)
