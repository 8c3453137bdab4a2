"""Folders of pictures: numbered ones are a video, others are stills."""

from __future__ import annotations

import hashlib
import math
from abc import abstractmethod
from collections.abc import Generator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Self

import numpy as np

from framesift.errors import InputError
from framesift.records import Progress, RateMeter
from framesift.video import cache
from framesift.video.base import Frame, Video
from framesift.video.image_names import gaps, numbered
from framesift.video.index import FrameIndex
from framesift.video.picture_sizes import PictureSizes
from framesift.video.pictures import (
    below,
    load_picture,
    numbers_in,
    picture_files,
    upright_size,
    why_unreadable,
)

_GREY = 127
_SAMPLED_FILES = 8
Sizes = tuple[tuple[int, int], ...]


class PictureFolder(Video):
    """What both kinds of folders share. A picture that does not decode comes out grey and
    flagged as corrupt."""

    files: tuple[Path, ...]
    _closed = False

    @abstractmethod
    def size(self, number: int) -> tuple[int, int]:
        """The size of one picture, upright.

        Args:
            number: 0 ≤ number < len.

        Returns:
            (width, height), pixels.

        Raises:
            IndexError: there is no such picture.
        """

    @property
    def names(self) -> tuple[str, ...]:
        """The pictures' paths below the folder, with forward slashes."""
        return tuple(below(self.path, file) for file in self.files)

    def frame(self, number: int) -> Frame:
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        if self._closed:
            raise ValueError(f"{self.path} is closed")
        image = load_picture(self.files[number])
        width, height = self.size(number)
        corrupt = image is None or image.shape != (height, width, 3)
        if image is None or corrupt:
            image = np.full((height, width, 3), _GREY, np.uint8)
        return Frame(
            number, self.index.timestamp(number), self.index.seconds(number), image, corrupt
        )

    def close(self) -> None:
        self._closed = True


