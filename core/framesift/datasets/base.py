"""Footage whose labels are known: clips, drives and the whole, whatever they were read from.

Boxes are continuous native pixels, pixel i covers [i, i + 1); frames count from 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.datasets.labels import Labels
from framesift.labels import FrameKey
from framesift.video import Drive, Video


@dataclass(frozen=True, eq=False)
class LabelledClip:
    """A video whose labels are known.

    `name`: unique in its footage, the same wherever the files lie; the `video` of its frame
    keys. `labelled`: bool per frame, read-only: somebody looked at it and it may be picked or
    measured on. A clip belongs to one thread, as its video does.
    """

    name: str
    video: Video
    labels: Labels
    labelled: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if len(self.labelled) != len(self.video):
            raise ValueError(f"{len(self.labelled)} marks for {len(self.video)} frames")
        self.labelled.setflags(write=False)

    def __len__(self) -> int:
        return len(self.video)

    @property
    def kind(self) -> str:
        """As the video's; "stills" have no time."""
        return self.video.kind

    @property
    def fps(self) -> float:
        """Frames per second; NaN for stills."""
        return self.video.fps

    @property
    def times(self) -> NDArray[np.float64] | None:
        """Seconds of the frames where the rate varies, else None."""
        return self.video.times

    def boxes(self, frame: int) -> tuple[Box, ...]:
        """The boxes of a frame, ignore regions among them.

        Args:
            frame: 0 ≤ frame < len.

        Returns:
            Boxes in native pixels; empty where there is nothing, or nobody looked.

        Raises:
            IndexError: there is no such frame.
        """
        if not 0 <= frame < len(self):
            raise IndexError(f"frame {frame} of {len(self)}")
        return self.labels.boxes(frame)

    def key(self, frame: int) -> FrameKey:
        """The identity of a frame.

        Args:
            frame: its number in the clip.

        Returns:
            The clip's name and the number.
        """
        return FrameKey(self.name, frame)


@dataclass(frozen=True, eq=False)
class LabelledDrive:
    """Clips in order of recording: one timeline, as `Drive` is for videos. Fits
    `picking.Timeline`."""

    key: str
    clips: tuple[LabelledClip, ...]

    def __post_init__(self) -> None:
        if not self.clips:
            raise ValueError("a drive needs a clip")

    def __len__(self) -> int:
        return len(self.drive)

    @property
    def offsets(self) -> tuple[int, ...]:
        """The drive's frame number of each clip's first frame."""
        return self.drive.offsets

    @property
    def stills(self) -> bool:
        return self.clips[0].kind == "stills"

    @property
    def fps(self) -> float:
        """Frames per second over all clips; NaN for stills."""
        return self.drive.fps

    @cached_property
    def drive(self) -> Drive:
        """The same clips as mere videos."""
        return Drive(self.key, tuple(clip.video for clip in self.clips))

    @cached_property
    def labelled(self) -> NDArray[np.bool_]:
        """bool per frame of the drive, read-only: may be picked or measured on."""
        whole = np.concatenate([clip.labelled for clip in self.clips])
        whole.setflags(write=False)
        return whole

    def locate(self, frame: int) -> tuple[LabelledClip, int]:
        """A frame of the drive in its clip.

        Args:
            frame: 0 ≤ frame < len.

        Returns:
            The clip, and the frame number in it.

        Raises:
            IndexError: there is no such frame.
        """
        clip, number = self.drive.locate(frame)
        return self.clips[clip], number

    def frame_key(self, frame: int) -> FrameKey:
        """The identity of a frame of the drive.

        Args:
            frame: 0 ≤ frame < len.

        Returns:
            The clip's name and the frame number in it.

        Raises:
            IndexError: there is no such frame.
        """
        clip, number = self.locate(frame)
        return clip.key(number)

    def boxes(self, frame: int) -> tuple[Box, ...]:
        """The boxes of a frame of the drive, ignore regions among them.

        Args:
            frame: 0 ≤ frame < len.

        Returns:
            Boxes in native pixels.

        Raises:
            IndexError: there is no such frame.
        """
        clip, number = self.locate(frame)
        return clip.boxes(number)


@dataclass(frozen=True, eq=False)
class LabelledDataset:
    """A data set, or a part of one, with all that is known of it. Use as a context manager,
    or close().

    `kind` is its reader's name, `classes` the classes that count: every box that is no ignore
    region has one of them. `warnings`: sentences for the user about what is out of the
    ordinary.
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    drives: tuple[LabelledDrive, ...]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [clip.name for clip in self.clips]
        if len(set(names)) < len(names) or len({d.key for d in self.drives}) < len(self.drives):
            raise ValueError("clips and drives need names of their own")

    @property
    def clips(self) -> Iterator[LabelledClip]:
        """All clips, in the order of the drives."""
        return (clip for drive in self.drives for clip in drive.clips)

    def __len__(self) -> int:
        """The number of frames, labelled or not."""
        return sum(len(drive) for drive in self.drives)

    def clip(self, name: str) -> LabelledClip:
        """The clip of a name.

        Args:
            name: as in a frame key.

        Returns:
            The LabelledClip.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, LabelledClip]:
        return {clip.name: clip for clip in self.clips}

    def boxes(self, key: FrameKey) -> tuple[Box, ...]:
        """The boxes of a frame, ignore regions among them.

        Args:
            key: clip and frame number.

        Returns:
            Boxes in native pixels.

        Raises:
            KeyError: there is no such clip.
            IndexError: there is no such frame.
        """
        return self.clip(key.video).boxes(key.frame)

    def keys(self) -> Iterator[FrameKey]:
        """The labelled frames, drive by drive."""
        for clip in self.clips:
            yield from (clip.key(int(frame)) for frame in np.flatnonzero(clip.labelled))

    def identity(self) -> str:
        """A sha256 over classes, names, pictures (by the videos' fingerprints) and labels,
        in order; where the files lie makes no difference."""
        digest = hashlib.sha256(repr(self.classes).encode())
        for drive in self.drives:
            digest.update(f"drive {drive.key!r}".encode())
            for clip in drive.clips:
                digest.update(
                    repr(
                        (
                            clip.name,
                            clip.kind,
                            clip.video.fingerprint,
                            len(clip),
                            clip.labels.identity(),
                        )
                    ).encode()
                )
                digest.update(np.packbits(clip.labelled).tobytes())
        return digest.hexdigest()

    def close(self) -> None:
        """Closes the videos."""
        for clip in self.clips:
            clip.video.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
