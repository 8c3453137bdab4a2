"""Camera masks: what of a camera's picture takes no part in scoring (a bonnet, a clock)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.project.database import Database
from framesift.project.records import VideoRecord
from framesift.project.sentences import damaged

Polygon = tuple[tuple[float, float], ...]
"""Corners (x, y) in native pixels, in order; closed by itself."""


def rectangle(x1: float, y1: float, x2: float, y2: float) -> Polygon:
    """A rectangle as a polygon.

    Args:
        x1: left, native pixels.
        y1: top.
        x2: right.
        y2: bottom.

    Returns:
        Its corners (x, y), clockwise from the top left.

    Example:
        >>> rectangle(0, 0, 4, 2)
        ((0, 0), (4, 0), (4, 2), (0, 2))
    """
    return (x1, y1), (x2, y1), (x2, y2), (x1, y2)


@dataclass(frozen=True, slots=True)
class CameraMask:
    """Excluded areas of a camera's picture of `width` × `height` native pixels. `drive` is
    the key of the drive it is for; empty: all drives of this size without one of their own."""

    width: int
    height: int
    shapes: tuple[Polygon, ...]
    drive: str = ""

    def raster(self) -> NDArray[np.bool_]:
        """bool H×W, True where a pixel's centre lies in a shape (even-odd rule)."""
        mask = np.zeros((self.height, self.width), np.bool_)
        for shape in self.shapes:
            mask |= _filled(shape, self.width, self.height)
        return mask

    def digest(self) -> str | None:
        """How the recipe of a score names this mask (FrameScorer.settings()["mask"]); None
        for one that excludes nothing."""
        mask = self.raster()
        if not mask.any():
            return None
        content = f"{mask.shape}".encode() + np.packbits(mask).tobytes()
        return hashlib.sha256(content).hexdigest()


def _filled(shape: Polygon, width: int, height: int) -> NDArray[np.bool_]:
    corners = np.asarray(shape, np.float64)
    ys = np.arange(height) + 0.5
    xs = np.arange(width) + 0.5
    inside = np.zeros((height, width), np.bool_)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        rows = np.flatnonzero((y1 <= ys) != (y2 <= ys))
        crossing = x1 + (ys[rows] - y1) * (x2 - x1) / (y2 - y1) if len(rows) else xs[:0]
        inside[rows] ^= xs[None, :] > crossing[:, None]
    return inside


class Masks:
    """The masks of a project's cameras: one camera per picture size, or per drive."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[CameraMask, ...]:
        rows = self._database.rows(
            "SELECT width, height, shapes, drive FROM masks ORDER BY drive, width, height"
        )
        return tuple(CameraMask(w, h, self._shapes(text), drive) for w, h, text, drive in rows)

    def of(self, video: VideoRecord) -> CameraMask | None:
        """The mask that holds for a video: its drive's, else its picture size's, else None."""
        row = self._database.one(
            "SELECT shapes, drive FROM masks WHERE width = ? AND height = ? AND "
            "drive IN (?, '') ORDER BY drive = '' LIMIT 1",
            (video.width, video.height, video.drive),
        )
        if row is None:
            return None
        return CameraMask(video.width, video.height, self._shapes(row[0]), row[1])

    def digests(self, videos: Iterable[VideoRecord]) -> dict[str, str | None]:
        """The digest of the mask that holds for each video, by id; None without a mask."""
        known: dict[CameraMask, str | None] = {}
        digests: dict[str, str | None] = {}
        for video in videos:
            mask = self.of(video)
            if mask is not None and mask not in known:
                known[mask] = mask.digest()
            digests[video.id] = None if mask is None else known[mask]
        return digests

    def set(self, mask: CameraMask) -> None:
        """Stores a mask in place of an earlier one for the same drive and size; without
        shapes it goes. InputError for shapes that are none."""
        for shape in mask.shapes:
            if len(shape) < 3 or not all(math.isfinite(v) for xy in shape for v in xy):
                raise InputError(
                    "A mask's shape needs at least three corners, each two numbers."
                )
        if mask.shapes and mask.raster().all():
            raise InputError("The mask covers the whole picture; leave some of it free.")
        place = (mask.drive, mask.width, mask.height)
        with self._database.writing():
            self._database.run(
                "DELETE FROM masks WHERE drive = ? AND width = ? AND height = ?", place
            )
            if mask.shapes:
                self._database.run(
                    "INSERT INTO masks VALUES (?, ?, ?, ?)", (*place, json.dumps(mask.shapes))
                )

    def _shapes(self, text: str) -> tuple[Polygon, ...]:
        try:
            shapes: Sequence[Sequence[Sequence[float]]] = self._database.json(text)
            return tuple(tuple((float(x), float(y)) for x, y in shape) for shape in shapes)
        except (ValueError, TypeError, OverflowError) as error:
            raise damaged(self._database.path, "a mask cannot be read") from error
