"""A process that opens a video and reads it, so that its memory can be watched from outside."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from framesift.video import Video, open_video


def _forwards(video: Video) -> None:
    for _ in video.frames():
        pass


def _backwards(video: Video) -> None:
    for number in reversed(range(len(video))):
        video.frame(number)


def _nothing(video: Video) -> None:
    """Opened only."""


ORDERS: Final[dict[str, Callable[[Video], None]]] = {
    "forwards": _forwards,
    "backwards": _backwards,
    "nothing": _nothing,
}


def read(path: Path, order: str) -> None:
    """Opens a video and reads it in one of ORDERS.

    Args:
        path: the video.
        order: a key of ORDERS.

    Raises:
        InputError: the file cannot be read.
        KeyError: there is no such order.
    """
    with open_video(path) as video:
        ORDERS[order](video)


if __name__ == "__main__":
    read(Path(sys.argv[1]), sys.argv[2])
