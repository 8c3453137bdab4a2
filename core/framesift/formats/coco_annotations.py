"""COCO's annotations, as other tools write them: boxes, outlines, marks and tracks."""

from __future__ import annotations

from typing import Any

from framesift.formats.checks import (
    BadValueError,
    flag,
    number,
    sequence,
    shown,
    whole,
)
from framesift.formats.outlines import Corners, around, coco_counts, pairs, rotated, runs
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.stated import origin_of

_IGNORE = ("iscrowd", "ignore", "likely_group", "is_crowd", "is_group_of")
_MARKS_OF_BOXES = (*_IGNORE, "occluded", "truncated")


class ImageEntry:
    """One of the file's images and what is known of it."""

    __slots__ = ("fields", "picture")

    def __init__(self, fields: dict[str, Any], picture: Picture) -> None:
        self.fields, self.picture = fields, picture


def id_of(value: object) -> object:
    """Ids are whole numbers, or text in some tools' files."""
    if isinstance(value, str):
        return value
    return int(number(value, 1e19)) if isinstance(value, float) else _int(value)


def _int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValueError(f"{shown(value)} stands where an id is due")
    return value


def add_annotation(
    element: dict[str, Any],
    entry: ImageEntry,
    categories: dict[object, object],
    source: Source,
) -> None:
    """Adds a box, or what is left out, to its picture. Raises BadValueError."""
    picture = entry.picture
    key = id_of(element.get("category_id"))
    if key not in categories:
        raise BadValueError(
            f"the category {shown(key)} is not among the categories",
            "a category that is not among the categories",
        )
    extra = element.get("attributes")
    direct = {name: flag(element[name]) for name in _MARKS_OF_BOXES if name in element}
    attributes = extra if isinstance(extra, dict) else {}
    marks = {
        name: source.mark(attributes[name], name)
        for name in _MARKS_OF_BOXES
        if name in attributes
    } | direct
    flags: dict[str, Any] = {
        "ignore": any(marks.get(name, False) for name in _IGNORE),
        "occluded": marks.get("occluded", False),
        "truncated": marks.get("truncated", False),
        **_of_track({**attributes, **element}, entry.fields["video"], source),
    }
    if "bbox" not in element:
        picture.outline(
            "annotations without a box",
            categories[key],
            lambda: _around(element.get("segmentation")),
            **flags,
        )
        return
    bbox = sequence(element["bbox"])
    if len(bbox) != 4:
        raise BadValueError("the bbox has not four numbers")
    x, y, width, height = (number(v) for v in bbox)
    corners = x, y, x + width, y + height
    rotation = number({**attributes, **element}.get("rotation", 0) or 0) % 360
    if rotation != 0:
        middle = x + width / 2, y + height / 2
        picture.outline(
            "rotated boxes",
            categories[key],
            lambda: rotated(corners, rotation, middle),
            **flags,
        )
        return
    picture.add(categories[key], *corners, **flags)


def _of_track(fields: dict[str, Any], video: str | None, source: Source) -> dict[str, Any]:
    """The track of an annotation and who made it: `origin` as we write it; CVAT marks what
    lies between keyframes."""
    name = next(
        (fields[key] for key in ("track_id", "instance_id") if fields.get(key) is not None),
        None,
    )
    track = source.track(video, name)
    between = track is not None and fields.get("keyframe") is False
    return {"track": track, "origin": origin_of(fields.get("origin"), between=between)}


def _around(segmentation: object) -> Corners:
    """The box around COCO's outlines (lists of x, y …) or mask (run lengths)."""
    if isinstance(segmentation, dict):
        counts, size = segmentation.get("counts"), sequence(segmentation.get("size"))
        listed = (
            coco_counts(counts) if isinstance(counts, str) else map(whole, sequence(counts))
        )
        if len(size) != 2:
            raise BadValueError("the mask has no size")
        return runs(list(listed), (whole(size[0]), whole(size[1])))
    return around(
        point
        for part in sequence(segmentation)
        for point in pairs([number(v) for v in sequence(part)])
    )