class ImageSequence(PictureFolder):
    """A folder of numbered pictures of one size, as a video of `fps` frames per second."""

    kind = "images"

    def __init__(
        self,
        path: Path,
        files: Sequence[Path],
        size: tuple[int, int],
        fps: float,
        fingerprint: str,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.path, self.files, self.fingerprint = path, tuple(files), fingerprint
        self.width, self.height = size
        self.warnings = warnings
        self.index = FrameIndex.regular(len(self.files), Fraction(fps))

    def size(self, number: int) -> tuple[int, int]:
        self.index.timestamp(number)
        return self.width, self.height

    def fork(self) -> Self:
        return type(self)(
            self.path,
            self.files,
            (self.width, self.height),
            self.fps,
            self.fingerprint,
            self.warnings,
        )


class Stills(PictureFolder):
    """Unordered pictures, each of its own size: no time, no rules. Also those in the folders
    below; their numbers follow the natural order of their names."""

    kind = "stills"

    def __init__(
        self,
        path: Path,
        files: Sequence[Path],
        sizes: Sizes,
        fingerprint: str,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.path, self.files, self.fingerprint = path, tuple(files), fingerprint
        self._sizes, self.warnings = sizes, warnings
        self.width = max(width for width, _ in sizes)
        self.height = max(height for _, height in sizes)
        self.index = FrameIndex.untimed(len(self.files))

    def size(self, number: int) -> tuple[int, int]:
        self.index.timestamp(number)
        return self._sizes[number]

    def fork(self) -> Self:
        return type(self)(self.path, self.files, self._sizes, self.fingerprint, self.warnings)


def index_stills(folder: Path) -> Generator[Progress, None, Stills]:
    """Opens a folder of pictures as stills. InputError where none can be read."""
    return (yield from index_listed(folder, picture_files(folder, deep=True)))


def index_listed(folder: Path, files: Sequence[Path]) -> Generator[Progress, None, Stills]:
    """Opens these pictures of a folder, in the order given, as stills. InputError where none
    can be read."""
    sizes = yield from _read_sizes(files)
    kept = [(file, size) for file, size in zip(files, sizes, strict=True) if size]
    if not kept:
        raise _no_pictures(folder, files)
    warnings: tuple[str, ...] = ()
    if len(kept) < len(files):
        first = next(f for f, size in zip(files, sizes, strict=True) if not size)
        warnings = (
            f"{len(files) - len(kept)} of {len(files)} pictures cannot be read and are "
            f"left out, the first is {why_unreadable(first)}.",
        )
    return Stills(
        folder,
        [file for file, _ in kept],
        tuple(size for _, size in kept),
        _fingerprint(folder, files),
        warnings,
    )


def sequence_of(folder: Path, files: Sequence[Path], fps: float) -> ImageSequence:
    """A video of these pictures in the order given, `fps` frames per second. All are taken to
    have the size of the first, as a data set's do; one that has not comes out grey and
    `corrupt`. InputError where the first cannot be read."""
    size = upright_size(files[0]) if files else None
    if size is None:
        raise _no_pictures(folder, files)
    return ImageSequence(folder, files, size, fps, _fingerprint(folder, files))


def index_images(folder: Path, fps: float) -> Generator[Progress, None, PictureFolder]:
    """Opens a folder: numbered pictures of one size as a video, others as stills.

    Numbered: the names differ in their numbers only. InputError where no picture can be read,
    numbers repeat or sizes differ.
    """
    if not (math.isfinite(fps) and fps > 0):
        raise InputError(f"{fps:g} is not a frame rate; give a number above 0.")
    files = picture_files(folder)
    if not numbered(files):
        stills = yield from index_stills(folder)
        stills.warnings += (
            "The pictures are not numbered, so they are taken as stills: "
            "without order, time and distances.",
        )
        return stills
    files.sort(key=lambda file: numbers_in(file.stem)[1])
    numbers = [numbers_in(file.stem)[1] for file in files]
    for file, following, a, b in zip(files, files[1:], numbers, numbers[1:], strict=False):
        if a == b:
            raise InputError(
                f"In {folder} both {file.name} and {following.name} carry the same "
                "number; remove one of them, or open the folder as stills."
            )
    sizes = yield from _read_sizes(files)
    warnings = gaps(numbers)
    known = [size for size in sizes if size]
    if not known:
        raise _no_pictures(folder, files)
    for file, size in zip(files, sizes, strict=True):
        if size and size != known[0]:
            raise InputError(
                f"The pictures in {folder} differ in size ({file.name} has {size[0]}×"
                f"{size[1]}, others {known[0][0]}×{known[0][1]}), so they are no video; open "
                "the folder as stills."
            )
        if not size:
            warnings += (
                f"Of a picture that cannot be read the frame is grey: {why_unreadable(file)}.",
            )
    return ImageSequence(folder, files, known[0], fps, _fingerprint(folder, files), warnings)


def open_stills(folder: str | Path) -> Stills:
    """Opens a folder of pictures as stills: mixed sizes, EXIF orientation applied.

    Args:
        folder: where the pictures lie.

    Returns:
        Stills, in the order of their names.

    Raises:
        InputError: the folder has no picture that can be read.

    Example:
        >>> from PIL import Image
        >>> Path("stills").mkdir()
        >>> Image.fromarray(video[0]).save("stills/one.png")
        >>> with open_stills("stills") as stills:
        ...     stills.names
        ('one.png',)
    """
    work = index_stills(Path(folder))
    while True:
        try:
            next(work)
        except StopIteration as end:
            stills: Stills = end.value
            return stills


def _read_sizes(
    files: Sequence[Path],
) -> Generator[Progress, None, list[tuple[int, int] | None]]:
    meter = RateMeter(len(files), "pictures", "indexing")
    sizes, known = [], PictureSizes()
    for file in files:
        sizes.append(known.of(file))
        if len(sizes) % 256 == 0:
            yield meter.advance(256)
    return sizes


def _no_pictures(folder: Path, files: Sequence[Path]) -> InputError:
    if files:
        return InputError(
            f"None of the pictures in {folder} can be read; check the files, the first is "
            f"{why_unreadable(files[0])}."
        )
    return InputError(
        f"{folder} holds no pictures; give a folder of pictures, or the video files themselves."
    )


def _fingerprint(folder: Path, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(
            f"{below(folder, file)}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape")
        )
    step = max(1, (len(files) - 1) // (_SAMPLED_FILES - 1))
    for file in files[::step]:
        digest.update(cache.fingerprint(file).encode())
    return digest.hexdigest()[:32]
