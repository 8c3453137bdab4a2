"""Opens what the user names: a file, a folder of numbered pictures, a folder of stills."""

from __future__ import annotations

from pathlib import Path

from framesift.video.base import Video


def open_video(path: str | Path, *, stream: int | None = None, fps: float = 30.0) -> Video:
    """Opens a video."""
    raise NotImplementedError
