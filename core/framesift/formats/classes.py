"""Bringing a file's classes to those of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.fit_weak import called
from framesift.formats.model import ANY_CLASS, LabelFile

_ALL_LEFT_OUT = "pictures of which every box was left out"


def adapt_classes(
    labels: LabelFile,
    classes: Sequence[str],
    *,
    class_map: Mapping[str, str] | None = None,
    ignore: Mapping[str, str | None] | None = None,
    add_classes: bool = False,
) -> LabelFile:
    """The labels with the classes of a project only.

    Boxes of other classes that the project lacks are left out and counted. A picture whose
    boxes are all left out so is left out, too, and counted: it says nothing of the project's
    classes. Ignore regions of every class become one of each class. Where a class is only spelt
    otherwise than one of the project's, a note says so.

    Args:
        labels: what was read of a file.
        classes: those of the project, in its order.
        class_map: renames classes of the file ({"car": "vehicle"}).
        ignore: turns boxes of the file's classes into ignore regions, of one class of the
            project ({"rider": "pedestrian"}) or of each ({"rider": None}).
        add_classes: adds the file's other classes behind the project's.

    Returns:
        A LabelFile of the project's classes; what is left out is counted in it.

    Raises:
        InputError: the file, or the project, lacks a class that is named, or one is to be both
            renamed and ignored.

    Example:
        >>> from framesift.formats import read
        >>> adapt_classes(read("clip.coco.json"), ["pedestrian", "car"]).classes
        ('pedestrian', 'car')
    """
    renamed, ignored = dict(class_map or {}), dict(ignore or {})
    unknown = [name for name in (*renamed, *ignored) if name not in labels.classes]
    if unknown:
        known = ", ".join(labels.classes) or "none"
        raise InputError(f"The file has no class “{unknown[0]}”; its classes are {known}.")
    both = [name for name in ignored if name in renamed]
    if both:
        raise InputError(
            f"The class “{both[0]}” cannot be renamed and ignored; say one of the two."
        )
    target = [*dict.fromkeys(classes)]
    for name in dict.fromkeys(
        renamed.get(name, name) for name in labels.classes if name not in ignored
    ):
        if name not in target and add_classes:
            target.append(name)
    targets = (*renamed.values(), *(name for name in ignored.values() if name is not None))
    missing = [name for name in targets if name not in target]
    if missing:
        raise InputError(
            f"The project has no class “{missing[0]}”; choose one of "
            f"{', '.join(target) or 'none'}, or allow classes to be added."
        )
    left_out = Counter(labels.left_out)
    known_classes = set(target)

    def kept(boxes: Iterable[Box]) -> Iterable[Box]:
        for box in boxes:
            if box.category == ANY_CLASS:
                yield from (replace(box, category=name) for name in target)
                continue
            if box.category in ignored:
                ours = ignored[box.category]
                yield from (
                    replace(box, category=name, ignore=True)
                    for name in (target if ours is None else (ours,))
                )
                continue
            name = renamed.get(box.category, box.category)
            if name in known_classes:
                yield box if name == box.category else replace(box, category=name)
            else:
                left_out[f"boxes of class “{box.category}”"] += 1

    def ours_of(theirs: str) -> str | None:
        name = None if theirs in ignored else renamed.get(theirs, theirs)
        return name if name in known_classes else None

    items = []
    for stated in labels.items:
        item = called(stated, ours_of, left_out)
        boxes = tuple(kept(item.boxes))
        if not (boxes or item.weak) and (item.boxes or stated.points):
            left_out[_ALL_LEFT_OUT] += 1
        else:
            items.append(replace(item, boxes=boxes))
    hints = spelt_otherwise(
        [name for name in labels.classes if name not in renamed and name not in ignored],
        classes,
    )
    notes = tuple(
        f"“{theirs}” may be the project's “{ours}”: rename it (--map {theirs}={ours})."
        for theirs, ours in hints.items()
    )
    return replace(
        labels,
        classes=tuple(target),
        items=tuple(items),
        left_out=left_out,
        notes=(*labels.notes, *notes),
    )


def spelt_otherwise(theirs: Iterable[str], ours: Iterable[str]) -> dict[str, str]:
    """The classes of a file that a project has in another spelling: capitals, spaces, hyphens
    or underscores differ, or a plural's s."""
    plain = {_plain(name): name for name in ours}
    known = set(ours)
    return {
        name: plain[_plain(name)]
        for name in theirs
        if name not in known and _plain(name) in plain
    }


def _plain(name: str) -> str:
    letters = "".join(c for c in name.casefold() if c.isalnum())
    return letters.removesuffix("s") or name
