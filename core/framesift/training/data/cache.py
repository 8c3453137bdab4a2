"""Pictures kept in memory between epochs, without loss and within a bound."""

from __future__ import annotations

import threading

import cv2
import numpy as np
from numpy.typing import NDArray

_FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)


class FrameCache:
    """Keeps pictures (uint8 H×W×3) by index until `limit` bytes are used.

    What is in stays in: epochs visit every index once in random order, so that dropping one
    picture for another gains nothing. `compress` stores PNG, about half the size at some
    milliseconds a picture. Safe to use from several threads.
    """

    def __init__(self, limit: int, *, compress: bool = False) -> None:
        self._limit, self._compress = limit, compress
        self._used = 0
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes held."""
        return self._used

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, index: int) -> bool:
        return index in self._kept

    def get(self, index: int) -> NDArray[np.uint8] | None:
        """The picture, read-only, or None when it is not here."""
        kept = self._kept.get(index)
        if kept is None or not self._compress:
            return kept
        image = np.asarray(cv2.imdecode(kept, cv2.IMREAD_UNCHANGED), np.uint8)
        image.setflags(write=False)
        return image

    def put(self, index: int, image: NDArray[np.uint8]) -> bool:
        """Keeps a picture if there is room; whether it did."""
        if self._compress:
            kept = np.asarray(cv2.imencode(".png", image, _FAST)[1], np.uint8)
        else:
            # A view would keep a whole decoded batch alive that nobody counts.
            kept = image.copy()
            kept.setflags(write=False)
        with self._lock:
            if index in self._kept:
                return True
            if self._used + kept.nbytes > self._limit:
                return False
            self._kept[index] = kept
            self._used += kept.nbytes
            return True

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._used = 0
