"""What label files state of pictures and boxes, checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from framesift.boxes import ORIGINS, Origin
from framesift.errors import InputError
from framesift.formats.checks import BadValueError
from framesift.formats.model import (
    Size,
)
from framesift.formats.names import PICTURE_SUFFIXES, without_suffix


def own_name(file: str, stated: str, note: Callable[[str], None]) -> str:
    """The name of the picture that a file of labels is about: what the file says where that
    agrees with the file's own name, else the file's own (`file`, without ending): who renames
    the two leaves what is written inside as it was."""
    stated = stated.rpartition("/")[2]
    if not stated or without_suffix(stated) == file:
        return stated or file
    note(
        "Files of labels that name another picture than they are called after count by "
        "their own names."
    )
    ending = stated.rpartition(".")[2].lower()
    return f"{file}.{ending}" if f".{ending}" in PICTURE_SUFFIXES else file


def check_corners(x1: float, y1: float, x2: float, y2: float) -> None:
    """BadValueError for corners that are swapped."""
    if x2 < x1 or y2 < y1:
        raise BadValueError("the box has a negative width or height")


def need_size(size: Size | None, image: str, file: Path) -> Size:
    """The picture's size, or the sentence that says how to give it."""
    if size is None:
        raise InputError(
            f"{file} gives boxes as shares of a picture, and the size of {image} is not known; "
            "put the pictures beside the labels or say the size."
        )
    return size


def origin_of(value: object, *, between: bool = False) -> Origin:
    """Who made a box, as our own files say it; else the program where the box lies `between`
    keyframes, and a person where it does not."""
    stated = next((origin for origin in ORIGINS if origin == value), None)
    if between and stated in (None, "person", "confirmed"):
        return "interpolated"
    return stated or "person"
