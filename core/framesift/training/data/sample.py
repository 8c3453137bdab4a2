"""One labelled frame, and where such frames come from."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, Weak
from framesift.records import Notice, Progress, closing

if TYPE_CHECKING:
    from framesift.video import Video


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture and its labels.

    image uint8 H×W×3, RGB, native size; boxes in its continuous pixels; an empty tuple means
    that somebody looked and there is nothing. `weak`: what was said beside boxes that nobody
    said are all; None where they are. `unlabelled`: nobody looked; what is learnt from it needs
    no labels.
    """

    image: NDArray[np.uint8]
    boxes: tuple[Box, ...]
    key: FrameKey
    unlabelled: bool = False
    weak: Weak | None = None


class Source(Protocol):
    """Labelled frames by index. `sample` may be called from several threads at once and gives
    the same pixels for the same index every time."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names; every box that is not an ignore region has one of them."""
        ...

    def __len__(self) -> int: ...

    def size(self, index: int) -> tuple[int, int]:
        """Native (height, width), without decoding."""
        ...

    def boxes(self, index: int) -> tuple[Box, ...]:
        """The labels, without decoding."""
        ...

    def sample(self, index: int) -> Sample:
        """The picture with its labels.

        Raises InputError when the picture is not the one that was labelled."""
        ...

    def identity(self) -> str:
        """A sha256 over what is learnt from: keys, pictures, boxes and classes, in order."""
        ...

    def prepare(self) -> Iterator[Progress | Notice]:
        """Work worth doing once before many passes (reading ahead into a cache)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """A frame near a labelled one: image uint8 H×W×3, distance in frames, and whether it is
    free: neither labelled itself nor only measured on."""

    key: FrameKey
    image: NDArray[np.uint8]
    distance: int
    free: bool


@runtime_checkable
class Timed(Protocol):
    """A Source whose frames have neighbours in time."""

    def around(self, index: int, reach: int) -> tuple[Sequence[Neighbour], Sequence[Neighbour]]:
        """The up to `reach` frames before a labelled one and those after it, the nearest
        first each; none where pictures have no order."""
        ...


@runtime_checkable
class Partial(Protocol):
    """A Source some of whose frames have weak labels."""

    def weak(self, index: int) -> Weak | None:
        """What was said of a frame beside its boxes; None where these are all."""
        ...


def weak_of(source: Source, index: int) -> Weak | None:
    """The weak labels of a source's frame; None where its boxes are all."""
    return source.weak(index) if isinstance(source, Partial) else None


@runtime_checkable
class Unlabelled(Protocol):
    """A Source that knows frames which nobody has labelled."""

    def unlabelled(self, count: int, reach: int) -> tuple[FrameKey, ...]:
        """Up to `count` frames, spread evenly over the footage, with `reach` frames on both
        sides; none of all these is labelled, validates or is only measured on."""
        ...

    def window(self, key: FrameKey, reach: int) -> NDArray[np.uint8]:
        """Such a frame with those before and after it: uint8 (1 + 2·reach)×H×W×3."""
        ...


def spread_evenly(
    lengths: Mapping[str, int], kept: Iterable[FrameKey], count: int, reach: int
) -> tuple[FrameKey, ...]:
    """What `Unlabelled.unlabelled` gives of videos of so many frames, of which those of `kept`
    are labelled or measured on.

    Example:
        >>> spread_evenly({"a": 9}, [FrameKey("a", 0)], 2, 1)
        (FrameKey(video='a', frame=3), FrameKey(video='a', frame=6))
    """
    by_video: dict[str, list[int]] = {}
    for key in kept:
        by_video.setdefault(key.video, []).append(key.frame)
    names: list[str] = []
    numbers: list[NDArray[np.int64]] = []
    for name, length in lengths.items():
        free = np.ones(length, np.bool_)
        free[:reach] = free[max(0, length - reach) :] = False
        for frame in by_video.get(name, ()):
            free[max(0, frame - reach) : frame + reach + 1] = False
        names.append(name)
        numbers.append(np.flatnonzero(free))
    ends = np.cumsum([0, *map(len, numbers)])
    total = int(ends[-1])
    places = np.unique(((np.arange(count) + 0.5) * total / count).astype(np.int64))
    keys = []
    for place in places[: total or 0].tolist():
        at = int(np.searchsorted(ends, place, side="right")) - 1
        keys.append(FrameKey(names[at], int(numbers[at][place - ends[at]])))
    return tuple(keys)


