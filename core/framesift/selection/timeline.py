"""What has to be known of drives to select from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_module("numpy")


class Clip(Protocol):
    """What has to be known of a video to select from its scores."""

    @property
    def kind(self) -> str: ...
    @property
    def fps(self) -> float: ...
    @property
    def times(self) -> NDArray[np.float64] | None:
        """Seconds of the frames from the clip's first, where the rate varies, else None."""

    def __len__(self) -> int: ...


class Timeline(Protocol):
    """A drive, opened or only remembered."""

    @property
    def key(self) -> str: ...
    @property
    def clips(self) -> Sequence[Clip]: ...


def is_stills(drive: Timeline) -> bool:
    return drive.clips[0].kind == "stills"


_ALIKE = 0.02


def clip_times(clip: Clip) -> NDArray[np.float64]:
    """Seconds of a clip's frames from its first, float64, one per frame."""
    return np.arange(len(clip)) / clip.fps if clip.times is None else clip.times


def clip_seconds(clip: Clip) -> float:
    """A clip's length: to the end of its last frame, which is one usual distance long."""
    if clip.times is None:
        return len(clip) / clip.fps
    return float(clip.times[-1]) + 1 / clip.fps


def drive_times(drive: Timeline) -> NDArray[np.float64] | None:
    """Seconds of a drive's frames from its first one, each clip beginning where the one before
    it ends; None where one rate (to 2 %) tells all of them, and for stills."""
    clips = drive.clips
    first = clips[0].fps
    if any(math.isnan(clip.fps) for clip in clips) or all(
        clip.times is None and math.isclose(clip.fps, first, rel_tol=_ALIKE) for clip in clips
    ):
        return None
    parts, begin = [], 0.0
    for clip in clips:
        parts.append(begin + clip_times(clip))
        begin += clip_seconds(clip)
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class Grid:
    """Which frames of every clip are to be had: the multiples of `every` in [start, stop), as
    they are scored with the same numbers; None: up to the end."""

    every: int = 1
    start: int = 0
    stop: int | None = None

    def mask(self, drive: Timeline) -> NDArray[np.bool_]:
        """bool per frame of a drive."""
        return np.concatenate([self.of(len(clip)) for clip in drive.clips])

    def of(self, length: int) -> NDArray[np.bool_]:
        """bool per frame of a clip."""
        frames = np.arange(length)
        inside = frames < (length if self.stop is None else self.stop)
        open_to: NDArray[np.bool_] = (frames % self.every == 0) & (frames >= self.start)
        return open_to & inside


EVERY_FRAME = Grid()
