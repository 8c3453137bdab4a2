"""What is different between labels that were written and what is read back."""

from __future__ import annotations

from framesift.boxes import Box
from framesift.formats.base import Capability
from framesift.formats.model import LabelFile, LabelledImage

TOLERANCE = 2e-6
"""Pixels within which a coordinate counts as the same: six decimals are written."""


def differences(written: LabelFile, reread: LabelFile, capability: Capability) -> list[str]:
    """What differs between labels fitted to a format and the same labels read back.

    Args:
        written: the fitted ones.
        reread: those that were read back.
        capability: what the format can hold.

    Returns:
        Sentences, at most 20; empty when nothing differs. Coordinates agree within TOLERANCE.

    Example:
        >>> from framesift.formats import FORMATS, read
        >>> labels, coco = read("clip.coco.json"), FORMATS["coco"].capability
        >>> differences(labels, labels, coco)
        []
    """
    result: list[str] = []
    if capability.class_list and written.classes != reread.classes:
        result.append(f"the classes are {reread.classes}, not {written.classes}")
    there = {item.key: item for item in reread.items}
    if len(there) != len(reread.items):
        result.append("an entry is there twice")
    for item in written.items:
        other = there.pop(item.key, None)
        if other is None:
            result.append(f"{item} is missing")
        else:
            result += _item_differences(item, other, capability)
        if len(result) >= 20:
            return result[:20]
    result += [f"{item} is there and should not be" for item in there.values()]
    return result[:20]


def _item_differences(
    item: LabelledImage, other: LabelledImage, capability: Capability
) -> list[str]:
    result = []
    if capability.size and item.size is not None and item.size != other.size:
        result.append(f"the size of {item} is {other.size}, not {item.size}")
    if (item.every, item.tags) != (other.every, other.tags) or not same_points(item, other):
        result.append(f"the points or tags of {item} are others")
    if item.timestamp != other.timestamp:
        result.append(f"the timestamp of {item} is {other.timestamp}, not {item.timestamp}")
    if len(item.boxes) != len(other.boxes):
        return [*result, f"{item} has {len(other.boxes)} boxes, not {len(item.boxes)}"]
    left = [*other.boxes]
    # Formats that hold whole tracks list boxes by track, not by frame.
    any_order = capability.tracks == "several"
    for box in item.boxes:
        among = left if any_order else left[:1]
        place = next((n for n, there in enumerate(among) if same_box(box, there)), None)
        if place is None:
            result.append(f"a box of {item} is {left[0]}, not {box}")
            break
        left.pop(place)
    return result


def same_points(a: LabelledImage, b: LabelledImage) -> bool:
    """Whether two pictures have equal points, coordinates within TOLERANCE."""
    return [p.category for p in a.points] == [p.category for p in b.points] and all(
        abs(p.x - q.x) <= TOLERANCE and abs(p.y - q.y) <= TOLERANCE
        for p, q in zip(a.points, b.points, strict=True)
    )


def same_box(a: Box, b: Box) -> bool:
    """Whether two boxes are equal, coordinates within TOLERANCE."""
    corners = ((a.x1, b.x1), (a.y1, b.y1), (a.x2, b.x2), (a.y2, b.y2))
    marks = (a.category, a.ignore, a.occluded, a.truncated, a.track, a.origin)
    return marks == (
        b.category,
        b.ignore,
        b.occluded,
        b.truncated,
        b.track,
        b.origin,
    ) and all(abs(v - w) <= TOLERANCE for v, w in corners)
