"""Drives: one video, or several clips recorded one after the other, as one timeline."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from framesift.video.base import Video


@dataclass(frozen=True, eq=False)
class Drive:
    """Clips in order of recording, on one timeline of frame numbers.

    `offsets[i]` is the drive's frame number of clip i's first frame.
    """

    key: str
    clips: tuple[Video, ...]
    offsets: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not self.clips:
            raise ValueError("a drive needs a clip")
        ends = accumulate((len(clip) for clip in self.clips), initial=0)
        object.__setattr__(self, "offsets", tuple(ends)[:-1])

    def __len__(self) -> int:
        return self.offsets[-1] + len(self.clips[-1])

    def locate(self, frame: int) -> tuple[int, int]:
        """A frame of the drive as (clip, frame in that clip); IndexError outside."""
        if not 0 <= frame < len(self):
            raise IndexError(f"frame {frame} of {len(self)}")
        clip = bisect_right(self.offsets, frame) - 1
        # Of several clips with one offset (an empty one between) the last holds the frame.
        return clip, frame - self.offsets[clip]

    def frame_of(self, clip: int, frame: int) -> int:
        """A clip's frame as a frame of the drive; IndexError outside."""
        if not 0 <= frame < len(self.clips[clip]):
            raise IndexError(f"frame {frame} of {len(self.clips[clip])}")
        return self.offsets[clip] + frame


def join_drives(videos: Sequence[Video], *, groups: Mapping[str, Sequence[str]] | None = None,
                join: bool = True) -> list[Drive]:
    """Joins clips into drives."""
    return [Drive(video.name, (video,)) for video in videos]
