"""Label Studio's results: the shapes of one annotation, made boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from framesift.formats.checks import (
    BadValueError,
    mapping,
    number,
    sequence,
    side,
    text,
)
from framesift.formats.label_studio_weak import add_weak
from framesift.formats.model import Size
from framesift.formats.outlines import Corners, around, ellipse, rotated
from framesift.formats.picture import Picture

_BOXES = {"rectanglelabels", "rectangle"}
_OUTLINES = {"polygonlabels", "polygon", "ellipselabels", "ellipse"}


def region_marks(results: list[dict[str, Any]]) -> dict[object, set[str]]:
    """Choices made per region, by the region's id."""
    marks: dict[object, set[str]] = {}
    for result in results:
        if result.get("type") == "choices":
            chosen = sequence(mapping(result.get("value")).get("choices") or [])
            marks.setdefault(str(result.get("id")), set()).update(
                str(c).strip().casefold() for c in chosen
            )
    return marks


def add_result(
    result: dict[str, Any],
    results: list[dict[str, Any]],
    extra: dict[object, set[str]],
    picture: Picture,
) -> Size | None:
    """Adds the boxes of one result; returns the picture's size where it says it."""
    kind = text(result.get("type", ""))
    size = stated_size(result.get("original_width"), result.get("original_height"))
    if add_weak(result, kind, size, picture):
        return size
    if kind in {"choices", "labels", "textarea", "rating", "number", "taxonomy", "relation"}:
        return size
    if kind not in _BOXES and kind not in _OUTLINES:
        picture.leave_out(f"shapes of type {kind[:40] or 'unknown'}")
        return size
    value = mapping(result.get("value"))
    names = value.get(kind) or value.get("labels") or _of_region(result, results)
    if not names:
        boxes = kind in _BOXES
        picture.leave_out("boxes without a class" if boxes else f"shapes of type {kind}")
        return size
    if size is None:
        raise BadValueError(
            "the picture's original_width and original_height are missing",
            "boxes of pictures without original_width and original_height",
        )
    marks = extra.get(str(result.get("id")), set())
    flags: dict[str, Any] = {
        "ignore": not marks.isdisjoint({"ignore", "crowd", "difficult"}),
        "occluded": "occluded" in marks,
        "truncated": "truncated" in marks,
    }
    kind_left_out, shape = _shape(kind, value, result, size)
    for name in sequence(names):
        if kind_left_out is None:
            picture.add(name, *shape(), **flags)
        else:
            picture.outline(kind_left_out, name, shape, **flags)
    return size


def _of_region(result: dict[str, Any], results: list[dict[str, Any]]) -> object:
    """The class that a region without one of its own got from a <Labels> beside it."""
    return next(
        (
            mapping(r.get("value")).get("labels")
            for r in results
            if r.get("type") == "labels" and r.get("id") == result.get("id")
        ),
        None,
    )


def _shape(
    kind: str, value: dict[str, Any], result: dict[str, Any], size: Size
) -> tuple[str | None, Callable[[], Corners]]:
    """(what the shape is counted as if it is no upright box, how to get the box around it)."""
    across, down = size[0] / 100, size[1] / 100
    if kind.startswith("polygon"):

        def outline() -> Corners:
            points = (sequence(point) for point in sequence(value.get("points")))
            return around((number(x) * across, number(y) * down) for x, y in points)

        return f"shapes of type {kind}", outline
    x, y = number(value.get("x")) * across, number(value.get("y")) * down
    angle = number(value.get("rotation") or 0) + number(result.get("image_rotation") or 0)
    if kind.startswith("ellipse"):
        rx, ry = number(value.get("radiusX")) * across, number(value.get("radiusY")) * down
        return f"shapes of type {kind}", lambda: ellipse((x, y), rx, ry, angle)
    width, height = number(value.get("width")) * across, number(value.get("height")) * down
    corners = x, y, x + width, y + height
    if angle % 360:
        # Label Studio turns a rectangle about its top-left corner.
        return "rotated boxes", lambda: rotated(corners, angle, (x, y))
    return None, lambda: corners


def stated_size(width: object, height: object) -> Size | None:
    sides = side(width), side(height)
    return (sides[0], sides[1]) if sides[0] and sides[1] else None
