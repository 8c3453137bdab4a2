"""Frames that show what an earlier frame shows, as at a red light: they take over its score
instead of passing the detector."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.records import Notice, closing
from framesift.video.decode import stream

if TYPE_CHECKING:
    from framesift.video import Frame, Video

STRETCH = 32
"""Frames with a tolerance are compared with the first one of their stretch, whose number is a
multiple of this: so a score depends on the video alone, not on which frames are scored, in what
order, or where a run was interrupted."""
ROWS = 60
"""Rows of the thumbnail that they are compared by."""
_THIN = 16
PORTION = 4
"""Batches' worth of frames that get their scores at a time."""
_WAITING_BYTES = 64 << 20
"""What frames may take that wait until a batch is full."""
_TOLD = 3


def cells(image: NDArray[np.uint8]) -> NDArray[np.int16]:
    """A picture uint8 H×W×3 as the means of ROWS rows of square cells: int16 ROWS×columns×3."""
    height, width = image.shape[:2]
    columns = max(1, round(ROWS * width / height))
    return cv2.resize(image, (columns, ROWS), interpolation=cv2.INTER_AREA).astype(np.int16)


def same_pixels(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two pictures are equal; a few pixels tell most that are not."""
    return (
        picture.shape == other.shape
        and np.array_equal(picture[::_THIN, ::_THIN], other[::_THIN, ::_THIN])
        and np.array_equal(picture, other)
    )


class _Comparison(Protocol):
    def source(self, frame: Frame) -> int | None:
        """The frame whose score this one takes over; None: it is to be looked at."""
        ...


class _Never:
    def source(self, frame: Frame) -> int | None:
        return None


class _Identical:
    """Frames with the very pixels of the last one that was looked at."""

    def __init__(self) -> None:
        self._last: Frame | None = None

    def source(self, frame: Frame) -> int | None:
        last = self._last
        if (
            last is not None
            and not (frame.corrupt or last.corrupt)
            and same_pixels(last.image, frame.image)
        ):
            return last.number
        self._last = frame
        return None


class _Alike:
    """Frames no cell of which differs by more than a tolerance from the stretch's first."""

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._first: tuple[int, NDArray[np.int16]] | None = None

    def source(self, frame: Frame) -> int | None:
        begin = _begin(frame.number)
        if frame.number == begin:
            self._first = None if frame.corrupt else (begin, cells(frame.image))
            return None
        if self._first is None or self._first[0] != begin or frame.corrupt:
            return None
        first, here = self._first[1], cells(frame.image)
        alike = first.shape == here.shape and np.abs(first - here).max() <= self._tolerance
        return begin if alike else None


@dataclass(slots=True)
class Group:
    """Frames that pass the detector together (`looked_at`, of one size), and those that get
    their scores then, in order, each with the number of the frame whose score it gets."""

    looked_at: list[Frame] = field(default_factory=list)
    scored: list[tuple[Frame, int]] = field(default_factory=list)

    def portions(self, size: int) -> Iterator[list[tuple[Frame, int]]]:
        """The frames that get their scores, up to PORTION batches of `size` at a time."""
        for first in range(0, len(self.scored), PORTION * size):
            yield self.scored[first : first + PORTION * size]

    def is_ready(self, size: int) -> bool:
        """Whether to look now. A batch is filled up by repeating a frame, so what is looked at
        waits for the first frames of the next stretches, unless that takes much memory."""
        if not self.looked_at:
            return len(self.scored) >= PORTION * size
        fitting = _WAITING_BYTES // self.looked_at[0].image.nbytes
        most = max(PORTION * size, min(STRETCH * (size - 1) + 1, fitting))
        return len(self.looked_at) == size or len(self.scored) >= most

    def fits(self, frame: Frame) -> bool:
        """Whether a frame can pass the detector with these, and they wait for it for good
        reason: what only takes scores over has them."""
        if not self.looked_at:
            return not self.scored
        return self.looked_at[0].image.shape == frame.image.shape

    @property
    def needed_later(self) -> set[int]:
        """The frames whose scores others may still take over."""
        frame, source = self.scored[-1]
        return {source, _begin(frame.number)}


def tolerance_of(video_kind: str, unchanged: float | None) -> float | None:
    """What a setting means for a kind of video: stills have no neighbours in time."""
    return 0.0 if unchanged and video_kind == "stills" else unchanged


def groups_of(
    video: Video, numbers: Sequence[int], size: int, unchanged: float | None
) -> Iterator[Group]:
    """The frames of `numbers` in groups of at most `size` to be looked at. unchanged: grey
    levels that a frame may differ from the one whose score it takes over; 0: none at all, in
    any pixel; None: every frame is looked at."""
    unchanged = tolerance_of(video.kind, unchanged)
    asked = list(_with_first_of_stretch(numbers)) if unchanged else [(n, True) for n in numbers]
    compare: _Comparison = (
        _Never() if unchanged is None else _Alike(unchanged) if unchanged else _Identical()
    )
    group, spare = Group(), None
    with closing(stream(video, [n for n, _ in asked], prefetch=2 * size)) as frames:
        for frame, (_, is_scored) in zip(frames, asked, strict=True):
            source = compare.source(frame)
            if not is_scored:
                spare = frame
                continue
            look_at = frame if source is None else None
            if spare is not None and source == spare.number:
                look_at, spare = spare, None
            if look_at is not None:
                if not group.fits(look_at):
                    yield group
                    group = Group()
                group.looked_at.append(look_at)
            group.scored.append((frame, frame.number if source is None else source))
            if group.is_ready(size):
                yield group
                group = Group()
    if group.scored:
        yield group


def _begin(number: int) -> int:
    return number - number % STRETCH


def _with_first_of_stretch(numbers: Sequence[int]) -> Iterator[tuple[int, bool]]:
    """The numbers, and before those of a stretch its first; whether each was asked for."""
    last = -1
    for number in numbers:
        if _begin(number) not in (last, number):
            yield _begin(number), False
        last = _begin(number)
        yield number, True


class TakenOver:
    """Counts which frames took over whose score."""

    def __init__(self) -> None:
        self._pairs = array("q")
        self._scored = 0

    def add(self, frame: int, source: int | None) -> None:
        """Takes in a scored frame; `source`: whose score it took over, None: it has its own."""
        self._scored += 1
        if source is not None:
            self._pairs.extend((frame, source))

    def notices(self, name: str) -> Iterator[Notice]:
        """A sentence about a video called `name`, if any frame took over a score."""
        if self._pairs:
            count = len(self._pairs) // 2
            yield Notice(
                f"{name}: {count} of {self._scored} frames show what an earlier one shows and "
                f"took over its score: {self._spans()}."
            )

    def _spans(self) -> str:
        pairs = np.array(self._pairs, np.int64).reshape(-1, 2)
        of: dict[int, list[int]] = {}
        for frame, source in pairs[np.argsort(pairs[:, 0])].tolist():
            of.setdefault(source, []).append(frame)
        told = [
            f"{min(frames)}–{max(frames)} from {source}"
            if len(frames) > 1
            else f"{frames[0]} from {source}"
            for source, frames in [*of.items()][:_TOLD]
        ]
        more = len(of) - len(told)
        return ", ".join(told) + (f" and {more} more" if more > 0 else "")
