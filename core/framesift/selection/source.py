"""What a selection was made from, kept for whoever wants to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.selection.timeline import clip_seconds, clip_times, is_stills

if TYPE_CHECKING:
    from framesift.selection.rules import Rules
    from framesift.video import Drive


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """drives: by key, the drives whose pictures can be had (of one that is closed a fork is
    read). times: by key, seconds of the frames from the first, None without time. raw: by key
    the unsmoothed values, NaN = not scored. rules: those of the selection, distances filled in.
    signal: what the strategy ranked by; None where it looked at no score."""

    drives: Mapping[str, Drive]
    times: Mapping[str, NDArray[np.float64] | None]
    raw: Mapping[str, NDArray[Any]]
    rules: Rules
    signal: str | None

    def image(self, drive: str, frame: int) -> NDArray[np.uint8]:
        """The picture of a drive's frame, uint8 H×W×3 RGB."""
        if drive not in self.drives:
            raise InputError(f"The pictures of {drive!r} are not known; open its video.")
        clip, number = self.drives[drive].locate(frame)
        with self.drives[drive].clips[clip].fork() as video:
            return video[number]


def seconds_of(drive: Drive) -> NDArray[np.float64] | None:
    """Seconds of a drive's frames from its first, each clip beginning where the one before it
    ends: float64, one per frame; None for stills."""
    if is_stills(drive):
        return None
    parts, begin = [], 0.0
    for clip in drive.clips:
        parts.append(begin + clip_times(clip))
        begin += clip_seconds(clip)
    return np.concatenate(parts)
