"""What label files hold, whatever their format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from framesift.boxes import Box
from framesift.labels import Point

State = Literal["labelled", "nothing"]


Key = tuple[str | None, int | None, str | None]
"""Video, frame, picture name: what tells two entries of a file apart."""


Size = tuple[int, int]
"""Width and height in pixels."""


Sizes = Size | Mapping[str, Size] | None
"""Sizes for formats that hold none: one for all pictures, or by picture or video name."""


ANY_CLASS = "*"
"""The category of an ignore region that stands for every class (KITTI's DontCare)."""


IGNORE_NAME = "ignore"
"""How ANY_CLASS is spelled in files that want a class name."""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """The boxes of one picture that somebody looked at, or that the program made for tracks
    (their `origin` says so: a picture of such boxes alone is one that nobody looked at).

    A box's `track` counts within its video: the same number in another video is another object.
    `frame` is 0-based in the video called `video` (None: the file does not say which);
    `image` is a clean relative path with forward slashes. At least one of the two is there.
    `width` and `height` are pixels, None where the file does not say; `timestamp` is a
    presentation timestamp in the video's own time base. `points` are clicks on objects, `every`
    says that each object has one or a box; `tags` whether the picture shows classes.
    """

    video: str | None = None
    frame: int | None = None
    image: str | None = None
    width: int | None = None
    height: int | None = None
    boxes: tuple[Box, ...] = ()
    timestamp: int | None = None
    points: tuple[Point, ...] = ()
    every: bool = False
    tags: tuple[tuple[str, bool], ...] = ()

    @property
    def weak(self) -> bool:
        """Whether it has labels that cost less than boxes."""
        return bool(self.points or self.tags)

    @property
    def state(self) -> State:
        """ "labelled", or "nothing" when a person looked and there was nothing to label."""
        return "labelled" if self.boxes else "nothing"

    @property
    def key(self) -> Key:
        return self.video, self.frame, self.image

    @property
    def size(self) -> Size | None:
        return None if self.width is None or self.height is None else (self.width, self.height)

    def sized(self, size: Size) -> LabelledImage:
        """With a width and height."""
        return replace(self, width=size[0], height=size[1])

    def __str__(self) -> str:
        if self.frame is None:
            return str(self.image)
        return f"frame {self.frame}" + (f" of {self.video}" if self.video else "")


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a file of labels says of a video: another name (`title`: of CVAT's task), frames a
    second, how many frames, and whether its name is only a folder's or file's (`assumed`)."""

    title: str | None = None
    rate: float | None = None
    frames: int | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What a file or folder of labels holds, in file order.

    `classes` are the class names in the format's order. `left_out` counts by reason what the
    file holds and a box cannot say (polygons, rotated boxes, boxes without area); a picture
    of which everything was left out is left out too, because "nothing there" would be untrue.
    `notes` are sentences about what had to be assumed, `videos` what is said of each video by
    the name that entries give it.
    """

    classes: tuple[str, ...]
    items: tuple[LabelledImage, ...]
    left_out: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()
    format: str = ""
    videos: Mapping[str, VideoFacts] = field(default_factory=dict)

    @property
    def box_count(self) -> int:
        return sum(len(item.boxes) for item in self.items)
