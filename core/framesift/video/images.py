"""Folders of pictures: numbered ones are a video, others are stills."""

from __future__ import annotations

from pathlib import Path

from framesift.video.base import Video


class Stills(Video):
    """Unordered pictures, each of its own size: no time."""

    kind = "stills"
    names: tuple[str, ...]


def open_stills(folder: str | Path) -> Stills:
    """Opens a folder of pictures as stills."""
    raise NotImplementedError
