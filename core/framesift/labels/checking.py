"""Which labels may be stored: boxes inside the picture, of classes that there are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels.labels import FrameLabels, Weak

CUT = 1.0
"""A box that loses more than this many pixels at the picture's edge is marked truncated."""


def checked(
    labels: FrameLabels, width: float, height: float, classes: Iterable[str]
) -> FrameLabels:
    """The labels as they may be stored for a picture: what lies outside is cut off, and a box
    that loses more than a pixel is marked truncated.

    Args:
        labels: a frame's labels.
        width: of the picture, pixels.
        height: of the picture, pixels.
        classes: those that boxes may be of; ignore regions may be of any.

    Returns:
        The labels, the same object where nothing changes.

    Raises:
        InputError: a box is not finite, empty, wholly outside or of another class, two boxes
            are of one track, or a point lies outside.

    Example:
        >>> from framesift.boxes import Box
        >>> labels = FrameLabels.of([Box(-4, 2, 30, 40)])
        >>> checked(labels, 100, 50, ["pedestrian"]).boxes[0].x1
        0.0
    """
    known = frozenset(classes)
    tracks = Counter(box.track for box in labels.boxes if box.track is not None)
    for track, count in tracks.items():
        if count > 1:
            raise InputError(
                f"Track {track} has {count} boxes in one frame; an object is at one place: "
                "give the others another track, or none."
            )
    boxes = tuple(_checked(box, width, height, known) for box in labels.boxes)
    derived = tuple(_checked(box, width, height, known) for box in labels.derived)
    weak = labels.weak and _checked_weak(labels.weak, width, height, known)
    if (boxes, derived, weak) == (labels.boxes, labels.derived, labels.weak):
        return labels
    return replace(labels, boxes=boxes, derived=derived, weak=weak)


def _checked_weak(weak: Weak, width: float, height: float, known: frozenset[str]) -> Weak:
    for point in weak.points:
        subject = f"The point ({point.x:g}, {point.y:g})"
        if not (0 <= point.x <= width and 0 <= point.y <= height):
            raise InputError(
                f"{subject} lies outside the picture of {width:g}×{height:g} pixels."
            )
        _check_class(subject, point.category, known)
    for name, _ in weak.tags:
        _check_class("A tag", name, known)
    return replace(
        weak, denied=tuple(_checked(box, width, height, known) for box in weak.denied)
    )


def _check_class(subject: str, category: str, known: frozenset[str]) -> None:
    if category not in known:
        raise InputError(
            f"{subject} is of the class {category!r}, which is not among "
            f"{', '.join(sorted(known)) or '(none)'}; add the class first."
        )


def _checked(box: Box, width: float, height: float, known: frozenset[str]) -> Box:
    corners = (float(box.x1), float(box.y1), float(box.x2), float(box.y2))
    subject = "The box (" + ", ".join(f"{v:g}" for v in corners) + ")"
    if not all(math.isfinite(v) for v in corners):
        raise InputError(f"{subject} has a corner that is no number; draw it again.")
    if box.width <= 0 or box.height <= 0:
        raise InputError(
            f"{subject} is empty; its right edge must lie beyond its left one, and "
            "its bottom below its top."
        )
    if not box.ignore:
        _check_class(subject, box.category, known)
    x1, y1, x2, y2 = corners
    inside = replace(box, x1=x1, y1=y1, x2=x2, y2=y2).clipped(width, height)
    if inside.width <= 0 or inside.height <= 0:
        raise InputError(f"{subject} lies outside the picture of {width:g}×{height:g} pixels.")
    lost = max(
        abs(a - b)
        for a, b in zip(corners, (inside.x1, inside.y1, inside.x2, inside.y2), strict=True)
    )
    return replace(inside, truncated=True) if lost > CUT else inside
