"""The labels of a clip."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property

from framesift.boxes import Box


class Labels(ABC):
    """The boxes of a clip, by frame."""

    @abstractmethod
    def boxes(self, frame: int) -> tuple[Box, ...]:
        """The boxes of a frame.

        Args:
            frame: its number.

        Returns:
            Boxes in native pixels; empty where there is nothing, or nobody looked.
        """

    @abstractmethod
    def identity(self) -> str:
        """Hex digest: the same labels, the same identity."""


class TableLabels(Labels):
    """Labels that were read whole."""

    def __init__(self, boxes: Mapping[int, Sequence[Box]]) -> None:
        self._boxes = {frame: tuple(labels) for frame, labels in boxes.items() if labels}

    def boxes(self, frame: int) -> tuple[Box, ...]:
        return self._boxes.get(frame, ())

    def identity(self) -> str:
        return self._identity

    @cached_property
    def _identity(self) -> str:
        digest = hashlib.sha256()
        for frame in sorted(self._boxes):
            digest.update(
                repr(
                    (
                        frame,
                        [
                            (
                                b.x1,
                                b.y1,
                                b.x2,
                                b.y2,
                                b.category,
                                b.ignore,
                                b.occluded,
                                b.truncated,
                            )
                            for b in self._boxes[frame]
                        ],
                    )
                ).encode()
            )
        return digest.hexdigest()
