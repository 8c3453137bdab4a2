"""The upright box around what is no box: outlines, ellipses, turned boxes, masks.

Everything is in continuous native pixels; a mask's pixel (x, y) covers [x, x + 1) × [y, y + 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from framesift.formats.checks import BadValueError

Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2."""
_MOST_RUNS = 5_000_000


def around(points: Iterable[tuple[float, float]]) -> Corners:
    """The box around points. BadValueError without any."""
    listed = list(points)
    if not listed:
        raise BadValueError("the outline has no points")
    xs, ys = [x for x, _ in listed], [y for _, y in listed]
    return min(xs), min(ys), max(xs), max(ys)


def pairs(flat: Sequence[float]) -> list[tuple[float, float]]:
    """x1, y1, x2, y2 … as points. BadValueError for an odd count."""
    if len(flat) % 2:
        raise BadValueError("the outline's coordinates are no pairs")
    return list(zip(flat[::2], flat[1::2], strict=True))


def rotated(corners: Corners, degrees: float, pivot: tuple[float, float]) -> Corners:
    """The box around a box that is rotated clockwise by `degrees` about `pivot`."""
    x1, y1, x2, y2 = corners
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return around(
        (
            pivot[0] + (x - pivot[0]) * cosine - (y - pivot[1]) * sine,
            pivot[1] + (x - pivot[0]) * sine + (y - pivot[1]) * cosine,
        )
        for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    )


def ellipse(centre: tuple[float, float], rx: float, ry: float, degrees: float = 0) -> Corners:
    """The box around an ellipse with the half axes `rx` and `ry`, turned about its centre."""
    if rx < 0 or ry < 0:
        raise BadValueError("the ellipse has a negative radius")
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    half_width, half_height = (
        math.hypot(rx * cosine, ry * sine),
        math.hypot(rx * sine, ry * cosine),
    )
    x, y = centre
    return x - half_width, y - half_height, x + half_width, y + half_height


def runs(counts: Sequence[int], size_hw: tuple[int, int], *, by_column: bool = True) -> Corners:
    """The box around a run-length coded mask: lengths of runs of background and object in
    turn, by columns (COCO) or by rows (CVAT). BadValueError for a mask without a pixel and for
    runs that are longer than the picture."""
    height, width = size_hw
    side = height if by_column else width
    if side < 1 or sum(counts) > height * width or min(counts, default=0) < 0:
        raise BadValueError("the mask is larger than its picture")
    lines: list[int] = []
    low, high, at = side, 0, 0
    for place, count in enumerate(counts):
        if place % 2 and count:
            first, last = at, at + count - 1
            lines += [first // side, last // side]
            single_line = first // side == last // side
            low = min(low, first % side if single_line else 0)
            high = max(high, last % side + 1 if single_line else side)
        at += count
    if not lines:
        raise BadValueError("the mask has no pixel")
    across = (float(low), float(high))
    along = (float(min(lines)), float(max(lines) + 1))
    (x1, x2), (y1, y2) = (along, across) if by_column else (across, along)
    return x1, y1, x2, y2


def coco_counts(text: str) -> list[int]:
    """The runs of COCO's compressed masks (pycocotools' rleFrString: five bits a character,
    from the third run on as the difference to the run before the last)."""
    if len(text) > _MOST_RUNS:
        raise BadValueError("the mask is too long")
    counts: list[int] = []
    value = shift = 0
    for char in text:
        bits = ord(char) - 48
        if not 0 <= bits < 64 or shift > 60:
            raise BadValueError("the mask is no run-length code")
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    return counts
