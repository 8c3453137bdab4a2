"""Opens what the user names: a file, a folder of numbered pictures, a folder of stills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.records import Progress
from framesift.video.base import Video

if TYPE_CHECKING:
    from framesift.video.file import Indexed


def index_video(path: str | Path, *, stream: int | None = None, fps: float = 30.0
                ) -> Iterator[Progress | Indexed]:
    """Opens a video as `open_video` does; yields Progress while a long file is indexed for
    the first time, and last Indexed with the open video."""
    from framesift.video.file import index_file

    yield from index_file(Path(path), stream)


def open_video(path: str | Path, *, stream: int | None = None, fps: float = 30.0) -> Video:
    """Opens a video."""
    for record in index_video(path, stream=stream, fps=fps):
        if not isinstance(record, Progress):
            return record.video
    raise AssertionError("indexing ends with a video")
