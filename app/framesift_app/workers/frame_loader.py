"""Frames for looking at: decoded on a thread of their own, where the newest request wins."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.labels import FrameKey, Picture, picture_hash
from framesift_app.workers.priority import LOOKED_AT
from framesift_app.workers.relay import Relay
from framesift_app.workers.threads import Done, Failed, Worker

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.video import Frame, Video

OPEN = 4
"""Videos that a reader keeps open."""
NEAR = 12
"""A frame that is at most so many away is decoded without a picture on the way."""
THUMBNAIL = 192
"""Width of a thumbnail in pixels."""


class FrameReader:
    """Frames of a project's videos by key; belongs to the thread that uses it."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._project: Project | None = None
        self._videos: OrderedDict[str, Video] = OrderedDict()
        self._places: dict[str, int] = {}

    def frame(self, folder: Path, key: FrameKey) -> Frame:
        """Decodes a frame. InputError when its video is gone or changed."""
        if folder != self._folder:
            self.close()
            self._folder = folder
        return self._video(key.video).frame(key.frame)

    def towards(self, folder: Path, key: FrameKey) -> Iterator[Frame]:
        """The way to a frame: where it is far, the one at which decoding begins, which is
        there at once; some on the way, so that whoever waits may turn back; the frame."""
        if folder != self._folder:
            self.close()
            self._folder = folder
        video = self._video(key.video)
        first, last = video.entry(key.frame), self._places.get(key.video, -1)
        near = 0 <= key.frame - last < NEAR
        if not near and key.frame - first >= NEAR:
            begin = first if not first <= last < key.frame else last
            for number in range(begin, key.frame, NEAR):
                self._places[key.video] = number
                yield video.frame(number)
        self._places[key.video] = key.frame
        yield video.frame(key.frame)

    def project(self, folder: Path) -> Project:
        """The project, opened for reading on this thread."""
        if folder != self._folder:
            self.close()
            self._folder = folder
        if self._project is None:
            from framesift.project import Project

            self._project = Project.open(folder, readonly=True)
        return self._project

    def _video(self, video: str) -> Video:
        if video not in self._videos:
            assert self._folder is not None
            opened = self.project(self._folder).videos.open(video)
            while len(self._videos) >= OPEN:
                name, oldest = self._videos.popitem(last=False)
                oldest.close()
                self._places.pop(name, None)
            self._videos[video] = opened
        self._videos.move_to_end(video)
        return self._videos[video]

    def close(self) -> None:
        """Closes videos and project; a later request opens them again."""
        for video in self._videos.values():
            with contextlib.suppress(Exception):
                video.close()
        self._videos.clear()
        self._places.clear()
        if self._project is not None:
            self._project.close()
        self._project = self._folder = None


class FrameLoader(Worker):
    """The thread that decodes for the viewer, or for the thumbnails."""

    def __init__(self, name: str, relay: Relay, behind: int = LOOKED_AT) -> None:
        self._reader = FrameReader()
        super().__init__(name, relay, behind)

    def show(
        self,
        folder: Path,
        key: FrameKey,
        done: Callable[[Frame], None],
        failed: Failed,
        preview: Callable[[Frame], None],
    ) -> None:
        """Decodes a frame for the viewer. A newer request takes the place of one that waits,
        and ends one that is on its way; `preview` gets a frame from before it that is there
        sooner, where it is far."""

        def run() -> Frame | None:
            previewed = False
            for frame in self._reader.towards(folder, key):
                if frame.number == key.frame:
                    return frame
                if not previewed:
                    previewed = True
                    self.post(lambda early=frame: preview(early))  # type: ignore[misc]
                if self.awaits("show"):
                    break
            return None

        def over(frame: Frame | None) -> None:
            if frame is not None:
                done(frame)

        self.submit(run, over, failed, key="show")

    def thumbnail(
        self,
        folder: Path,
        key: FrameKey,
        done: Done,
        failed: Failed,
        *,
        instead: object = None,
    ) -> None:
        """Decodes a frame and makes it small: uint8 H×192×3. `instead`: takes the place of the
        one that was asked for by the same name and still waits."""
        self.submit(
            lambda: shrunk(self._reader.frame(folder, key).image),
            done,
            failed,
            key=instead or key,
        )

    def rest(self) -> None:
        """Closes what is open, so that another project can be opened."""
        self.forget()
        self.submit(self._reader.close)

    def end(self) -> None:
        self._reader.close()


def shrunk(image: NDArray[np.uint8], width: int = THUMBNAIL) -> NDArray[np.uint8]:
    """A picture at the width of a thumbnail."""
    import cv2

    height = max(1, round(image.shape[0] * width / image.shape[1]))
    small: Any = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small, np.uint8)


def picture_of(frame: Frame) -> Picture:
    """What ties labels to this very picture."""
    height, width = frame.image.shape[:2]
    return Picture(picture_hash(frame.image), width, height, frame.timestamp)
