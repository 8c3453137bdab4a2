"""Where the tiles of a frame lie, and how what they give becomes one frame's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from framesift.boxes import Prediction, covered
from framesift.detectors.decoding import suppress
from framesift.detectors.maps import ProbabilityMaps, WorkingSize
from framesift.errors import InputError

OVERLAP = 128
"""Working pixels that neighbours share at least, unless something else is asked for."""
Spans = list[tuple[int, int]]
SEEN = 0.5
"""A cut box goes when a whole one of its class, of another tile, covers this share of it."""


def spans(length: int, count: int, overlap: int, step: int) -> Spans:
    """`count` intervals of one length that cover [0, length) and share at least `overlap` with
    the next, all on multiples of `step` (as `length` is); fewer where they would be equal."""
    side = -(-(length + (count - 1) * overlap) // (count * step)) * step
    while side < length:
        starts = [n * (length - side) // (count - 1) // step * step for n in range(count)]
        if all(a + side - b >= overlap for a, b in pairwise(starts)):
            return [(start, start + side) for start in dict.fromkeys(starts)]
        side += step
    return [(0, length)]


def joined(
    predictions: Sequence[Prediction], places: Sequence[Any], size: WorkingSize
) -> Prediction:
    """The boxes of tiles as those of the frame, native pixels, best first."""
    boxes = [
        part.boxes.astype(np.float64) + np.array([left, top] * 2)
        for part, ((top, _), (left, _)) in zip(predictions, places, strict=True)
    ]
    scores = np.concatenate([part.scores for part in predictions])
    order = np.argsort(-scores, kind="stable")
    return Prediction(
        size.to_native(np.concatenate(boxes))[order].astype(np.float32),
        scores[order],
        np.concatenate([part.categories for part in predictions])[order],
    )


def stitched(
    parts: Sequence[ProbabilityMaps], rows: Spans, columns: Spans, size: WorkingSize
) -> ProbabilityMaps:
    """The maps of tiles (row by row) as those of the whole frame: each cell from the tile whose
    inner border is farther."""
    levels = []
    for level, first in enumerate(parts[0].logits):
        down = _strips(rows, first.shape[-2])
        across = _strips(columns, first.shape[-1])
        tiles = iter([part.logits[level] for part in parts])
        levels.append(
            torch.cat(
                [
                    torch.cat(
                        [next(tiles)[..., top:bottom, left:right] for left, right in across], -1
                    )
                    for top, bottom in down
                ],
                -2,
            )
        )
    return ProbabilityMaps(levels, size, parts[0].classes, corner=parts[0].corner)


def _strips(places: Spans, cells: int) -> Spans:
    """Which cells each tile of `cells` cells gives, in its own numbering."""
    side = places[0][1] - places[0][0]
    step = side // cells
    if step * cells != side or any(start % step for start, _ in places):
        raise InputError(
            "The maps of this detector do not fit together from tiles; use it without --tiles."
        )
    cuts = [round((start + end) / 2 / step) for (_, end), (start, _) in pairwise(places)]
    starts = [start // step for start, _ in places]
    lows, highs = [0, *cuts], [*cuts, places[-1][1] // step]
    return [
        (low - start, high - start)
        for low, high, start in zip(lows, highs, starts, strict=True)
    ]


def together(
    predictions: Sequence[Prediction], places: Sequence[Any], size: WorkingSize, nms_iou: float
) -> Prediction:
    """One frame's boxes of all tiles, native pixels."""
    high, wide = size.padded
    boxes, cut = [], []
    for prediction, ((top, bottom), (left, right)) in zip(predictions, places, strict=True):
        shifted = prediction.boxes.astype(np.float64) + np.array([left, top] * 2)
        boxes.append(shifted)
        cut.append(
            ((shifted[:, 0] <= left + 1) & (left > 0))
            | ((shifted[:, 1] <= top + 1) & (top > 0))
            | ((shifted[:, 2] >= right - 1) & (right < wide))
            | ((shifted[:, 3] >= bottom - 1) & (bottom < high))
        )
    every, partial = np.concatenate(boxes), np.concatenate(cut)
    scores = np.concatenate([prediction.scores for prediction in predictions])
    categories = np.concatenate([prediction.categories for prediction in predictions])
    tile = np.repeat(
        np.arange(len(predictions)), [len(prediction) for prediction in predictions]
    )
    hides = (covered(every, every) >= SEEN) & ~partial[None] & partial[:, None]
    hides &= (tile[:, None] != tile[None]) & (categories[:, None] == categories[None])
    native = size.to_native(every)
    solid = (native[:, 2] > native[:, 0]) & (native[:, 3] > native[:, 1])
    keep = solid & ~hides.any(1)
    known = [
        prediction.probabilities
        for prediction in predictions
        if prediction.probabilities is not None
    ]
    return suppress(
        native[keep],
        scores[keep],
        categories[keep],
        nms_iou,
        np.concatenate(known)[keep] if len(known) == len(predictions) else None,
    )
