"""Reading untrusted files: text by lines whatever its encoding, the size of a picture, and the
files of a folder without following links out of it; pipes and devices are never opened."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from framesift.errors import InputError
from framesift.formats.model import Size
from framesift.formats.names import PICTURE_SUFFIXES, is_clean

_LONGEST_LINE = 1 << 20


def cannot_read(path: Path, error: OSError) -> InputError:
    return InputError(f"Cannot read {path}: {error.strerror or error}; check the file.")


def opened(path: Path) -> BinaryIO:
    """A file opened for reading bytes. InputError for what cannot be opened, and for pipes and
    devices, which could be waited for without end."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path} is a folder, pipe or device; give a file of labels.")
        return path.open("rb")
    except OSError as error:
        raise cannot_read(path, error) from error


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a text file without line ends: UTF-8 with or without a byte order mark, a
    line that is not UTF-8 as Windows-1252. InputError for binary files."""
    for place, line in enumerate(_lines(path)):
        if not place:
            line = line.removeprefix(b"\xef\xbb\xbf")
            if line.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise InputError(f"{path} is UTF-16 text; save it as UTF-8.")
        if b"\0" in line or len(line) >= _LONGEST_LINE:
            raise InputError(f"{path} is not a text file; give a file of labels.")
        yield _decoded(line.rstrip(b"\r\n"))


def _lines(path: Path) -> Iterator[bytes]:
    """Lines without their ends. The file is open only while a piece of it is read: who stops
    reading midway leaves nothing open."""
    rest, place = b"", 0
    while piece := _piece(path, place):
        place += len(piece)
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if len(rest) >= _LONGEST_LINE:
            break
    if rest:
        yield rest


def _piece(path: Path, place: int) -> bytes:
    try:
        with opened(path) as file:
            file.seek(place)
            return file.read(_LONGEST_LINE)
    except OSError as error:
        raise cannot_read(path, error) from error


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def picture_size(path: Path) -> Size | None:
    """Width and height of a picture as it is shown (EXIF rotation applied), from its header;
    None where it is no picture."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with opened(path) as file, Image.open(file) as image:
                sideways = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
                width, height = image.size
    except Exception:
        # Pillow raises many kinds of errors on damaged files, and all mean the same here.
        return None
    return (height, width) if sideways else (width, height)


def walk(folder: Path) -> Iterator[str]:
    """Relative paths (forward slashes) of all files in a folder, sorted; links that lead out
    of it, and the side files that macOS adds, are passed over."""
    root = folder.resolve()
    for here, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(d for d in subfolders if d != "__MACOSX")
        base = Path(here)
        for name in sorted(names):
            path = base / name
            relative = path.relative_to(folder).as_posix()
            if name.startswith("._") or not is_clean(relative):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                continue
            if not path.is_file():
                continue
            yield relative


def is_picture(name: str) -> bool:
    return name.lower().endswith(PICTURE_SUFFIXES)


def picture_index(folder: Path) -> dict[str, str]:
    """Relative path of each picture in a folder by its path without the file ending."""
    if not folder.is_dir():
        return {}
    return {name.rpartition(".")[0]: name for name in walk(folder) if is_picture(name)}
