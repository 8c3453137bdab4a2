"""Single pictures: which files are pictures, how large, and their RGB values."""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from framesift.errors import InputError
from framesift.video.container import read_failed

SUFFIXES = frozenset(
    {".bmp", ".jpe", ".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)
_WIDTH, _LENGTH, _ORIENTATION, _LYING = 256, 257, 274, frozenset({5, 6, 7, 8})
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    KeyError,
    IndexError,
    ArithmeticError,
    Image.DecompressionBombError,
)
MOST_PIXELS = 89_000_000
"""Of one picture; Pillow warns of more, too. As RGB it is a quarter of a gigabyte."""
THINNEST = 100
"""Times that one side of a picture may be as long as the other: a detector sees it at a fixed
height or width, and of a strip the other side would be endless."""
_DIGITS = re.compile(r"([0-9]+)")


def picture_files(folder: Path, *, deep: bool = False) -> list[Path]:
    """The pictures of a folder (`deep`: and of the folders in it), in natural order; hidden
    files are left out. InputError where the folder cannot be listed."""
    try:
        files = [p for p in _files(folder, deep) if p.suffix.lower() in SUFFIXES]
    except FileNotFoundError as error:
        raise InputError(f"{folder} does not exist; check the path.") from error
    except NotADirectoryError as error:
        raise InputError(
            f"{folder} is not a folder; give the folder of the pictures."
        ) from error
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be listed ({error.strerror}); check its permissions."
        ) from error
    return sorted(files, key=lambda p: natural_key(below(folder, p)))


def below(folder: Path, file: Path) -> str:
    """A file's path below a folder that it is in, with forward slashes."""
    # Of tens of thousands pathlib takes a sixth of the time that opening them takes.
    path, beginning = str(file), f"{folder}{os.sep}"
    if not path.startswith(beginning):
        return file.relative_to(folder).as_posix()
    return path[len(beginning) :].replace(os.sep, "/")


def _files(folder: Path, deep: bool) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_file():
            yield path
        elif deep and path.is_dir() and not path.is_symlink():
            yield from _files(path, deep)


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts numbers in names by value: frame2 before frame10."""
    parts = [
        (0, int(part), "") if part.isdigit() else (1, 0, part.casefold())
        for part in _DIGITS.split(name)
        if part
    ]
    return parts, name


def numbers_in(stem: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """A name's parts between its numbers, and the numbers."""
    parts = _DIGITS.split(stem)
    return tuple(parts[::2]), tuple(int(part) for part in parts[1::2])


def upright_size(path: Path | IO[bytes]) -> tuple[int, int] | None:
    """(width, height) of a picture as seen upright, from its header; None where that cannot
    be read, or `why_unreadable`. EnvironmentProblem where the storage fails."""
    return size_and_header(path)[0]


def size_and_header(path: Path | IO[bytes]) -> tuple[tuple[int, int] | None, bytes]:
    """`upright_size`, and the bytes at the file's beginning that alone say so; empty where that
    is not known."""
    try:
        with _opened(path) as picture:
            if _unfit(picture):
                return None, b""
            return _upright(picture), _header(picture)
    except _UNREADABLE as error:
        _refuse_failing(error)
        return None, b""


def _upright(picture: Image.Image) -> tuple[int, int]:
    width, height = picture.size
    if isinstance(picture, TiffImageFile):
        # Some versions of Pillow give the turned size here, others the stored one.
        tags = picture.tag_v2
        width, height = int(tags[_WIDTH]), int(tags[_LENGTH])
        lying = tags.get(_ORIENTATION) in _LYING
    else:
        told = picture.format in ("JPEG", "MPO", "WEBP") or "exif" in picture.info
        lying = told and picture.getexif().get(_ORIENTATION) in _LYING
    return (height, width) if lying else (width, height)


def _header(picture: Image.Image) -> bytes:
    """Pillow has read a JPEG up to its data, so all that it knows stands before."""
    file = picture.fp if isinstance(picture, ImageFile) else None
    if picture.format != "JPEG" or file is None:
        return b""
    length = file.tell()
    file.seek(0)
    return file.read(length)


def why_unreadable(path: Path) -> str:
    """What is wrong with a picture of which there is no size, as the end of a sentence."""
    with contextlib.suppress(*_UNREADABLE), _opened(path) as picture:
        reason = _unfit(picture)
        if reason is not None:
            return f"{path.name}, which {reason}"
    return path.name


def _opened(path: Path | IO[bytes]) -> Image.Image:
    with warnings.catch_warnings():
        # Larger ones than Pillow likes are refused here, by a limit of our own.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(path)


def _unfit(picture: Image.Image) -> str | None:
    """Why a picture that can be read is not used; None for all others."""
    width, height = picture.size
    if picture.mode == "F":
        return "holds floating numbers; write it with 8 or 16 bits"
    if width * height > MOST_PIXELS:
        return f"has {width}×{height} pixels; {MOST_PIXELS // 10**6} million are the most"
    return strip(width, height)


def strip(width: int, height: int) -> str | None:
    """Why pictures of such a size are not used; None for all others."""
    if max(width, height) > THINNEST * min(width, height):
        return f"is a strip of {width}×{height} pixels, in which no detector sees anything"
    return None


def _refuse_failing(error: Exception) -> None:
    """EnvironmentProblem where the storage failed: the picture itself may be well."""
    if isinstance(error, OSError) and error.errno is not None:
        raise read_failed(Path(error.filename or "a picture"), error) from error


def load_picture(path: Path | IO[bytes]) -> NDArray[np.uint8] | None:
    """The picture as uint8 H×W×3 RGB, upright, contiguous; None where it does not decode.

    Of 16-bit values the upper 8 bits are kept; transparency is dropped. EnvironmentProblem
    where the storage fails, or the file is gone.
    """
    try:
        with _opened(path) as stored:
            if _unfit(stored):
                return None
            picture = ImageOps.exif_transpose(stored)
            if picture.mode.startswith("I"):
                deep = np.asarray(picture)
                grey = np.clip(deep >> 8, 0, 255).astype(np.uint8)
                return np.ascontiguousarray(np.broadcast_to(grey[..., None], (*grey.shape, 3)))
            if picture.mode in ("P", "PA"):
                picture = picture.convert("RGBA")
            return np.array(picture.convert("RGB"), np.uint8, order="C")
    except _UNREADABLE as error:
        _refuse_failing(error)
        return None
