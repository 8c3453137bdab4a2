"""Drawn frames as the bundled detector learnt from: made once for each size, then kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import platformdirs

from framesift import __version__
from framesift.boxes import Box
from framesift.errors import EnvironmentProblem
from framesift.files import replacing
from framesift.labels import FrameKey
from framesift.records import Progress, RateMeter
from framesift.training.packed import PackedFrame

VERSION = 1
CATEGORY = "pedestrian"
LOOK, SEED = "source", 20_260
"""The world that the bundled detector comes from, and streets that it has not seen."""


def drawn_frames(
    count: int, size: tuple[int, int]
) -> Generator[Progress, None, tuple[PackedFrame, ...]]:
    """`count` labelled frames of (height, width) from framesift.synth, the same every time;
    yields Progress while they are drawn. They are kept in the cache folder, where losing them
    costs only time."""
    kept = _load(count, size)
    if kept is not None:
        return kept
    from framesift.synth import training_frames

    frames: list[PackedFrame] = []
    meter = RateMeter(count, "frames", "drawing frames to replay")
    yield meter.progress()
    for image, boxes in training_frames(LOOK, SEED, size):
        key = FrameKey(f"drawn-{LOOK}", len(frames))
        frames.append(PackedFrame.of(image, [_plain(box) for box in boxes], key))
        yield meter.advance()
        if len(frames) == count:
            break
    _save(frames, count, size)
    return tuple(frames)


def _plain(box: Box) -> Box:
    """The box as it is read again: an identity goes by what its numbers look like."""
    x1, y1, x2, y2 = map(float, (box.x1, box.y1, box.x2, box.y2))
    return replace(box, x1=x1, y1=y1, x2=x2, y2=y2)


def folder() -> Path:
    """Where they are kept: FRAMESIFT_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get("FRAMESIFT_CACHE_DIR")
    root = Path(named) if named else Path(platformdirs.user_cache_dir("framesift", False))
    return root / "drawn"


def _place(count: int, size: tuple[int, int]) -> Path:
    # Other versions of what draws give other pictures.
    key = (VERSION, __version__, cv2.__version__, np.__version__, LOOK, SEED, count, size)
    return folder() / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.npz"


def _load(count: int, size: tuple[int, int]) -> tuple[PackedFrame, ...] | None:
    # Whatever is wrong with it, a cache is made again.
    with (
        contextlib.suppress(Exception),
        _place(count, size).open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        pictures = np.split(arrays["pictures"], arrays["ends"][:-1])
        rows, owners = arrays["boxes"], arrays["owners"]
        frames = []
        for number, png in enumerate(pictures):
            boxes = (
                Box(x1, y1, x2, y2, CATEGORY, ignore > 0, occluded > 0, truncated > 0)
                for x1, y1, x2, y2, ignore, occluded, truncated in rows[
                    owners == number
                ].tolist()
            )
            key = FrameKey(f"drawn-{LOOK}", number)
            frames.append(PackedFrame(png, size, tuple(boxes), key))
        return tuple(frames) if len(frames) == count else None
    return None


def _save(frames: list[PackedFrame], count: int, size: tuple[int, int]) -> None:
    """Keeps them; does nothing where the cache folder cannot be written."""
    rows = [
        (b.x1, b.y1, b.x2, b.y2, b.ignore, b.occluded, b.truncated)
        for frame in frames
        for b in frame.boxes
    ]
    owners = [number for number, frame in enumerate(frames) for _ in frame.boxes]
    with (
        contextlib.suppress(EnvironmentProblem, OSError),
        replacing(_place(count, size)) as part,
        part.open("wb") as file,
    ):
        np.savez(
            file,
            allow_pickle=False,
            pictures=np.concatenate([frame.png for frame in frames]),
            ends=np.cumsum([len(frame.png) for frame in frames]),
            boxes=np.array(rows, np.float64).reshape(-1, 7),
            owners=np.array(owners, np.int64),
        )
