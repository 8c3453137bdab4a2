"""Names of pictures and videos: what a file may say, what a file may be called, and paths that
never leave the folder they came with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from framesift.files.printable import printable
from framesift.formats.checks import BadValueError, shown, unprintable

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".gif")
VIDEO_SUFFIXES = (
    ".mp4",
    ".mov",
    ".avi",
    ".mkv",
    ".webm",
    ".m4v",
    ".ts",
    ".mpg",
    ".mpeg",
    ".ogv",
)
_DRIVE = re.compile(r"^[A-Za-z]:(?=/|$)")
_NUMBERED = re.compile(r"(?:(.*)_)?(\d{6,})", re.DOTALL)
_ROBOFLOW = re.compile(
    r"(?P<name>.+)_(?P<ending>jpe?g|png|bmp|webp|tiff?|mpo)\.rf\.[0-9A-Za-z]{8,64}",
    re.IGNORECASE,
)
_UPLOAD = re.compile(r"[0-9a-f]{8}-(?=.)")
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
            path = self._folder.joinpath(*parts[start:])
            try:
                there = path.exists() and path.resolve().is_relative_to(self._root)
            except OSError:
                continue
            if there:
                self._drop = start
                return path
        return None


def inside(folder: Path, name: str) -> Path | None:
    """One such path, found on its own."""
    return Inside(folder).find(name)


def safe_name(name: str) -> str:
    """A name that every file system takes: no separators, no reserved words, not too long."""
    result = _FORBIDDEN.sub("_", printable(name)).strip(" .")
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


def original(image: str) -> str:
    """A picture's name before Roboflow made NAME_jpg.rf.HASH.jpg of NAME.jpg: digits at the
    hash's end are no frame number."""
    folder, slash, last = image.rpartition("/")
    match = _ROBOFLOW.fullmatch(without_suffix(last))
    return image if match is None else f"{folder}{slash}{match['name']}.{match['ending']}"


def without_upload(name: str) -> str:
    """A name without the eight digits that Label Studio puts before an uploaded file's name."""
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{_UPLOAD.sub('', last, count=1)}"


def spellings(image: str) -> list[str]:
    """The names under which a picture or video may be known, the most literal first: path or
    name, as it was before other tools renamed it, with or without its file ending."""
    last = image.rpartition("/")[2]
    whole = [image, last, original(last), without_upload(last), without_upload(original(last))]
    return list(dict.fromkeys([*whole, *(without_suffix(name) for name in whole)]))


def told_apart(paths: Iterable[Path]) -> list[str]:
    """A name for each of several videos, no two of which share a stem: its own, or where others
    have the same, with the folders before it that tell them apart (a/front.mp4 and b/front.mp4
    are a_front.mp4 and b_front.mp4). No name depends on which of the videos are asked for by
    it.

    Args:
        paths: the videos' files or folders.

    Returns:
        Their names, in the same order.

    Example:
        >>> told_apart([Path("a/front.mp4"), Path("b/front.mp4")])
        ['a_front.mp4', 'b_front.mp4']
    """
    every = list(paths)
    names = [_plain(path.name) for path in every]
    for depth in range(1, 1 + max((len(path.parts) for path in every), default=0)):
        clashing = _clashing(names)
        if not clashing:
            return names
        for place in clashing:
            parts = (_plain(part).strip("/\\:") for part in every[place].parts[-1 - depth :])
            names[place] = "_".join(part for part in parts if part)
    for place in _clashing(names):
        ending = every[place].suffix
        names[place] = f"{names[place].removesuffix(ending)}_{ending.strip('.')}{ending}"
    for place in _clashing(names):
        names[place] = f"{place + 1}_{names[place]}"
    return names


def _plain(part: str) -> str:
    """A part of a path as label files can hold it: there a backslash separates."""
    return printable(part).replace("\\", "_")


def _clashing(names: list[str]) -> list[int]:
    stems = [safe_name(stem(name)).casefold() for name in names]
    return [place for place, name in enumerate(stems) if stems.count(name) > 1]


def unique_names(names: Iterable[str]) -> dict[str, str]:
    """A different file-system-safe short name for each name, also where capitals do not
    count: its stem, or else the whole name, or else the whole name and a number."""
    distinct = list(dict.fromkeys(names))
    stems = [safe_name(stem(name)).casefold() for name in distinct]
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name, short in zip(distinct, stems, strict=True):
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
    """The picture name of a frame where a format has only names: CLIP_000012.jpg.

    Args:
        short: the clip's name; None: the number alone.
        frame: the frame number, from 0.
        suffix: the file ending, with its dot.

    Returns:
        A file name.

    Example:
        >>> frame_name("drive", 12, ".png")
        'drive_000012.png'
    """
    number = f"{frame:06d}{suffix}"
    return number if short is None else f"{short}_{number}"


def numbered(image: str) -> tuple[str | None, int] | None:
    """Takes a name made by `frame_name` apart: (short video name or None, frame)."""
    match = _NUMBERED.fullmatch(PurePosixPath(original(image)).stem)
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
