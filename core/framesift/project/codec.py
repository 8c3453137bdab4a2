"""Labels as JSON texts, exact to the last bit of every coordinate."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from framesift.boxes import ORIGINS, Box, Origin
from framesift.files import json_of
from framesift.labels import NOT_WEAK, UNSEEN, FrameLabels, Point, Weak
from framesift.project.sentences import damaged

_FLAGS = ("ignore", "occluded", "truncated")


def encode(labels: FrameLabels) -> str | None:
    """The text of a frame's labels; None for UNSEEN."""
    if labels == UNSEEN:
        return None
    boxes = [
        [number, *_values(box)] for number, box in zip(labels.ids, labels.boxes, strict=True)
    ]
    values: list[Any] = [labels.state, boxes, labels.next_id]
    values += [sorted(labels.accepted), sorted(labels.rejected)]
    if labels.derived or labels.weak or labels.upheld:
        values.append([_values(box) for box in labels.derived])
    if labels.weak or labels.upheld:
        values.append(_weak_values(labels.weak))
    if labels.upheld:
        values.append(sorted(labels.upheld))
    return compact(values)


def _weak_values(weak: Weak) -> list[Any]:
    return [
        [[float(point.x), float(point.y), point.category] for point in weak.points],
        weak.every,
        [[*_corners(box), box.category] for box in weak.denied],
        [list(tag) for tag in weak.tags],
    ]


def encode_box(box: Box) -> str:
    """The text of a box."""
    return compact(_values(box))


def compact(values: list[Any]) -> str:
    """JSON without spaces; ValueError for a number that is none."""
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _values(box: Box) -> list[Any]:
    flags = sum(1 << i for i, name in enumerate(_FLAGS) if getattr(box, name))
    values = [*_corners(box), box.category, flags]
    # Most boxes are of no track and made by a person: nothing more to say.
    if box.track is not None or box.origin != "person":
        values += [box.track, box.origin]
    return values


def decode(text: str | None, path: Path) -> FrameLabels:
    """The labels of a text; InputError, naming the file at `path`, for one that is none."""
    if text is None:
        return UNSEEN
    try:
        state, boxes, next_id, accepted, rejected, *more = json_of(text)
        return FrameLabels(
            state,
            tuple(_box(*rest) for _, *rest in boxes),
            tuple(int(number) for number, *_ in boxes),
            int(next_id),
            frozenset(accepted),
            frozenset(rejected),
            tuple(_box(*values) for values in (more[0] if more else ())),
            _weak(*more[1]) if len(more) > 1 else NOT_WEAK,
            frozenset(int(number) for number in (more[2] if len(more) > 2 else ())),
        )
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise damaged(path, "labels cannot be read") from error


def _weak(points: list[Any], every: bool, denied: list[Any], tags: list[Any]) -> Weak:
    tagged = [(name, present) for name, present in tags]
    if not all(isinstance(name, str) and isinstance(shown, bool) for name, shown in tagged):
        raise ValueError("a tag is none")
    return Weak(
        tuple(_point(*point) for point in points),
        bool(every),
        tuple(
            replace(_box(x1, y1, x2, y2, name, 0), denied=True)
            for x1, y1, x2, y2, name in denied
        ),
        tuple(tagged),
    )


def _point(x: float, y: float, category: str) -> Point:
    if not isinstance(category, str) or not all(map(math.isfinite, (x, y))):
        raise ValueError("a point is none")
    return Point(float(x), float(y), category)


def decode_box(text: str, path: Path) -> Box:
    """The box of a text; InputError for one that is none."""
    try:
        return _box(*json_of(text))
    except (ValueError, TypeError, OverflowError) as error:
        raise damaged(path, "a proposal cannot be read") from error


def _corners(box: Box) -> tuple[float, float, float, float]:
    return float(box.x1), float(box.y1), float(box.x2), float(box.y2)


def _box(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    category: str,
    flags: int,
    track: int | None = None,
    origin: Origin = "person",
) -> Box:
    if origin not in ORIGINS or not isinstance(track, int | None):
        raise ValueError("a box is of no origin that there is")
    if not isinstance(category, str) or not all(map(math.isfinite, (x1, y1, x2, y2))):
        raise ValueError("a box is none")
    return Box(
        float(x1),
        float(y1),
        float(x2),
        float(y2),
        category,
        bool(flags & 1),
        bool(flags & 2),
        bool(flags & 4),
        track,
        origin,
    )
