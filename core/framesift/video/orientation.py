"""How a stored picture is to be shown: FFmpeg's display matrix in quarter turns and mirrors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame


@dataclass(frozen=True, slots=True)
class Orientation:
    """A picture is upright once it is mirrored left-right (`mirrored`) and then turned by
    `turns` quarter turns anticlockwise. `degrees`: the clockwise turn that was asked for, of
    which only whole quarters are done."""

    turns: int = 0
    mirrored: bool = False
    degrees: float = 0.0


def orientation_of(frame: VideoFrame) -> Orientation:
    """What the display matrix of a frame says, the container's or the codec's own; nothing
    where there is none, or one that shows nothing."""
    data = cast("Any", frame.side_data).get(Type.DISPLAYMATRIX)
    if data is None:
        return Orientation()
    a, b, _, c, d, *_ = np.frombuffer(bytes(data), np.int32).astype(float)
    return of_matrix(a, b, c, d)


def of_matrix(a: float, b: float, c: float, d: float) -> Orientation:
    """The orientation of the matrix that shows the stored pixel (p, q), q counted downwards,
    at (a·p + c·q, b·p + d·q): libavutil's display.h, in any unit."""
    if not math.isfinite(a * d - b * c) or a * d - b * c == 0:
        return Orientation()
    mirrored = a * d - b * c < 0
    # Mirrored first, a picture's p counts from the right: what is left is a turn alone.
    degrees = math.degrees(math.atan2(-b, -a) if mirrored else math.atan2(b, a))
    return Orientation(-round(degrees / 90) % 4, mirrored, round(degrees, 1) % 360)
