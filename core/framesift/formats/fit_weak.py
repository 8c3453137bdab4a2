"""Points and tags, reduced to what a format can hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from framesift.formats.base import Capability
from framesift.formats.model import LabelledImage

Named = Callable[[str], str | None]
"""What a class is called elsewhere; None: it is not there."""


def fit_weak(
    item: LabelledImage, capability: Capability, lost: Counter[str]
) -> LabelledImage | None:
    """The picture without points and tags that a format cannot hold; None where nothing else
    was said of it: without them it would read as "nothing there"."""
    if not item.weak:
        return item
    kept = item
    if item.points and not capability.points:
        lost["points"] += len(item.points)
        kept = replace(kept, points=(), every=False)
    if item.tags and not capability.tags:
        lost["tags of a whole picture"] += len(item.tags)
        kept = replace(kept, tags=())
    if not (kept.weak or kept.boxes):
        lost["pictures of which every shape was left out"] += 1
        return None
    return kept


def called(item: LabelledImage, name: Named, left_out: Counter[str]) -> LabelledImage:
    """The picture with its points and tags of other classes; those of none are left out and
    counted."""
    points = [(p, name(p.category)) for p in item.points]
    tags = [(n, shown, name(n)) for n, shown in item.tags]
    for point, ours in points:
        if ours is None:
            left_out[f"points of class “{point.category}”"] += 1
    for theirs, _, ours in tags:
        if ours is None:
            left_out[f"tags of class “{theirs}”"] += 1
    kept = tuple(replace(p, category=ours) for p, ours in points if ours is not None)
    return replace(
        item,
        points=kept,
        every=item.every and len(kept) == len(points),
        tags=_united([(ours, shown) for _, shown, ours in tags if ours is not None]),
    )


def _united(tags: list[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """Where several classes became one, it is shown if any of them is."""
    united: dict[str, bool] = {}
    for name, shown in tags:
        united[name] = united.get(name, False) or shown
    return tuple(sorted(united.items()))
