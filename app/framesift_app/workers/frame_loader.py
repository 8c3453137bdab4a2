"""Frames for looking at: decoded on a thread of their own, where the newest request wins."""

from __future__ import annotations

import contextlib
import time
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
    from framesift.video import Frame, Passing, Video

OPEN = 4
"""Videos that a reader keeps open."""
NEAR = 12
"""Of the last frames of a way there is no picture: the exact one is as soon there."""
PAUSE_S = 0.08
"""Between two pictures of a way; whoever drags sees it move, and each costs the exact one."""
THUMBNAIL = 192
"""Width of a thumbnail in pixels."""


class FrameReader:
    """Frames of a project's videos by key; belongs to the thread that uses it."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._project: Project | None = None
        self._videos: OrderedDict[str, Video] = OrderedDict()

    def frame(self, folder: Path, key: FrameKey) -> Frame:
        """Decodes a frame. InputError when its video is gone or changed."""
        return self._video(folder, key.video).frame(key.frame)

    def towards(self, folder: Path, key: FrameKey) -> Iterator[Passing]:
        """The way to a frame, so that whoever waits may look on and turn back. InputError when
        its video is gone or changed."""
        yield from self._video(folder, key.video).towards(key.frame)

    def project(self, folder: Path) -> Project:
        """The project, opened for reading on this thread."""
        self._turn_to(folder)
        if self._project is None:
            from framesift.project import Project

            self._project = Project.open(folder, readonly=True)
        return self._project

    def _turn_to(self, folder: Path) -> None:
        """Lets another project's videos go."""
        if folder != self._folder:
            self.close()
            self._folder = folder

    def _video(self, folder: Path, video: str) -> Video:
        self._turn_to(folder)
        if video not in self._videos:
            opened = self.project(folder).videos.open(video)
            while len(self._videos) >= OPEN:
                self._videos.popitem(last=False)[1].close()
            self._videos[video] = opened
        self._videos.move_to_end(video)
        return self._videos[video]

    def close(self) -> None:
        """Closes videos and project; a later request opens them again."""
        for video in self._videos.values():
            with contextlib.suppress(Exception):
                video.close()
        self._videos.clear()
        if self._project is not None:
            self._project.close()
        self._project = self._folder = None


class FrameLoader(Worker):
    """The thread that decodes for the viewer, or for the thumbnails."""

    def __init__(self, name: str, relay: Relay, behind: int = LOOKED_AT) -> None:
        self._reader = FrameReader()
        self._due = 0.0
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
        and ends one that is on its way; `preview` gets frames from before it that are there
        sooner, where it is far."""

        def run() -> Frame | None:
            for passing in self._reader.towards(folder, key):
                if passing.number == key.frame:
                    return passing.frame()
                if passing.number <= key.frame - NEAR and time.monotonic() >= self._due:
                    early = passing.frame()
                    self.post(lambda early=early: preview(early))  # type: ignore[misc]
                    self._due = time.monotonic() + PAUSE_S
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
