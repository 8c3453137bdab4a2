"""A detector made of arithmetic: maps, boxes and dropout without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from framesift.boxes import Prediction
from framesift.detectors.ease import EaseHead
from framesift.detectors.heads import CellHead, Head
from framesift.detectors.maps import ProbabilityMaps, working_size
from framesift.detectors.mixture_head import MixtureHead

LEVELS = 3


def _heads() -> dict[str, Head]:
    """Heads with the same random weights in every run."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return {
            "predicted_misses": CellHead(2),
            "predicted_loss": CellHead(2),
            "mdn": MixtureHead(2, 3),
            "difficulty": EaseHead(2),
        }


class ArithmeticDetector:
    """Logits are means of 8×8 cells of the picture, three levels, two classes; boxes are where
    the picture's light says."""

    name = "arithmetic"
    classes = ("person", "rider")
    has_maps = True
    proposes = True
    heads: dict[str, Head] = _heads()
    settings: dict[str, Any] = {"box_sizes": [(20.0, 8.0), (40.0, 16.0), (80.0, 32.0)]}  # noqa: RUF012

    def geometry(self, height: int, width: int) -> Any:
        return working_size(height, width, 30, 8)

    def _maps(
        self, frames: np.ndarray, noise: float = 0.0, seed: int = 0, flip: bool = False
    ) -> ProbabilityMaps:
        size = self.geometry(*frames.shape[1:3])
        pixels = torch.from_numpy(frames.astype(np.float32)).permute(0, 3, 1, 2)
        rows, columns = size.padded[0] // 8, size.padded[1] // 8
        generator = torch.Generator().manual_seed(seed)
        logits = []
        for level in range(LEVELS):
            cells = torch.nn.functional.adaptive_avg_pool2d(pixels, (rows, columns))
            drift = noise * torch.randn(1, 2, rows, columns, generator=generator)
            logits.append((cells[:, :2] - 127 + 10 * level) / 5 + drift)
        flipped = [level.flip(-1) + 0.3 for level in logits] if flip else None
        return ProbabilityMaps(logits, size, self.classes, flipped=flipped)

    def infer(
        self,
        frames: np.ndarray,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Any:
        found = [_boxes(frame, flip, threshold) for frame in frames] if boxes else None
        maps = self._maps(frames, flip=flip)
        if hasattr(self, "_take"):
            self._take(maps.logits[0])
        return SimpleNamespace(maps=maps, predictions=found)

    def predict(self, frames: np.ndarray, threshold: float = 0.05) -> list[Prediction]:
        found: list[Prediction] = self.infer(
            frames, boxes=True, threshold=threshold
        ).predictions
        return found

    @contextmanager
    def tapped(self, take: Callable[[torch.Tensor], None]) -> Iterator[None]:
        self._take = take
        yield
        del self._take

    def raw_boxes(self, frames: np.ndarray, threshold: float = 0.05) -> list[Prediction]:
        return self.predict(frames, threshold)

    def proposed(self, frames: np.ndarray, threshold: float = 0.05) -> list[Any]:
        found = self.predict(frames, threshold)
        return [
            SimpleNamespace(prediction=p, proposals=p.boxes + 9 * p.scores[:, None])
            for p in found
        ]

    def dropout_maps(
        self, frames: np.ndarray, passes: int, rate: float, seed: int
    ) -> Iterator[ProbabilityMaps]:
        return (self._maps(frames, 4 * rate, 100 * seed + t) for t in range(passes))


PLACES = np.array(
    [
        [2, 0, 22, 40],
        [68, 0, 88, 40],
        [30, 10, 60, 50],
        [33, 12, 57, 40],
        [10, 0, 30, 40],
        [70, 2, 86, 30],
    ]
)
"""Nearly the same in the mirror image of a frame 90 pixels wide; some inside others."""
SCORES = np.array([0.9, 0.5, 0.3, 0.07, 0.2, 0.15])
CLASSES = np.array([0, 1, 0, 0, 0, 1])


def _boxes(frame: np.ndarray, flip: bool, threshold: float) -> Prediction:
    scores = SCORES - (0.02 if flip else 0.0) + frame[0, 0, 0] / 10_000
    kept = scores >= threshold
    order = np.flatnonzero(kept)[np.argsort(-scores[kept])]
    # The lighter the picture, the farther to the right.
    places = PLACES + np.array([1, 0, 1, 0]) * frame.mean() / 64
    return Prediction(
        places[order].astype(np.float32), scores[order].astype(np.float32), CLASSES[order]
    )