def window(video: Video, frame: int, reach: int) -> NDArray[np.uint8]:
    """What `Unlabelled.window` gives of a video."""
    from framesift.video.decode import stream

    numbers = range(frame - reach, frame + reach + 1)
    with closing(stream(video, numbers)) as frames:
        return np.stack([decoded.image for decoded in frames])


def neighbours(
    video: Video, name: str, frame: int, reach: int, kept: Container[FrameKey]
) -> tuple[list[Neighbour], list[Neighbour]]:
    """What `Timed.around` gives of a video called `name`, in which the frames of `kept` are not
    free."""
    from framesift.video.decode import stream

    numbers = range(max(0, frame - reach), min(len(video), frame + reach + 1))
    around = []
    with closing(stream(video, numbers)) as frames:
        for decoded in frames:
            key = FrameKey(name, decoded.number)
            distance = abs(decoded.number - frame)
            around.append(Neighbour(key, decoded.image, distance, key not in kept))
    place = frame - numbers.start
    return around[:place][::-1], around[place + 1 :]


def describe(boxes: Sequence[Box]) -> bytes:
    """A canonical text of boxes, to hash."""
    return repr([(b.x1, b.y1, b.x2, b.y2, b.category, b.ignore) for b in boxes]).encode()


def describe_weak(weak: Weak | None) -> bytes:
    """A canonical text of weak labels, to hash; nothing where boxes are all."""
    return b"" if weak is None else repr(weak).encode()


class MemorySource:
    """Samples that are already in memory, as simulations have them."""

    def __init__(self, samples: Sequence[Sample], classes: Sequence[str]) -> None:
        self._samples = tuple(samples)
        self._classes = tuple(classes)
        self._identity = ""
        check_classes(self._classes, (b for s in self._samples for b in s.boxes))

    @property
    def classes(self) -> tuple[str, ...]:
        return self._classes

    def __len__(self) -> int:
        return len(self._samples)

    def size(self, index: int) -> tuple[int, int]:
        height, width = self._samples[index].image.shape[:2]
        return height, width

    def boxes(self, index: int) -> tuple[Box, ...]:
        return self._samples[index].boxes

    def weak(self, index: int) -> Weak | None:
        """See `Partial`."""
        return self._samples[index].weak

    def sample(self, index: int) -> Sample:
        return self._samples[index]

    def identity(self) -> str:
        if self._identity:
            return self._identity
        digest = hashlib.sha256(repr(self._classes).encode())
        for sample in self._samples:
            digest.update(f"{sample.key.video}\0{sample.key.frame}\0".encode())
            digest.update(repr(sample.image.shape).encode())
            digest.update(np.ascontiguousarray(sample.image).data)
            digest.update(describe(sample.boxes))
            digest.update(describe_weak(sample.weak))
        self._identity = digest.hexdigest()
        return self._identity

    def prepare(self) -> Iterator[Progress | Notice]:
        return iter(())


def check_classes(classes: Sequence[str], boxes: Iterator[Box]) -> None:
    """Raises InputError when a box carries a class that is not among `classes`."""
    for box in boxes:
        if not box.ignore and box.category not in classes:
            raise InputError(
                f"A box is labelled {box.category!r}, which is not among the classes "
                f"{', '.join(classes) or '(none)'}; add the class or leave such boxes out."
            )
