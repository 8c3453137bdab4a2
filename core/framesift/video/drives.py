"""Drives: one video, or several clips recorded one after the other, as one timeline."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from framesift.errors import InputError
from framesift.video.base import Video
from framesift.video.clips import chains


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

    @property
    def fps(self) -> float:
        """Frames per second over all clips; NaN for stills."""
        return len(self) / sum(clip.index.duration for clip in self.clips)

    def locate(self, frame: int) -> tuple[int, int]:
        """A frame of the drive in its clip.

        Args:
            frame: 0 ≤ frame < len.

        Returns:
            The clip's place, from 0, and the frame number in it.

        Raises:
            IndexError: there is no such frame.
        """
        if not 0 <= frame < len(self):
            raise IndexError(f"frame {frame} of {len(self)}")
        clip = bisect_right(self.offsets, frame) - 1
        return clip, frame - self.offsets[clip]

    def frame_of(self, clip: int, frame: int) -> int:
        """A clip's frame in the drive.

        Args:
            clip: the clip's place, from 0.
            frame: the frame number in it.

        Returns:
            The frame number in the drive.

        Raises:
            IndexError: there is no such frame.
        """
        if not 0 <= frame < len(self.clips[clip]):
            raise IndexError(f"frame {frame} of {len(self.clips[clip])}")
        return self.offsets[clip] + frame


def join_drives(
    videos: Sequence[Video],
    *,
    groups: Mapping[str, Sequence[str | Path]] | None = None,
    join: bool = True,
) -> list[Drive]:
    """Joins clips into drives, in the order in which their first clips are given. The key of a
    drive that is not told is the name of its first clip, with as much of its path as it takes
    to be unique.

    Args:
        videos: opened clips and stills.
        groups: tells drives: key → names or paths of their clips, in order.
        join: whether of the other videos those that follow one another by name and time are
            joined (see clips.follows and resources/docs/video.md).

    Returns:
        The drives.

    Raises:
        InputError: a video is given twice, or groups name unknown videos, one video twice, or
            stills beside others.

    Example:
        >>> [drive.key for drive in join_drives([video])]
        ['clip.mp4']
    """
    _check_distinct(videos)
    told = {
        key: [_find(videos, name, key) for name in names]
        for key, names in (groups or {}).items()
    }
    _check_told(told)
    taken = {id(video) for clips in told.values() for video in clips}
    others = [video for video in videos if id(video) not in taken]
    joined = [(key, clips) for key, clips in told.items() if clips]
    named = {key for key, _ in joined}
    for chain in chains(others) if join else [[video] for video in others]:
        key = _key(chain[0], videos, named)
        named.add(key)
        joined.append((key, chain))
    place = {id(video): i for i, video in enumerate(videos)}
    joined.sort(key=lambda group: min(place[id(video)] for video in group[1]))
    return [Drive(key, tuple(clips)) for key, clips in joined]


def _check_distinct(videos: Sequence[Video]) -> None:
    seen: set[object] = set()
    for video in videos:
        # Synthetic footage lies nowhere; its fingerprint tells it apart.
        stream = getattr(video, "stream", None)
        same = (video.path.absolute(), stream, "" if video.path.exists() else video.fingerprint)
        if same in seen:
            raise InputError(f"{video.path} is given twice; give each video once.")
        seen.add(same)


def _find(videos: Sequence[Video], name: str | Path, key: str) -> Video:
    place = Path(name)
    fitting = [v for v in videos if v.path.absolute() == place.absolute()]
    fitting = fitting or [v for v in videos if v.name == str(name)]
    if len(fitting) != 1:
        problem = "is not among the videos" if not fitting else "fits several videos"
        raise InputError(f"{name} (of the drive {key}) {problem}; give its path.")
    return fitting[0]


def _check_told(told: Mapping[str, Sequence[Video]]) -> None:
    seen: set[int] = set()
    for key, clips in told.items():
        if len(clips) > 1 and any(clip.kind == "stills" for clip in clips):
            raise InputError(
                f"The drive {key} joins stills, which have no time; leave them apart."
            )
        for clip in clips:
            if id(clip) in seen:
                raise InputError(
                    f"{clip.path} is in two places of the given drives; name it once."
                )
            seen.add(id(clip))


def _key(video: Video, videos: Sequence[Video], named: set[str]) -> str:
    parts = video.path.parts or (video.name,)
    for count in range(1, len(parts) + 1):
        key = "/".join(parts[-count:])
        alike = [v for v in videos if v is not video and "/".join(v.path.parts[-count:]) == key]
        if not alike and key not in named:
            return key
    number = 2
    while f"{video.name} ({number})" in named:
        number += 1
    return f"{video.name} ({number})"
