"""Norpix sequences (.seq) of JPEG or PNG pictures, as the Caltech Pedestrian data set comes.

A header of 1024 bytes (later versions: 8192), then for each frame a little-endian uint32 that
gives the size of itself and the picture, the picture, and its time of recording with padding,
8 or 16 bytes in all. Nothing but walking along these sizes tells where a frame lies.
"""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import struct
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np

from framesift.errors import InputError
from framesift.records import Progress, RateMeter
from framesift.video import cache
from framesift.video.base import Frame, Video
from framesift.video.container import check_file, read_failed
from framesift.video.index import FrameIndex
from framesift.video.pictures import load_picture, upright_size

_MAGIC = b"\xed\xfe\x00\x00" + "Norpix seq".encode("utf-16-le")
_HEADER, _HEADERS = 1024, (1024, 8192)
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG")
_BAYER = frozenset({101, 103})
_USUAL_RATE = 30.0
_LARGEST = 1 << 28
_PAUSE = 4096
# (what the size counts beside the picture, bytes between a picture and the next size), the
# benchmark's own first.
_LAYOUTS = ((4, 8), (4, 16), (0, 8), (0, 16), (4, 6), (0, 6))


def is_seq(path: Path) -> bool:
    """Whether a file begins as a Norpix sequence does; False for what is no file (a pipe would
    be waited for)."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except (OSError, ValueError):  # no such file; a name that none can have
        return False


@dataclass(frozen=True, slots=True)
class SeqTable:
    """Where the pictures lie: `offsets` and `sizes` in bytes, one for each frame. `fps` frames
    per second; `recorded`: when it began (ISO 8601, or empty)."""

    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    width: int
    height: int
    fps: float
    recorded: str = ""
    warnings: tuple[str, ...] = ()


class SeqVideo(Video):
    """A Norpix sequence. A picture that does not decode comes out grey and `corrupt`."""

    kind = "file"

    def __init__(self, path: Path, table: SeqTable, fingerprint: str) -> None:
        self.path, self.table, self.fingerprint = path, table, fingerprint
        self.width, self.height = table.width, table.height
        self.recorded, self.warnings = table.recorded, table.warnings
        self.index = FrameIndex.regular(len(table.offsets), Fraction(table.fps))
        self._file: BinaryIO | None = None
        self._closed = False

    def frame(self, number: int) -> Frame:
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        if self._closed:
            raise ValueError(f"{self.path} is closed")
        try:
            if self._file is None:
                self._file = self.path.open("rb")
            self._file.seek(self.table.offsets[number])
            stored = self._file.read(self.table.sizes[number])
            if len(stored) < self.table.sizes[number]:
                raise OSError(errno.EIO, "it became shorter while it was read")
        except OSError as error:
            raise read_failed(self.path, error) from error
        image = load_picture(io.BytesIO(stored))
        corrupt = image is None or image.shape != (self.height, self.width, 3)
        if image is None or corrupt:
            image = np.full((self.height, self.width, 3), 127, np.uint8)
        return Frame(
            number, self.index.timestamp(number), self.index.seconds(number), image, corrupt
        )

    def fork(self) -> Self:
        return type(self)(self.path, self.table, self.fingerprint)

    def close(self) -> None:
        self._closed = True
        if self._file is not None:
            self._file.close()
            self._file = None


def index_seq(path: Path, fps: float | None = None) -> Generator[Progress, None, SeqVideo]:
    """Opens a Norpix sequence. Of one that is cut off or damaged the frames before the damage
    are there, with a warning: behind it nothing tells the numbers of the frames.
    `fps`: instead of the header's rate.

    InputError for one without a whole frame, or of uncompressed pictures.
    """
    check_file(path)
    try:
        fingerprint = cache.fingerprint(path)
        with path.open("rb") as file:
            table = yield from _table(path, file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise read_failed(path, error) from error
    return SeqVideo(path, table if fps is None else replace(table, fps=fps), fingerprint)


def _table(path: Path, file: BinaryIO, end: int) -> Generator[Progress, None, SeqTable]:
    header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise InputError(
            f"{path} is no Norpix sequence; its beginning is missing or damaged. "
            "Fetch it again."
        )
    width, height, _, _, _, form, promised = struct.unpack_from("<7I", header, 548)
    fps, warnings = struct.unpack_from("<d", header, 584)[0], []
    if not (math.isfinite(fps) and 0 < fps <= 1000):
        warnings.append(
            f"The header gives no frame rate; {_USUAL_RATE:g} frames per second "
            "are taken for it."
        )
        fps = _USUAL_RATE
    start = next((at for at in _HEADERS if _picture_size(file, at, 4, end)), None)
    if start is None or form in _BAYER:
        raise InputError(
            f"{path} holds no JPEG or PNG pictures (its format is {form}), or "
            "not one that is whole; only such sequences can be read."
        )
    layout = _layout(file, start, end)
    meter = RateMeter(promised or None, "frames", "indexing")
    offsets: list[int] = []
    sizes: list[int] = []
    at, (counted, gap) = start, layout
    while (not promised or len(offsets) < promised) and (
        size := _picture_size(file, at, counted, end)
    ):
        offsets.append(at + 4)
        sizes.append(size)
        at += 4 + size + gap
        if len(offsets) % _PAUSE == 0:
            yield meter.advance(_PAUSE)
    if len(offsets) < promised:
        warnings.append(
            f"The file is cut off or damaged: {len(offsets)} of {promised} frames can be read."
        )
    elif not promised and at < end:
        warnings.append(
            f"The file is damaged behind frame {len(offsets) - 1}; what follows cannot be read."
        )
    file.seek(offsets[0])
    seen = upright_size(io.BytesIO(file.read(sizes[0]))) or (width, height)
    if not (0 < seen[0] <= 1 << 16 and 0 < seen[1] <= 1 << 16):
        raise InputError(
            f"{path} says that its pictures have {seen[0]}×{seen[1]} pixels, and "
            "the first does not decode; fetch the file again."
        )
    return SeqTable(
        tuple(offsets),
        tuple(sizes),
        seen[0],
        seen[1],
        fps,
        _time(file, offsets[0] + sizes[0]),
        tuple(warnings),
    )


def _picture_size(file: BinaryIO, at: int, counted: int, end: int) -> int:
    """The size of a whole picture whose size field lies at `at`; 0 where there is none."""
    file.seek(at)
    head = file.read(8)
    if len(head) < 8 or not any(head[4:].startswith(magic) for magic in _PICTURES):
        return 0
    size = int.from_bytes(head[:4], "little") - counted
    return size if 4 < size <= _LARGEST and at + 4 + size <= end else 0


def _layout(file: BinaryIO, start: int, end: int) -> tuple[int, int]:
    """How the sizes count, told by where the second frame lies."""
    for counted, gap in _LAYOUTS:
        size = _picture_size(file, start, counted, end)
        if size and _picture_size(file, start + 4 + size + gap, counted, end):
            return counted, gap
    return _LAYOUTS[0]


def _time(file: BinaryIO, at: int) -> str:
    file.seek(at)
    stamp = file.read(6)
    if len(stamp) < 6:
        return ""
    seconds, thousandths = struct.unpack("<IH", stamp)
    with contextlib.suppress(ValueError, OverflowError, OSError):
        when = datetime.fromtimestamp(seconds + min(thousandths, 999) / 1000, UTC)
        # Clocks that were never set begin in 1970.
        return when.isoformat() if when.year >= 1990 else ""
    return ""
