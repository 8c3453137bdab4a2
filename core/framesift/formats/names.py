"""Names of pictures and videos: what a file may say, what a file may be called, and paths that
never leave the folder they came with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from framesift.formats.checks import BadValueError, shown, unprintable

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".gif")
_DRIVE = re.compile(r"^[A-Za-z]:(?=/|$)")
_NUMBERED = re.compile(r"(?:(.*)_)?(\d{6,})", re.DOTALL)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def clean_name(value: str) -> str:
    """A picture's path as a file says it, made relative: forward slashes, no drive, no root,
    no steps upwards. BadValueError where nothing is left."""
    path = _DRIVE.sub("", value.strip().replace("\\", "/"))
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    name = "/".join(parts).strip()
    if not name or len(name) > 2000 or unprintable(name):
        raise BadValueError(f"{shown(value)} is no name of a picture")
    return name


def is_clean(name: str) -> bool:
    try:
        return clean_name(name) == name
    except BadValueError:
        return False


class Inside:
    """Finds what paths written in a file mean inside the folder it came with. Paths of another
    machine, or with steps upwards, are taken by their longest ending that exists; once that
    has succeeded, the same number of leading folders is dropped from all further ones."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._root = folder, folder.resolve()
        self._drop: int | None = None

    def find(self, name: str) -> Path | None:
        """The existing file or folder; None without one. Links that lead out of the folder
        count as absent."""
        try:
            parts = clean_name(name).split("/")
        except BadValueError:
            return None
        starts = range(len(parts)) if self._drop is None else [self._drop]
        for start in starts:
            if start >= len(parts):
                continue
            found = self._folder.joinpath(*parts[start:])
            try:
                there = found.exists() and found.resolve().is_relative_to(self._root)
            except OSError:
                continue
            if there:
                self._drop = start
                return found
        return None


def inside(folder: Path, name: str) -> Path | None:
    """One such path, found on its own."""
    return Inside(folder).find(name)


def safe_name(name: str) -> str:
    """A name that every file system takes: no separators, no reserved words, not too long."""
    result = _FORBIDDEN.sub("_", name).strip(" .")
    while len(result.encode()) > 120:
        result = result[:-1].rstrip(" .")
    if not result:
        return "video"
    return f"_{result}" if _RESERVED.fullmatch(result) else result


def stem(name: str) -> str:
    """A video's name without folder and a file ending of two to four letters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    head, dot, tail = last.rpartition(".")
    return head if dot and head and 2 <= len(tail) <= 4 and tail.isalnum() else last


def unique_names(names: Iterable[str]) -> dict[str, str]:
    """A different file-system-safe short name for each name, also where capitals do not
    count: its stem, or else the whole name, or else the whole name and a number."""
    wanted = list(dict.fromkeys(names))
    stems = [safe_name(stem(name)).casefold() for name in wanted]
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name, short in zip(wanted, stems, strict=True):
        lone = stems.count(short) == 1
        candidate = safe_name(stem(name) if lone else name)
        number = 2
        while candidate.casefold() in taken:
            candidate = f"{safe_name(name)}-{number}"
            number += 1
        taken.add(candidate.casefold())
        result[name] = candidate
    return result


def frame_name(short: str | None, frame: int, suffix: str) -> str:
    """The picture name of a frame where a format has only names: CLIP_000012.jpg."""
    number = f"{frame:06d}{suffix}"
    return number if short is None else f"{short}_{number}"


def numbered(image: str) -> tuple[str | None, int] | None:
    """Takes a name made by `frame_name` apart: (short video name or None, frame)."""
    match = _NUMBERED.fullmatch(PurePosixPath(image).stem)
    return None if match is None else (match[1], int(match[2]))


def file_collision(paths: Iterable[str]) -> tuple[str, str] | None:
    """Two paths that would be one file where capitals do not count; None without one."""
    seen: dict[str, str] = {}
    for path in paths:
        folded = path.casefold()
        if folded in seen:
            return seen[folded], path
        seen[folded] = path
    return None


def without_suffix(image: str) -> str:
    """A picture's path without its file ending, if that is a picture's ending."""
    head, dot, tail = image.rpartition(".")
    known = dot and head and not head.endswith("/") and f".{tail.lower()}" in PICTURE_SUFFIXES
    return head if known else image
