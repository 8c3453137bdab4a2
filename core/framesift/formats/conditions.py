"""What labels must keep to before they are written."""

from __future__ import annotations

from collections.abc import Iterable

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.checks import BadValueError, finite, label_name, special
from framesift.formats.model import ANY_CLASS, Key, LabelFile, LabelledImage
from framesift.formats.names import (
    file_collision,
    is_clean,
    without_suffix,
)


def check(labels: LabelFile) -> None:
    """Raises InputError for labels that no format should be given: boxes without area or not
    finite, classes that are not listed, two entries for one picture, unusable names."""
    known = {*labels.classes}
    if len(known) != len(labels.classes):
        raise InputError("A class is listed twice; give every class its own name.")
    for name in labels.classes:
        _check_name(name)
        if special(name):
            raise InputError(
                f"“{name}” means {special(name)} in label files; give the class another name."
            )
    check_once(labels.items)
    for item in labels.items:
        if item.frame is None and item.image is None:
            raise InputError("An entry has neither a frame number nor a picture's name.")
        if item.image is not None and not is_clean(item.image):
            raise InputError(f"“{item.image}” cannot be a file inside a folder; rename it.")
        if item.video is not None:
            _check_name(item.video)
        for box in item.boxes:
            _check_box(box, known, item)


def _check_name(name: str) -> None:
    try:
        usable = label_name(name) == name
    except BadValueError:
        usable = False
    if not usable:
        raise InputError(f"{name!r} cannot be written as a name in label files; rename it.")


def _check_box(box: Box, known: set[str], item: LabelledImage) -> None:
    if not finite((box.x1, box.y1, box.x2, box.y2)) or box.x2 <= box.x1 or box.y2 <= box.y1:
        raise InputError(f"A box of {item} has no area; delete it first.")
    if box.category not in known and not (box.ignore and box.category == ANY_CLASS):
        raise InputError(
            f"A box of {item} has the class “{box.category}”, which is not among "
            "the classes; add the class first."
        )


def check_once(items: Iterable[LabelledImage]) -> None:
    seen: set[Key] = set()
    for item in items:
        if item.key in seen:
            raise InputError(f"There are two entries for {item}; merge them first.")
        seen.add(item.key)


def check_files(items: list[LabelledImage], title: str) -> None:
    clash = file_collision(without_suffix(str(item.image)) for item in items)
    if clash:
        raise InputError(
            f"{title} would write {clash[0]} and {clash[1]} as one file; rename one of them."
        )
