"""Other looks at a frame: mirror image, noise, less light, a part cut out, from farther away.

A view makes pictures of pictures and brings the boxes found in them back to the frame's own
pixels. The same view of the same frame is the same whatever else is in the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Prediction

Frames = NDArray[np.uint8]
GREY = 114
"""What fills the picture where a view shows nothing."""


class View(Protocol):
    """Frames uint8 N×H×W×3 as others of that shape; hashable, so that a look is made once."""

    def __call__(self, frames: Frames) -> Frames: ...

    def back(self, prediction: Prediction, width: int, height: int) -> Prediction:
        """The boxes in the pixels of the frame itself."""
        ...


def _with_boxes(prediction: Prediction, boxes: NDArray[np.float32]) -> Prediction:
    return Prediction(boxes, prediction.scores, prediction.categories, prediction.probabilities)


@dataclass(frozen=True, slots=True)
class Plain:
    """The frame itself."""

    def __call__(self, frames: Frames) -> Frames:
        return frames

    def back(self, prediction: Prediction, width: int, height: int) -> Prediction:
        return prediction


@dataclass(frozen=True, slots=True)
class Flip(Plain):
    """The mirror image."""

    def __call__(self, frames: Frames) -> Frames:
        return np.ascontiguousarray(frames[:, :, ::-1])

    def back(self, prediction: Prediction, width: int, height: int) -> Prediction:
        boxes = prediction.boxes.copy()
        boxes[:, [0, 2]] = width - prediction.boxes[:, [2, 0]]
        return _with_boxes(prediction, boxes)


@dataclass(frozen=True, slots=True)
class Noise(Plain):
    """Gaussian noise of a standard deviation in gray levels of 255, the same for each frame."""

    sigma: float
    seed: int = 0

    def __call__(self, frames: Frames) -> Frames:
        rng = np.random.default_rng([self.seed, round(1000 * self.sigma)])
        noise = rng.normal(0.0, self.sigma, frames.shape[1:])
        return np.clip(np.rint(frames + noise), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Brightness(Plain):
    """All light times a factor."""

    factor: float

    def __call__(self, frames: Frames) -> Frames:
        lit: Frames = np.clip(np.rint(frames * self.factor), 0, 255).astype(np.uint8)
        return lit


@dataclass(frozen=True, slots=True)
class CutOut(Plain):
    """A rectangle of a share of the picture's area, of its proportions, hidden; where it lies
    depends on the seed alone."""

    share: float
    seed: int = 0

    def __call__(self, frames: Frames) -> Frames:
        hidden = frames.copy()
        rows, columns = frames.shape[1:3]
        high, wide = (max(1, round(side * self.share**0.5)) for side in (rows, columns))
        down, across = np.random.default_rng(self.seed).random(2)
        top, left = int(down * (rows - high + 1)), int(across * (columns - wide + 1))
        hidden[:, top : top + high, left : left + wide] = GREY
        return hidden


@dataclass(frozen=True, slots=True)
class Smaller(Plain):
    """The frame shrunk by a factor below 1, its corner kept, the rest of the picture gray."""

    factor: float

    def __call__(self, frames: Frames) -> Frames:
        rows, columns = frames.shape[1:3]
        high, wide = (max(1, round(side * self.factor)) for side in (rows, columns))
        small = np.full_like(frames, GREY)
        for frame, into in zip(frames, small, strict=True):
            into[:high, :wide] = cv2.resize(frame, (wide, high), interpolation=cv2.INTER_AREA)
        return small

    def back(self, prediction: Prediction, width: int, height: int) -> Prediction:
        wide, high = (max(1, round(side * self.factor)) for side in (width, height))
        scale = np.array([width / wide, height / high] * 2)
        limit = np.array([width, height] * 2)
        boxes = np.clip(prediction.boxes * scale, 0, limit).astype(np.float32)
        return _with_boxes(prediction, boxes)


FLIP = Flip()
