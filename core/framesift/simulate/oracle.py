"""What answers in a person's place: boxes, or labels that cost less, of the labels that the
dataset has; and the work that it counts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from framesift.boxes import Box, Prediction, as_array
from framesift.labels import Point, Weak
from framesift.scores.found import matched

JITTER = 0.1
"""Standard deviation of clicks around the centre, in sides of the box."""
ASKED = 0.3
"""Least score of proposals that are asked about."""
GAIN = 0.3
"""Hard switch: boxes once a cycle gains less than this share of the best gain so far."""
SURE = 0.75
"""Soft switch: a frame whose boxes' mean score is below it gets boxes (Desai et al.)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the oracle says of a frame: its boxes, `weak` (None: they are all), and how many
    boxes, extremes, points, answers and tags that took."""

    boxes: tuple[Box, ...]
    weak: Weak | None = None
    work: Mapping[str, int] = field(default_factory=dict)


def full(boxes: Sequence[Box], kind: str = "boxes") -> Answer:
    """A frame labelled in full; ignore regions take a box each, too, as they always did."""
    return Answer(tuple(boxes), None, {kind: len(boxes)})


def points(boxes: Sequence[Box], place: tuple[str, int]) -> Answer:
    """A click near the centre of each object; the same for the same place every time. Ignore
    regions are known, and cost nothing."""
    digest = hashlib.sha256(repr(place).encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    ignored = tuple(box for box in boxes if box.ignore)
    clicks = []
    for box in boxes:
        if not box.ignore:
            dx, dy = np.clip(rng.normal(0.0, JITTER, 2), -0.5, 0.5).tolist()
            clicks.append(
                Point(
                    (box.x1 + box.x2) / 2 + dx * box.width,
                    (box.y1 + box.y2) / 2 + dy * box.height,
                    box.category,
                )
            )
    return Answer(ignored, Weak(tuple(clicks), every=True), {"points": len(clicks)})


def answers(
    boxes: Sequence[Box], proposals: Prediction, classes: Sequence[str], least: float
) -> Answer:
    """Yes to proposals (score ≥ ASKED) that are an object's, one to one from an IoU of `least`,
    no to the others; what an ignore region covers is not asked about."""
    asked = np.flatnonzero(proposals.scores >= ASKED)
    ignored = tuple(box for box in boxes if box.ignore)
    accepted: list[Box] = []
    denied: list[Box] = []
    for column, name in enumerate(classes):
        rows = asked[proposals.categories[asked] == column]
        offered = proposals.boxes[rows].astype(np.float64)
        labels = [box for box in boxes if not box.ignore and box.category == name]
        right = {int(row) for row, _ in matched(offered, as_array(labels), least)}
        for row, (x1, y1, x2, y2) in enumerate(offered.tolist()):
            box = Box(x1, y1, x2, y2, name)
            if row in right:
                accepted.append(replace(box, origin="confirmed"))
            elif not _inside(box, ignored):
                denied.append(replace(box, denied=True))
    work = {"answers": len(accepted) + len(denied)}
    return Answer((*ignored, *accepted), Weak(denied=tuple(denied)), work)


def _inside(box: Box, regions: Sequence[Box]) -> bool:
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    return any(r.x1 <= x < r.x2 and r.y1 <= y < r.y2 for r in regions)


def tags(boxes: Sequence[Box], classes: Sequence[str]) -> Answer:
    """For each class whether the picture shows an object of it."""
    shown = {box.category for box in boxes if not box.ignore}
    ignored = tuple(box for box in boxes if box.ignore)
    stated = tuple(sorted((name, name in shown) for name in classes))
    return Answer(ignored, Weak(tags=stated), {"tags": len(classes)})


def helps_little(misses: Sequence[float]) -> bool:
    """Hard switch: whether some cycle lowered the miss rate by less than GAIN of what the best
    one until then did; misses: after each cycle, that of the start first."""
    gains = [before - after for before, after in pairwise(misses)]
    return any(gain < GAIN * max(gains[: n + 1]) for n, gain in enumerate(gains))


def unsure(proposals: Prediction) -> bool:
    """Soft switch: whether the mean score of a frame's boxes (from ASKED) is below SURE, or it
    has none."""
    scores = proposals.scores[proposals.scores >= ASKED]
    return not len(scores) or float(scores.mean()) < SURE


def work_of(given: Sequence[Answer]) -> dict[str, int]:
    """All their work, by kind."""
    total: Counter[str] = Counter()
    for answer in given:
        total.update(answer.work)
    return dict(sorted(total.items()))
