"""What an import needs to know of a project, and what of a file may go into it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import LabelFile, LabelledImage, VideoRef, told_apart
from framesift.formats.model import Size, Sizes
from framesift.labels import FrameKey, FrameLabels, Weak
from framesift.loop.square_pixels import SquarePixels
from framesift.project import Project, VideoRecord


def names_of(videos: Iterable[VideoRecord]) -> dict[str, str]:
    """The name in label files of each of a project's videos, by id: no two share one, nor what
    is before the file ending."""
    listed = list(videos)
    names = told_apart(video.path.parent / video.name for video in listed)
    return {video.id: name for video, name in zip(listed, names, strict=True)}


class Incoming:
    """A project as an import sees it. `sizes` and `lengths` (frames) of its videos, or of the
    one video `which`, are for formats that hold none; `squares` says how a file counts them."""

    def __init__(self, project: Project, which: str | None, squares: SquarePixels) -> None:
        self._project, self._squares = project, squares
        self._videos = project.videos.all()
        self._names = names_of(self._videos)
        asked = [v for v in self._videos if which in (None, v.id)]
        sizes = {self._names[v.id]: self._size(v) for v in asked}
        self.lengths = {self._names[v.id]: v.frames for v in asked}
        common = next(iter(sizes.values())) if len(set(sizes.values())) == 1 else None
        self.sizes: Sizes = common or sizes or None

    def refs(self) -> list[VideoRef]:
        """The videos, to bind entries to."""
        return [self._ref(video) for video in self._videos]

    def _ref(self, video: VideoRecord) -> VideoRef:
        size = None if video.kind == "stills" else self._size(video)
        return VideoRef(
            video.id,
            self._names[video.id],
            video.frames,
            size,
            self._images(video),
            video.fps if video.fps > 0 else None,
            (video.name,),
        )

    def _size(self, video: VideoRecord) -> Size:
        return self._squares.size(video.id, (video.width, video.height))

    def _images(self, video: VideoRecord) -> Sequence[str] | None:
        if video.kind not in ("images", "stills"):
            return None
        with contextlib.suppress(InputError), self._project.videos.open(video.id) as opened:
            return [path.name for path in getattr(opened, "files", ())] or None
        return None

    def fewer(self, after: Mapping[FrameKey, FrameLabels]) -> list[str]:
        """A sentence where labels would be replaced by fewer."""
        before = self._project.labels.all()
        smaller = [
            key
            for key, value in after.items()
            if key in before and len(before[key].boxes) > len(value.boxes)
        ]
        if not smaller:
            return []
        had = sum(len(before[key].boxes) for key in smaller)
        has = sum(len(after[key].boxes) for key in smaller)
        return [
            f"{len(smaller)} frames that had {had} boxes now have {has}; undo takes that back, "
            "and --keep leaves labelled frames as they are."
        ]


def check_classes(
    labels: LabelFile, adapted: LabelFile, classes: Sequence[str], path: Path
) -> None:
    """InputError where the file has boxes and none is of a class of the project."""
    if labels.box_count and not adapted.box_count:
        theirs, ours = ", ".join(labels.classes) or "none", ", ".join(classes) or "none"
        example = (
            f"{labels.classes[0]}={classes[0]}" if labels.classes and classes else "THEIRS=OURS"
        )
        raise InputError(
            f"The classes of {path} ({theirs}) are none of the project's ({ours}); rename them "
            f"(--map {example}), or add them (--add-classes)."
        )


def within_pictures(
    project: Project, frames: Mapping[FrameKey, LabelledImage]
) -> tuple[dict[FrameKey, FrameLabels], Counter[str]]:
    """The labels of the frames without boxes that lie wholly outside of the picture, and what
    was left out; a frame of which every box does so is left out itself."""
    videos = {video.id: video for video in project.videos.all()}
    pictures = project.labels.pictures.all()
    after: dict[FrameKey, FrameLabels] = {}
    left_out: Counter[str] = Counter()
    for key, item in frames.items():
        video, known = videos[key.video], pictures.get(key)
        size: Size = (known.width, known.height) if known else (video.width, video.height)
        cut = [box.clipped(*size) for box in item.boxes]
        kept = [
            box
            for box, inside in zip(item.boxes, cut, strict=True)
            if inside.width > 0 and inside.height > 0
        ]
        left_out["boxes outside of the picture"] += len(item.boxes) - len(kept)
        if item.boxes and not (kept or item.weak):
            left_out["frames of which every box lies outside of the picture"] += 1
        else:
            after[key] = _labels(item, kept, size, left_out)
    return after, +left_out


def _labels(
    item: LabelledImage, boxes: Sequence[Box], size: Size, left_out: Counter[str]
) -> FrameLabels:
    """What a file says of a frame. Boxes beside points are not all of its boxes; tags beside
    boxes say no more than those."""
    whole = FrameLabels.of(boxes)
    points = tuple(p for p in item.points if 0 <= p.x <= size[0] and 0 <= p.y <= size[1])
    left_out["points outside of the picture"] += len(item.points) - len(points)
    if not item.points and (whole.boxes or not item.tags):
        return whole
    every = item.every and len(points) == len(item.points)
    return replace(
        whole,
        state="started" if whole.boxes else "unseen",
        weak=Weak(points, every, tags=item.tags),
    )
