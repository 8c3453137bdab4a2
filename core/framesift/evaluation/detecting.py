"""A detector run over labelled pictures, a batch of one picture size at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, Prediction
from framesift.records import Notice

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

Item = tuple[Any, NDArray[np.uint8], Sequence[Box]]


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """What a detector found in a labelled picture of `size` (height, width). `reach`: float64,
    for each label the best IoU that any of its boxes could have."""

    key: Any
    boxes: Sequence[Box]
    prediction: Prediction
    size: tuple[int, int]
    reach: NDArray[np.float64]


def detected(
    detector: Detector,
    items: Iterable[Item],
    batch: int,
    threshold: float,
    flip: bool = False,
) -> Iterator[list[Detected] | Notice]:
    """Yields a list for each batch, in order. Where the device's memory does not suffice the
    rest goes in smaller batches, which a Notice says."""
    batches = _Batches(items, batch)
    for some in batches:
        frames = np.stack([image for _, image, _ in some])
        try:
            predictions = detector.predict(frames, threshold, flip)
        except RuntimeError as error:
            if "OutOfMemory" not in type(error).__name__ or batches.size == 1:
                raise
            batches.smaller(some)
            yield Notice(
                f"The device's memory is short; going on with {batches.size} frames at a time."
            )
            continue
        size = (frames.shape[1], frames.shape[2])
        yield [
            Detected(key, boxes, prediction, size, np.asarray(detector.best_iou(boxes, size)))
            for (key, _, boxes), prediction in zip(some, predictions, strict=True)
        ]


class _Batches:
    """Groups consecutive items of one picture size; a failed batch can be given back."""

    def __init__(self, items: Iterable[Item], size: int) -> None:
        self.size = size
        self._items = iter(items)
        self._waiting: list[Item] = []

    def smaller(self, failed: list[Item]) -> None:
        self.size = max(1, self.size // 2)
        self._waiting = failed + self._waiting

    def __iter__(self) -> Iterator[list[Item]]:
        while batch := self._next():
            yield batch

    def _next(self) -> list[Item]:
        batch: list[Item] = []
        while len(batch) < self.size:
            item = self._waiting.pop(0) if self._waiting else next(self._items, None)
            if item is None:
                break
            if batch and item[1].shape != batch[0][1].shape:
                self._waiting.insert(0, item)
                break
            batch.append(item)
        return batch
