"""Weak labels: what a person says of a frame that costs less than boxes.

A point for an object, a no to a proposal, a tag for a class of the whole picture. None of it
makes a frame labelled; training learns from it where it is asked to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels.labels import FrameLabels, Point, Weak
from framesift.labels.proposals import Proposal, accept, reject

CLICKS = 4
"""Of an object whose extremes are clicked: top, left, bottom and right."""


def box_of_extremes(clicks: Sequence[tuple[float, float]], category: str = "pedestrian") -> Box:
    """The box of an object whose four extreme points were clicked (Papadopoulos et al., ICCV
    2017).

    Args:
        clicks: (x, y) of its topmost, leftmost, lowest and rightmost point, native pixels, in
            any order.
        category: the object's class.

    Returns:
        The box around them.

    Raises:
        InputError: there are more or fewer than four, one is no number, or they lie in one
            line.

    Example:
        >>> box_of_extremes([(5, 0), (0, 4), (6, 20), (10, 8)])
        Box(x1=0.0, y1=0.0, x2=10.0, y2=20.0, category='pedestrian')
    """
    if len(clicks) != CLICKS:
        raise InputError(f"{len(clicks)} clicks make no box; click an object's four extremes.")
    across, down = ([float(click[axis]) for click in clicks] for axis in (0, 1))
    box = Box(min(across), min(down), max(across), max(down), category)
    if not all(map(math.isfinite, (*across, *down))) or box.width <= 0 or box.height <= 0:
        raise InputError("The four clicks lie in one line; click an object's four extremes.")
    return box


def with_points(labels: FrameLabels, points: Iterable[Point], *, every: bool) -> FrameLabels:
    """The labels with more points.

    Args:
        labels: the frame's labels before.
        points: clicks near the centres of objects.
        every: whether each object of the picture now has one, or a box.

    Returns:
        The labels, in the same state.

    Example:
        >>> with_points(FrameLabels(), [Point(3, 4)], every=True).weak.every
        True
    """
    weak = replace(labels.weak, points=(*labels.weak.points, *points), every=every)
    return replace(labels, weak=weak)


def without_points(labels: FrameLabels, *places: int) -> FrameLabels:
    """The labels without some points; that every object had one is no longer so.

    Args:
        labels: the frame's labels before.
        places: of the points in the list, from 0.

    Returns:
        The labels, in the same state.

    Example:
        >>> two = with_points(FrameLabels(), [Point(3, 4), Point(5, 6)], every=True)
        >>> without_points(two, 0).weak.points
        (Point(x=5, y=6, category='pedestrian'),)
    """
    kept = tuple(p for place, p in enumerate(labels.weak.points) if place not in places)
    return replace(labels, weak=replace(labels.weak, points=kept, every=False))


def with_tags(labels: FrameLabels, tags: Mapping[str, bool | None]) -> FrameLabels:
    """The labels with tags of the whole picture.

    Args:
        labels: the frame's labels before.
        tags: by class whether an object of it is in the picture; None takes a tag away.

    Returns:
        The labels, in the same state.

    Example:
        >>> with_tags(FrameLabels(), {"car": False}).weak.tags
        (('car', False),)
    """
    merged = {**dict(labels.weak.tags), **tags}
    stated = [(name, shown) for name, shown in merged.items() if shown is not None]
    kept = tuple(sorted(stated))
    return replace(labels, weak=replace(labels.weak, tags=kept))


def verified(labels: FrameLabels, proposals: Iterable[Proposal], *, yes: bool) -> FrameLabels:
    """The labels after the answer to whether proposals are right. Yes accepts them. No declines
    them, and says that no object of the class has such a box: unlike a proposal that is only
    put aside, that is learnt from.

    Args:
        labels: the frame's labels before.
        proposals: those of this frame that were asked about; what was decided before stays.
        yes: the answer.

    Returns:
        The labels with the accepted or with the denied boxes.

    Example:
        >>> offered = Proposal(3, Box(1, 2, 3, 4), 0.9)
        >>> len(verified(FrameLabels(), [offered], yes=False).weak.denied)
        1
    """
    some = [p for p in proposals if p.id not in labels.accepted | labels.rejected]
    if yes:
        return accept(labels, some)
    denied = tuple(replace(p.box, denied=True, track=None, origin="person") for p in some)
    weak = replace(labels.weak, denied=(*labels.weak.denied, *denied))
    return replace(reject(labels, some), weak=weak)


def done_weakly(labels: FrameLabels, classes: Iterable[str]) -> bool:
    """Whether somebody is done with a frame by weak labels alone: each object has a point, or
    each class a tag.

    Args:
        labels: the frame's labels.
        classes: all that there are.

    Returns:
        Whether they are.

    Example:
        >>> done_weakly(with_tags(FrameLabels(), {"car": False}), ["car"])
        True
    """
    tagged = {name for name, _ in labels.weak.tags}
    every = labels.weak.every or (bool(tagged) and tagged >= set(classes))
    return labels.state == "unseen" and every


def with_denied(labels: FrameLabels, box: Box) -> FrameLabels:
    """The labels with a box that no object of its class has, as somebody said.

    Args:
        labels: the frame's labels before.
        box: a detector's, which was wrong.

    Returns:
        The labels, in the same state.

    Example:
        >>> with_denied(FrameLabels(), Box(1, 2, 3, 4)).weak.denied[0].denied
        True
    """
    denied = replace(box, denied=True, track=None, origin="person")
    return replace(labels, weak=replace(labels.weak, denied=(*labels.weak.denied, denied)))


def renamed(weak: Weak, names: Mapping[str, str]) -> Weak:
    """With classes called otherwise. Where several become one, a picture shows it if it shows
    any of them, and shows none of it only if it shows none of all of them."""
    tags = dict(weak.tags)
    merged: dict[str, list[bool | None]] = {}
    for name in dict.fromkeys((*names, *tags)):
        merged.setdefault(names.get(name, name), []).append(tags.get(name))
    kept = tuple(
        sorted(
            (name, any(stated))
            for name, stated in merged.items()
            if any(stated) or all(value is False for value in stated)
        )
    )
    return Weak(
        tuple(replace(p, category=names.get(p.category, p.category)) for p in weak.points),
        weak.every,
        tuple(replace(b, category=names.get(b.category, b.category)) for b in weak.denied),
        kept,
    )
