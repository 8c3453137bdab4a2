"""What every kind of video can do."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, overload

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.files.printable import printable
from framesift.video.index import FrameIndex

Kind = Literal["file", "images", "stills", "synthetic"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded frame.

    `image`: uint8 H×W×3, RGB, upright, contiguous. `timestamp` in units of the index's time
    base, `seconds` from the first frame (both None for stills). `corrupt`: the decoder found
    damage, the picture is its best guess.
    """

    number: int
    timestamp: int | None
    seconds: float | None
    image: NDArray[np.uint8]
    corrupt: bool = False

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        time = "" if self.seconds is None else f", {self.seconds:.3f} s"
        damage = ", damaged" if self.corrupt else ""
        return f"<Frame {self.number}: {width}×{height}{time}{damage}>"


@dataclass(frozen=True, slots=True)
class Passing:
    """A frame on the way to another one: its number, and what makes its picture."""

    number: int
    frame: Callable[[], Frame]


class Video(ABC):
    """An opened video: frames by number, in order or at random, always the same pixels.

    A kind of video sets the attributes below and implements `frame` and `fork`; `read` where
    reading in order is cheaper than one by one. A Video belongs to one thread: another thread
    takes its own `fork()`.
    """

    path: Path
    """The file or folder (a name of its own making for synthetic footage)."""
    kind: Kind
    index: FrameIndex
    width: int
    """Pixels, upright, native; the largest of all items for stills."""
    height: int
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel over its height, upright; players show the picture so much wider."""
    fingerprint: str
    """Hex digest: the same content, the same fingerprint, wherever it lies."""
    recorded: str = ""
    """When recording began, as the container says it (ISO 8601); empty when it does not."""
    warnings: tuple[str, ...] = ()
    """Sentences for the user about what is out of the ordinary."""

    @abstractmethod
    def frame(self, number: int) -> Frame:
        """One frame.

        Args:
            number: 0 ≤ number < len.

        Returns:
            A Frame: its picture uint8 H×W×3 (RGB), timestamp and seconds.

        Raises:
            IndexError: there is no such frame.
        """

    def towards(self, number: int) -> Iterator[Passing]:
        """The way to a frame, for somebody who looks on and may turn back: what decoding comes
        past, the first of it at once, and the frame itself last. What is not looked at costs no
        picture. Going on from where it was left costs nothing twice.

        Args:
            number: 0 ≤ number < len.

        Yields:
            A Passing for each, in ascending order.

        Raises:
            IndexError: there is no such frame.

        Example:
            >>> [*_, last] = video.towards(9)
            >>> last.frame().number
            9
        """
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        yield Passing(number, partial(self.frame, number))

    @abstractmethod
    def fork(self) -> Self:
        """An independent reader of the same video, for another thread."""

    def read(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """Frames in any order; ascending ones are read in one go where the kind of video knows
        how. Independent of other readers.

        Args:
            numbers: frame numbers, each 0 ≤ number < len.

        Yields:
            A Frame for each, in the order given.

        Raises:
            IndexError: there is no such frame.
        """
        for number in numbers:
            yield self.frame(number)

    def interrupt(self) -> None:
        """Asks a reader that another thread is using to stop soon, at the cost of an exception
        there. The only method that may be called from another thread."""
        return

    def close(self) -> None:
        """Gives back what is held; reading afterwards is an error. Twice is no harm."""
        return

    @property
    def name(self) -> str:
        """The last part of the path, as it can be shown."""
        return printable(self.path.name)

    @property
    def square_size(self) -> tuple[int, int]:
        """(width, height) in square pixels, as players show the picture."""
        return max(1, round(self.width * self.pixel_aspect)), self.height

    @property
    def fps(self) -> float:
        """Frames per second, of most frames where the rate varies; NaN for stills."""
        return self.index.fps

    @property
    def times(self) -> NDArray[np.float64] | None:
        """float64 N: seconds of the frames from the first, where the rate varies, else None."""
        return self.index.times

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Frames in order, one after the other, without holding them all in memory.

        Args:
            start: the first; negative numbers count from the end, as in a slice.
            stop: the one before which to end; None: the end.
            step: each how many-th, 1 or more.

        Returns:
            An iterator of Frames.

        Raises:
            ValueError: the step is below 1.
        """
        if step < 1:
            raise ValueError("step must be at least 1")
        return self.read(range(*slice(start, stop, step).indices(len(self))))

    def __len__(self) -> int:
        """The number of frames that decode."""
        return len(self.index)

    def at(self, seconds: float) -> Frame:
        """The frame that is shown at a time.

        Args:
            seconds: from the first frame, 0 ≤ seconds < duration; a negative time counts from
                the end of the video.

        Returns:
            A Frame: its picture uint8 H×W×3 (RGB), timestamp and seconds.

        Raises:
            InputError: the time is outside the video, or there is no time (stills).

        Example:
            >>> with framesift.open_video("clip.mp4") as video:
            ...     video.at(0.1).number
            3
        """
        if self.index.timestamps is None:
            raise InputError(
                f"{self.name} holds stills, which have no time; take one by number."
            )
        duration = self.index.duration
        place = seconds + duration if seconds < 0 else seconds
        if not 0 <= place < duration:
            raise InputError(
                f"{self.name} is {duration:.2f} s long; there is no frame at {seconds:g} s."
            )
        return self.frame(self.index.at_seconds(place))

    @overload
    def __getitem__(self, number: int) -> NDArray[np.uint8]: ...

    @overload
    def __getitem__(self, number: slice) -> NDArray[np.uint8]: ...

    def __getitem__(self, number: int | slice) -> NDArray[np.uint8]:
        """The picture of a frame, uint8 H×W×3 RGB; negative numbers count from the end. A
        slice gives those of its frames, uint8 N×H×W×3; InputError where they differ in size.
        """
        if isinstance(number, slice):
            return self._stacked(range(len(self))[number])
        try:
            place = operator.index(number)
        except TypeError as error:
            raise TypeError(
                "Take frames by a number or a slice, as in video[3] or video[0:8], not by a "
                f"value of type {type(number).__name__}; video.read([3, 5]) gives several "
                "Frames, video.at(1.5) one by its time in seconds."
            ) from error
        if not -len(self) <= place < len(self):
            raise IndexError(
                f"There is no frame {place}; {self.name} has {len(self)}, counted from 0."
            )
        return self.frame(place % len(self)).image

    def _stacked(self, numbers: range) -> NDArray[np.uint8]:
        images = [frame.image for frame in self.read(numbers)]
        if len({image.shape for image in images}) > 1:
            raise InputError(
                f"The pictures of {self.name} differ in size, so that they make no one array; "
                "take them one by one."
            )
        return (
            np.stack(images) if images else np.zeros((0, self.height, self.width, 3), np.uint8)
        )

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return (frame.image for frame in self.frames())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {str(self.path)!r}: {len(self)} frames, "
            f"{self.width}×{self.height}{self.index.about}>"
        )
