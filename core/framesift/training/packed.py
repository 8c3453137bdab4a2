"""Frames in memory, losslessly packed: what is read or made once and shown many times."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.labels import FrameKey
from framesift.records import Notice, Progress
from framesift.training.data.sample import Sample, describe


@dataclass(frozen=True, slots=True, eq=False)
class PackedFrame:
    """A picture as PNG (uint8), its (height, width), its boxes and where it comes from."""

    png: NDArray[np.uint8]
    size: tuple[int, int]
    boxes: tuple[Box, ...]
    key: FrameKey

    @staticmethod
    def of(image: NDArray[np.uint8], boxes: Sequence[Box], key: FrameKey) -> PackedFrame:
        """Packs uint8 H×W×3."""
        _, png = cv2.imencode(".png", image, (cv2.IMWRITE_PNG_COMPRESSION, 1))
        height, width = image.shape[:2]
        return PackedFrame(np.asarray(png, np.uint8), (height, width), tuple(boxes), key)


class PackedSource:
    """Packed frames as training sees them (a framesift.training.data.Source)."""

    def __init__(self, frames: Sequence[PackedFrame], classes: Sequence[str]) -> None:
        self._frames, self._classes = tuple(frames), tuple(classes)
        self._identity = ""

    @property
    def classes(self) -> tuple[str, ...]:
        return self._classes

    def __len__(self) -> int:
        return len(self._frames)

    def key(self, index: int) -> FrameKey:
        """Where a frame comes from."""
        return self._frames[index].key

    def size(self, index: int) -> tuple[int, int]:
        return self._frames[index].size

    def boxes(self, index: int) -> tuple[Box, ...]:
        return self._frames[index].boxes

    def sample(self, index: int) -> Sample:
        frame = self._frames[index]
        image = np.asarray(cv2.imdecode(frame.png, cv2.IMREAD_UNCHANGED), np.uint8)
        return Sample(image, frame.boxes, frame.key)

    def identity(self) -> str:
        if not self._identity:
            digest = hashlib.sha256(repr(self._classes).encode())
            for frame in self._frames:
                digest.update(repr((frame.key.video, frame.key.frame)).encode())
                digest.update(frame.png.data)
                digest.update(describe(frame.boxes))
            self._identity = digest.hexdigest()
        return self._identity

    def prepare(self) -> Iterator[Progress | Notice]:
        return iter(())
