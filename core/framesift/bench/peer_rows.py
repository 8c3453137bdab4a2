"""Rows that measure beside the decoders that others would use."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.bench.row import Row, interleaved
from framesift.video import open_video

Picture = NDArray[np.uint8]
Seek = Callable[[int], Picture]
_SOUGHT = 12
_UNLIKE = 24.0
"""Mean grey levels from which on a picture is another frame, and not another conversion."""


def peer_rows(clip: Path, quick: bool) -> Iterator[Row]:
    """All of them; of torchcodec only where it is installed."""
    decoders: dict[str, Callable[[Path], int]] = {"decode": _ours, "OpenCV": _opencv}
    if _torchcodec() is not None:
        decoders["torchcodec"] = _by_torchcodec
    runs = {name: (lambda read=read: read(clip)) for name, read in decoders.items()}
    times = interleaved(runs, 3 if quick else 7)
    with open_video(clip) as video:
        frames = len(video)
    for name, of in times.items():
        wall, cpu = of.over(times["decode"])
        yield Row(
            "decode" if name == "decode" else f"decode: {name}",
            1000 * frames / of.ms(),
            "frames/s",
            "one after the other, to RGB in memory"
            + ("" if name == "decode" else "; ours are so many times as quick"),
            None if name == "decode" else wall,
            None if name == "decode" else cpu,
            "the codec",
            "" if name == "decode" else f"decoding: {name}",
        )
    yield from _wrong_frames(clip)


def _ours(clip: Path) -> int:
    with open_video(clip) as video:
        return sum(1 for _ in video.frames())


def _opencv(clip: Path) -> int:
    capture, count = cv2.VideoCapture(str(clip)), 0
    while True:
        there, picture = capture.read()
        if not there:
            capture.release()
            return count
        cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        count += 1


def _torchcodec() -> Any:
    try:
        from torchcodec.decoders import VideoDecoder
    except (ImportError, OSError, RuntimeError):
        return None
    return VideoDecoder


def _by_torchcodec(clip: Path) -> int:
    return sum(1 for _ in _torchcodec()(str(clip)))


def _wrong_frames(clip: Path) -> Iterator[Row]:
    """How many frames that are sought at random are others than reading in order gives."""
    with open_video(clip) as video:
        order = random.Random(0).sample(range(len(video)), min(_SOUGHT, len(video)))
        right = {frame.number: frame.image for frame in video.read(sorted(order))}
        yield _wrong("ours", lambda n: video.frame(n).image, order, right)
    capture = cv2.VideoCapture(str(clip))

    def sought(number: int) -> Picture:
        capture.set(cv2.CAP_PROP_POS_FRAMES, number)
        _, picture = capture.read()
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)

    yield _wrong("OpenCV", sought, order, right)
    capture.release()
    decoder = _torchcodec()
    if decoder is not None:
        opened = decoder(str(clip))
        yield _wrong("torchcodec", lambda n: opened[n].permute(1, 2, 0).numpy(), order, right)


def _wrong(name: str, seek: Seek, order: Sequence[int], right: dict[int, Picture]) -> Row:
    wrong = sum(
        float(np.abs(seek(number).astype(np.int16) - right[number]).mean()) > _UNLIKE
        for number in order
    )
    return Row(f"wrong frames: {name}", wrong, f"of {len(order)}", "sought at random")
