"""Video files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from framesift.records import Notice, Progress
from framesift.video import cache
from framesift.video.base import Frame, Passing, Video
from framesift.video.build import build_table
from framesift.video.container import check_file, read_failed
from framesift.video.index import FrameIndex
from framesift.video.reading import CACHE_BYTES, Reader
from framesift.video.sparse import Sparse
from framesift.video.table import StreamTable


class FileVideo(Video):
    """A video file, opened. Frames decode the same in any order; see resources/docs/video.md
    for how."""

    kind = "file"

    def __init__(
        self,
        path: Path,
        table: StreamTable,
        fingerprint: str,
        *,
        fps: float | None = None,
        cache_bytes: int = CACHE_BYTES,
        hardware: str | None = None,
    ) -> None:
        self.path, self.table, self.fingerprint = path, table, fingerprint
        self._hardware = hardware
        self.width, self.height = table.upright
        aspect = table.pixel_aspect
        self.pixel_aspect = 1 / aspect if table.turns % 2 else aspect
        self._fps = fps
        self.index = (
            table.frame_index()
            if fps is None
            else FrameIndex.regular(len(table), Fraction(fps))
        )
        self.warnings, self.recorded = table.warnings, table.recorded
        self._cache_bytes = cache_bytes
        self._converter = VideoReformatter()
        self._reader: Reader | None = None
        self._at_random = threading.Lock()
        self._stop = self._closed = False

    @property
    def stream(self) -> int:
        """The container's index of the video stream."""
        return self.table.stream

    def frame(self, number: int) -> Frame:
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        self._check_open()
        with self._at_random:
            decoded = self._reader_at_random().get(number)
            return self._finished(number, *decoded, self._converter)

    def towards(self, number: int) -> Iterator[Passing]:
        for last in super().towards(number):
            while True:
                self._check_open()
                with self._at_random:
                    come = self._reader_at_random().approach(number)
                if come is None:
                    break
                yield Passing(come[0], partial(self._passed, *come))
            yield last

    def _passed(self, number: int, picture: VideoFrame) -> Frame:
        with self._at_random:
            return self._finished(number, number, picture, self._converter)

    def read(self, numbers: Iterable[int]) -> Iterator[Frame]:
        self._check_open()
        # Two threads at one converter would wait for each other for ever.
        converter = VideoReformatter()
        with closing(self._new_reader(Sparse.of(self.table, numbers))) as reader:
            for number in numbers:
                if not 0 <= number < len(self):
                    raise IndexError(f"frame {number} of {len(self)}")
                yield self._finished(number, *reader.get(number), converter)

    def fork(self) -> Self:
        return self.decoded_on(self._hardware)

    def decoded_on(self, hardware: str | None) -> Self:
        """A fork that a device of some kind decodes, None for none; `hardware.on_hardware`
        makes sure that it gives the same pictures."""
        return type(self)(
            self.path,
            self.table,
            self.fingerprint,
            fps=self._fps,
            cache_bytes=self._cache_bytes,
            hardware=hardware,
        )

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Path, StreamTable, str]]:
        """A copy, in this process or another, reads the file by itself, as a fork does."""
        again = partial(
            type(self), fps=self._fps, cache_bytes=self._cache_bytes, hardware=self._hardware
        )
        return again, (self.path, self.table, self.fingerprint)

    def interrupt(self) -> None:
        self._stop = True

    def close(self) -> None:
        self._closed = True
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError(f"{self.path} is closed")

    def _reader_at_random(self) -> Reader:
        if self._reader is None:
            self._reader = self._new_reader(Sparse.by_aim(self.table))
        return self._reader

    def _new_reader(self, sparse: Sparse | None = None) -> Reader:
        return Reader(
            self.path,
            self.table,
            cache_bytes=self._cache_bytes,
            stopped=lambda: self._stop,
            # A device passes over nothing: which pictures others need is the processor's rule.
            sparse=sparse if self._hardware is None else None,
            hardware=self._hardware,
        )

    def _finished(
        self, number: int, decoded: int, picture: VideoFrame, converter: VideoReformatter
    ) -> Frame:
        damaged = decoded != number or number in self.table.damaged or picture.is_corrupt
        return Frame(
            number,
            self.index.timestamp(number),
            self.index.seconds(number),
            self._upright(picture, converter),
            bool(damaged),
        )

    def _upright(self, picture: VideoFrame, converter: VideoReformatter) -> NDArray[np.uint8]:
        width, height = self.table.size
        same = (picture.width, picture.height) == (width, height)
        if same and picture.format.name == "rgb24":
            # Nothing to convert: what PyAV gives may be the decoder's own memory.
            stored = picture.to_ndarray().copy()
        else:
            stored = converter.reformat(picture, width, height, "rgb24").to_ndarray()
        if self.table.mirrored:
            stored = stored[:, ::-1]
        return np.ascontiguousarray(np.rot90(stored, self.table.turns))


def index_file(
    path: Path, stream: int | None = None, fps: float | None = None
) -> Generator[Progress, None, FileVideo]:
    """Opens a video file, timed at `fps` where that is given; yields Progress while it is
    indexed for the first time. InputError where it cannot be used."""
    check_file(path)
    try:
        known = cache.fingerprint(path)
    except OSError as error:
        raise read_failed(path, error) from error
    table = cache.load(path, known, stream)
    if table is None:
        table = yield from build_table(path, stream)
        cache.save(path, known, stream, table)
    return FileVideo(path, table, known, fps=fps)


@dataclass(frozen=True, slots=True)
class Verified:
    """The end of a verification. `frames` decode; `changed`: that differs from what was
    known (open the video again to see it); `damaged` are the numbers of damaged frames."""

    frames: int
    changed: bool
    damaged: frozenset[int]


def verify(video: FileVideo) -> Generator[Progress | Notice | Verified]:
    """Decodes a video file completely to make sure of its frames, and remembers the result for
    the next opening. For a background thread: it uses nothing of the video but its path.

    Args:
        video: an opened file.

    Yields:
        Progress and Notices, and last Verified.

    Raises:
        InputError: the file cannot be read any more.

    Example:
        >>> framesift.last(verify(video), Verified).frames
        12
    """
    table = video.table
    if table.checked != "all":
        table = yield from build_table(video.path, video.stream, completely=True)
        for stream in {None, table.stream}:
            known = cache.load(video.path, video.fingerprint, stream)
            if stream is not None or (known and known.stream == table.stream):
                cache.save(video.path, video.fingerprint, stream, table)
        yield from (Notice(text) for text in table.warnings if text not in video.warnings)
    changed = len(table) != len(video) or not np.array_equal(
        table.timestamps, video.table.timestamps
    )
    yield Verified(len(table), changed, table.damaged)
