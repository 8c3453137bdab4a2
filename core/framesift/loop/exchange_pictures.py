"""The pictures that go along with exported labels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.formats import LabelledImage
from framesift.labels import FrameKey
from framesift.project import Project
from framesift.project.missing import missing_videos
from framesift.records import Notice

if TYPE_CHECKING:
    from framesift.video import Video


class PictureEncoder:
    """Encodes the picture of an item, at the item's size; keeps the video of the last one open.
    `ids`: of the videos by the names that items give them."""

    def __init__(
        self, project: Project, ids: Mapping[str, str], stack: contextlib.ExitStack
    ) -> None:
        self._project, self._ids, self._stack = project, ids, stack
        self._open: dict[str, Video] = {}
        self._lost: set[str] = set()

    def lost(self, videos: Iterable[str]) -> Iterator[Notice]:
        """A sentence for each of these videos that cannot be opened."""
        records = [self._project.videos.get(video) for video in videos]
        for video, reason in missing_videos(self._project.videos, records).items():
            self._lost.add(video)
            yield Notice(f"The labels go without these pictures: {reason}")

    def __call__(self, item: LabelledImage, name: str) -> bytes | None:
        import cv2

        from framesift.report.pictures import encode

        key = key_of(item, self._ids)
        if key.video in self._lost:
            return None
        if key.video not in self._open:
            for opened in self._open.values():
                opened.close()
            video = self._stack.enter_context(self._project.videos.open(key.video))
            self._open = {key.video: video}
        image = self._open[key.video][key.frame]
        if item.size is not None and item.size != (image.shape[1], image.shape[0]):
            image = cv2.resize(image, item.size, interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
        return encode(image, Path(name).suffix or ".jpg")


def key_of(item: LabelledImage, ids: Mapping[str, str]) -> FrameKey:
    """The frame of an item that names its video and frame."""
    if item.video is None or item.frame is None:
        raise ValueError(f"{item} is no frame of a video")
    return FrameKey(ids[item.video], item.frame)
