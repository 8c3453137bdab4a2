"""A detector that finds what a test says in each look at each frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from framesift.boxes import Prediction
from framesift.detectors.maps import working_size
from framesift.detectors.mixture_head import MixtureHead
from framesift.scores import FrameScorer
from framesift.scores.shared import Shared

HEIGHT, WIDTH = 80, 120


@dataclass(frozen=True)
class Found:
    """A box that is found: its place (x1, y1, x2, y2), score and class."""

    place: tuple[float, float, float, float]
    score: float
    category: int

    def moved(self, by: float) -> Found:
        """The same a little elsewhere, less sure."""
        x1, y1, x2, y2 = self.place
        return replace(self, place=(x1 + by, y1, x2 + by, y2), score=self.score * 0.9)


def box(x1: float, y1: float, x2: float, y2: float, score: float, category: int) -> Found:
    return Found((x1, y1, x2, y2), score, category)


Frames = Sequence[Sequence[Found]]


def some_frames(count: int = 16) -> list[list[Found]]:
    """Frames with one to four boxes, one of them inside another."""
    rng = np.random.default_rng(5)
    frames = []
    for n in range(count):
        boxes = [box(10, 10, 40, 60, 0.9 - 0.02 * n, 0)]
        boxes += [box(12, 12, 30, 50, 0.5, 0)] * (n % 3 == 0)
        for _ in range(n % 4):
            x, y = rng.uniform(0, 80), rng.uniform(0, 40)
            place = x, y, x + rng.uniform(10, 30), y + rng.uniform(20, 40)
            boxes.append(Found(place, float(rng.uniform(0.2, 0.95)), int(rng.integers(2))))
        frames.append(boxes)
    return frames


def prediction(boxes: Sequence[Found]) -> Prediction:
    """Boxes as a detector gives them, best first."""
    boxes = sorted(boxes, key=lambda one: -one.score)
    return Prediction(
        np.array([b.place for b in boxes], np.float32).reshape(-1, 4),
        np.array([b.score for b in boxes], np.float32),
        np.array([b.category for b in boxes], np.int64),
    )


def pictures(count: int) -> np.ndarray:
    """Frames whose first pixel says which they are."""
    frames = np.full((count, HEIGHT, WIDTH, 3), 120, np.uint8)
    frames[:, 0, 0, 0] = np.arange(count)
    return frames


def features(count: int) -> torch.Tensor:
    """What a detector would make of `pictures(count)`: each frame's its own."""
    made = [
        torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(n)) for n in range(count)
    ]
    return torch.stack(made)


def mixture_head() -> MixtureHead:
    """A head on these features for two classes, with weights that are always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return MixtureHead(2, 3)


class World(Shared):
    """Finds `frames` in the frames themselves, and in another view what `views` say, else the
    same boxes a little moved."""

    name, classes, has_maps, tiles = "world", ("person", "rider"), False, "1x1"
    proposes = True
    device = precision = "cpu"
    heads = {"mdn": mixture_head()}  # noqa: RUF012

    def __init__(
        self, frames: Frames, views: Mapping[Any, Frames] | None = None, other: bool = False
    ) -> None:
        self._kept = {}
        self._frames, self._views, self._other = frames, views or {}, other

    def features(self, frames: Any) -> torch.Tensor:
        numbers = [int(n) for n in frames[:, 0, 0, 0]]
        return features(1 + max(numbers))[numbers]

    def geometry(self, height: int, width: int) -> Any:
        return working_size(height, width, 40, 8)

    def found(self, frames: Any, view: Any, threshold: float) -> list[Prediction]:
        return [self._prediction(int(n), view, threshold) for n in frames[:, 0, 0, 0]]

    def _prediction(self, number: int, view: Any, threshold: float) -> Prediction:
        boxes = self._views[view][number] if view in self._views else self._frames[number]
        if self._other or (view is not None and view not in self._views):
            # One box fewer now and then, the others elsewhere.
            lost = number % 4 == 2 and len(boxes) > 1
            boxes = [b.moved(1.0 + number % 5) for b in boxes[: len(boxes) - lost]]
        return prediction([b for b in boxes if b.score >= threshold])

    def infer(
        self, frames: Any, *, flip: bool = False, boxes: bool = False, threshold: float = 0.05
    ) -> Any:
        return SimpleNamespace(predictions=tuple(self.found(frames, None, threshold)))

    def raw_boxes(self, frames: Any, threshold: float = 0.05) -> list[Prediction]:
        """Each box as often as its score's first digit says."""
        return [
            prediction([b for b in self._frames[int(n)] for _ in range(int(10 * b.score))])
            for n in frames[:, 0, 0, 0]
        ]

    def proposed(self, frames: Any, threshold: float = 0.05) -> list[Any]:
        """Proposals are farther to the right the surer the box."""
        found = self.found(frames, None, threshold)
        return [
            SimpleNamespace(prediction=p, proposals=p.boxes + 10 * p.scores[:, None])
            for p in found
        ]

    def predict(self, frames: Any, threshold: float = 0.05) -> list[Prediction]:
        return self.found(frames, None, threshold)


def score(
    method: str,
    frames: Frames,
    views: Mapping[Any, Frames] | None = None,
    **options: Any,
) -> list[float]:
    """The values of frames in which these boxes are found."""
    scorer = FrameScorer(method, **options)
    return [one.score for one in scorer.score(World(frames, views), pictures(len(frames)))]
