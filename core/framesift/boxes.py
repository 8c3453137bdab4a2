"""Boxes: one label's box, one frame's predicted boxes, and the geometry of both.

Coordinates are continuous native pixels: x to the right, y down, the top-left corner of the
picture is (0, 0) and pixel i covers [i, i + 1). A box is [x1, x2) × [y1, y2).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32] | NDArray[np.float64]
Origin = Literal["person", "interpolated", "tracked", "confirmed"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
DERIVED: frozenset[Origin] = frozenset({"interpolated", "tracked"})
"""Origins of boxes that nobody has looked at: they are no labels until a person confirms
them."""


_ALWAYS = ("x1", "y1", "x2", "y2", "category")
"""What a box's repr says even where it is the default."""


@dataclass(frozen=True, slots=True, repr=False)
class Box:
    """One labelled box. `ignore` marks an ignore region: no loss in training, no penalty in
    evaluation. `occluded` and `truncated` (cut by the picture's edge) are attributes. `track`
    is the id of the object whose box it is, the same in every frame; None: of no track.
    `origin`: a "person" made it; "interpolated" between key boxes or "tracked" from one, by
    the program; "confirmed": offered by the program, accepted by a person. `denied` turns what
    it says around: a person said that no object of the class has this box. Only training knows
    such boxes; they are never among a frame's labels."""

    x1: float
    y1: float
    x2: float
    y2: float
    category: str = "pedestrian"
    ignore: bool = False
    occluded: bool = False
    truncated: bool = False
    track: int | None = None
    origin: Origin = "person"
    denied: bool = False

    def __repr__(self) -> str:
        given = ", ".join(
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if field.name in _ALWAYS or getattr(self, field.name) != field.default
        )
        return f"Box({given})"

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def aspect(self) -> float:
        """Width over height; infinite for a box without height."""
        return self.width / self.height if self.height > 0 else float("inf")

    def scaled(self, factor: float) -> Box:
        """The same box in a picture of another size.

        Args:
            factor: > 0, what every coordinate is multiplied by.

        Returns:
            A new Box.
        """
        return replace(
            self,
            x1=self.x1 * factor,
            y1=self.y1 * factor,
            x2=self.x2 * factor,
            y2=self.y2 * factor,
        )

    def clipped(self, width: float, height: float) -> Box:
        """The part of the box inside a picture.

        Args:
            width: of the picture, pixels.
            height: of the picture, pixels.

        Returns:
            A new Box, which may be empty.
        """
        x1, x2 = (min(max(v, 0.0), float(width)) for v in (self.x1, self.x2))
        y1, y2 = (min(max(v, 0.0), float(height)) for v in (self.y1, self.y2))
        return replace(self, x1=x1, y1=y1, x2=x2, y2=y2)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prediction:
    """What a detector found in one frame, best first.

    boxes float32 N×4 (x1, y1, x2, y2, native pixels), scores float32 N in [0, 1],
    categories int64 N (index into the detector's classes). probabilities float32 N×C in
    [0, 1], where the detector knows more than the score: each box's probability of each class.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    categories: NDArray[np.int64]
    probabilities: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        best = f", scores {self.scores[0]:.3f} … {self.scores[-1]:.3f}" if len(self) else ""
        return f"<Prediction: {len(self)} boxes{best}>"

    @staticmethod
    def empty() -> Prediction:
        return Prediction(
            np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64)
        )


def corners_of(box: Box) -> tuple[float, float, float, float]:
    """The corners of a box.

    Args:
        box: any box.

    Returns:
        (x1, y1, x2, y2).

    Example:
        >>> corners_of(Box(1, 2, 3, 4))
        (1, 2, 3, 4)
    """
    return box.x1, box.y1, box.x2, box.y2


def as_array(boxes: list[Box] | tuple[Box, ...]) -> NDArray[np.float64]:
    """The corners of boxes as an array.

    Args:
        boxes: N boxes.

    Returns:
        float64 N×4 of (x1, y1, x2, y2).

    Example:
        >>> as_array([Box(1, 2, 3, 4)]).tolist()
        [[1.0, 2.0, 3.0, 4.0]]
    """
    return np.array([corners_of(box) for box in boxes], np.float64).reshape(-1, 4)


def _intersection(a: FloatArray, b: FloatArray) -> NDArray[np.float64]:
    a64, b64 = np.asarray(a, np.float64), np.asarray(b, np.float64)
    low = np.maximum(a64[:, None, :2], b64[None, :, :2])
    high = np.minimum(a64[:, None, 2:], b64[None, :, 2:])
    size = np.clip(high - low, 0.0, None)
    return np.asarray(size[..., 0] * size[..., 1], np.float64)


def areas(a: FloatArray) -> NDArray[np.float64]:
    """Areas of boxes.

    Args:
        a: N×4 of (x1, y1, x2, y2).

    Returns:
        float64 N, square pixels; 0 for inverted ones.

    Example:
        >>> areas(np.array([[0.0, 0, 4, 5]])).tolist()
        [20.0]
    """
    a64 = np.asarray(a, np.float64)
    return np.asarray(
        np.clip(a64[:, 2] - a64[:, 0], 0, None) * np.clip(a64[:, 3] - a64[:, 1], 0, None),
        np.float64,
    )


def iou(a: FloatArray, b: FloatArray) -> NDArray[np.float64]:
    """Intersection over union of boxes, each with each.

    Args:
        a: N×4 of (x1, y1, x2, y2).
        b: M×4.

    Returns:
        float64 N×M in [0, 1]; 0 where both are empty.

    Example:
        >>> iou(np.array([[0.0, 0, 2, 2]]), np.array([[0.0, 0, 2, 4]])).tolist()
        [[0.5]]
    """
    shared = _intersection(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def covered(a: FloatArray, b: FloatArray) -> NDArray[np.float64]:
    """How much of boxes lies inside others: the overlap that Dollár et al. use for ignore
    regions.

    Args:
        a: N×4 of (x1, y1, x2, y2).
        b: M×4.

    Returns:
        float64 N×M in [0, 1]: the share of each box of `a` inside each box of `b`.

    Example:
        >>> covered(np.array([[0.0, 0, 4, 4]]), np.array([[2.0, 0, 9, 9]])).tolist()
        [[0.5]]
    """
    sizes = np.broadcast_to(areas(a)[:, None], (len(a), len(b)))
    shared = _intersection(a, b)
    return np.divide(shared, sizes, out=np.zeros_like(shared), where=sizes > 0)


def nms(boxes: FloatArray, scores: FloatArray, threshold: float) -> NDArray[np.int64]:
    """Greedy non-maximum suppression: a box goes when its IoU with a kept one is above the
    threshold.

    Args:
        boxes: N×4 of (x1, y1, x2, y2).
        scores: N, the higher the better; of equal ones the lower index is first.
        threshold: IoU in [0, 1].

    Returns:
        int64, the indices of the boxes that are kept, best score first.

    Example:
        >>> overlapping = np.array([[0.0, 0, 4, 4], [0, 0, 4, 5], [9, 9, 12, 12]])
        >>> nms(overlapping, np.array([0.9, 0.8, 0.7]), 0.5).tolist()
        [0, 2]
    """
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    alive = np.asarray(boxes, np.float64)[order]
    kept: list[int] = []
    left = order
    while len(left):
        kept.append(int(left[0]))
        stay = iou(alive[:1], alive[1:])[0] <= threshold
        left, alive = left[1:][stay], alive[1:][stay]
    return np.array(kept, np.int64)


__all__ = [
    "DERIVED",
    "ORIGINS",
    "Box",
    "Origin",
    "Prediction",
    "areas",
    "as_array",
    "corners_of",
    "covered",
    "iou",
    "nms",
]


def __dir__() -> list[str]:
    return sorted(__all__)
