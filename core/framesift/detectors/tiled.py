"""A detector that sees the frame in overlapping tiles, so that memory goes by the tile.

The frame is brought to working size as ever, cut into tiles of one size at multiples of the
coarsest step, and every tile is a picture of its own to the detector. What comes back lies on
one grid: the value of a map's cell is that of the tile whose inner border is farther, so maps
have no seams but where a network sees further than the overlap. K is the detector's own.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.boxes import Box, Prediction
from framesift.detectors.base import Detector, Frames, Inference, check_frames
from framesift.detectors.devices import Precision
from framesift.detectors.flip import averaged
from framesift.detectors.maps import ProbabilityMaps, WorkingSize, working_size
from framesift.detectors.prepare import working_batch
from framesift.detectors.run_settings import parse_tiles
from framesift.detectors.tiles import OVERLAP, Spans, joined, spans, stitched, together
from framesift.detectors.torchvision_base import flip_back
from framesift.errors import InputError

if TYPE_CHECKING:
    from framesift.detectors.backends.engine import Engine


def tiled(detector: Detector, tiles: str) -> Detector:
    """The detector on tiles "COLUMNSxROWS"; itself for "1x1" and ""."""
    columns, rows = parse_tiles(tiles or "1x1")
    return detector if (columns, rows) == (1, 1) else Tiled(detector, columns, rows)


class Tiled(Detector):
    """See the module. `plain`: the detector, whole; it trains, is saved and is exported.

    columns, rows: of tiles. overlap: working pixels that neighbours share at least (at best as
    many as the network sees to one side). A box that an inner border cuts goes where another
    tile sees the thing whole. `flip`: boxes of both views are averaged as in `detectors.flip`.
    Raises InputError (when it is used) for detectors that resize every picture themselves.
    """

    def __init__(
        self, detector: Detector, columns: int, rows: int, overlap: int = OVERLAP
    ) -> None:
        if columns < 1 or rows < 1 or overlap < 0:
            raise ValueError(f"{columns}×{rows} tiles that share {overlap} pixels")
        self.architecture = detector.architecture
        super().__init__(
            detector.module, detector.classes, detector.settings, detector.working_height
        )
        self._plain, self.columns, self.rows, self.overlap = detector, columns, rows, overlap
        for name in (
            "heads",
            "trainable",
            "regresses_boxes",
            "has_maps",
            "suffix",
            "frozen_batch_norm",
            "name",
            "lineage",
            "device",
            "precision",
            "engine",
        ):
            setattr(self, name, getattr(detector, name))
        self.multiple = detector.coarsest or detector.multiple
        self.tiles = f"{columns}x{rows}"
        # Tiles are at working size already.
        self._tile = copy.copy(detector)
        self._tile.working_height = None

    @property
    def plain(self) -> Detector:
        return self._plain

    @property
    def backend(self) -> str:
        return self._plain.backend

    def run_by(self, engine: Engine | None) -> Self:
        for detector in (self._plain, self._tile):
            detector.run_by(engine)
        self.engine = engine
        return self

    def grid(self, size: WorkingSize) -> tuple[Spans, Spans]:
        """The tiles' rows and columns, as intervals of the padded working size."""
        (height, width), step = size.padded, self.multiple
        return (
            spans(height, self.rows, self.overlap, step),
            spans(width, self.columns, self.overlap, step),
        )

    def geometry(self, height: int, width: int) -> WorkingSize:
        if self.columns == self.rows == 1:
            return self._plain.geometry(height, width)
        return working_size(height, width, self.working_height, self.multiple)

    def seen_at_once(self, height: int, width: int) -> tuple[int, int]:
        rows, columns = self.grid(self.geometry(height, width))
        return rows[0][1], columns[0][1]

    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        check_frames(frames)
        if self.columns == self.rows == 1:
            return self._plain.infer(frames, flip=flip, boxes=boxes, threshold=threshold)
        size = self.geometry(*frames.shape[1:3])
        # With two views a box that only one of them knows counts half.
        least = 0.0 if flip else threshold
        maps, predictions = self._view(working_batch(frames, size), size, boxes, least)
        if not flip:
            return Inference(maps, predictions)
        others, second = self._view(working_batch(frames, size, flip=True), size, boxes, least)
        if self.has_maps:
            maps = ProbabilityMaps(
                maps.logits, size, maps.classes, flipped=others.logits, corner=maps.corner
            )
        if predictions is None or second is None:
            return Inference(maps, None)
        return Inference(
            maps,
            tuple(
                averaged(
                    plain,
                    flip_back(flipped, size.native[1]),
                    nms_iou=self._nms_iou(),
                    threshold=threshold,
                )
                for plain, flipped in zip(predictions, second, strict=True)
            ),
        )

    def _view(
        self, pictures: Frames, size: WorkingSize, boxes: bool, threshold: float
    ) -> tuple[ProbabilityMaps, tuple[Prediction, ...] | None]:
        rows, columns = self.grid(size)
        parts = [
            self._tile.infer(self._cut(pictures, row, column), boxes=boxes, threshold=threshold)
            for row in rows
            for column in columns
        ]
        maps = (
            stitched([part.maps for part in parts], rows, columns, size)
            if self.has_maps
            else ProbabilityMaps.of(torch.zeros(len(pictures), 0, *size.content), ())
        )
        if not boxes:
            return maps, None
        places = [(row, column) for row in rows for column in columns]
        return maps, tuple(
            together(
                [part.predictions[n] for part in parts if part.predictions],
                places,
                size,
                self._nms_iou(),
            )
            for n in range(len(pictures))
        )

    def raw_boxes(self, frames: Frames, threshold: float = 0.05) -> list[Prediction]:
        """Of all tiles; a box that a tile cuts is among them."""
        check_frames(frames)
        if self.columns == self.rows == 1:
            return self._plain.raw_boxes(frames, threshold)
        size = self.geometry(*frames.shape[1:3])
        rows, columns = self.grid(size)
        pictures = working_batch(frames, size)
        places = [(row, column) for row in rows for column in columns]
        parts = [
            self._tile.raw_boxes(self._cut(pictures, row, column), threshold)
            for row, column in places
        ]
        return [joined([part[n] for part in parts], places, size) for n in range(len(frames))]

    def _cut(self, pictures: Frames, row: tuple[int, int], column: tuple[int, int]) -> Frames:
        cut = np.ascontiguousarray(pictures[:, row[0] : row[1], column[0] : column[1]])
        size = self._tile.geometry(*cut.shape[1:3])
        if not size.native == size.content == size.padded:
            raise InputError(
                f"The detector {self.name!r} brings every picture to a size of "
                "its own, so it cannot work on tiles; use it without --tiles."
            )
        return cut

    def _nms_iou(self) -> float:
        return float(self.settings.get("nms_iou", 0.5))

    def dropout_maps(
        self, frames: Frames, passes: int, rate: float, seed: int = 0
    ) -> Iterator[ProbabilityMaps]:
        """Every tile meets the same masks."""
        check_frames(frames)
        if self.columns == self.rows == 1:
            yield from self._plain.dropout_maps(frames, passes, rate, seed)
            return
        size = self.geometry(*frames.shape[1:3])
        rows, columns = self.grid(size)
        pictures = working_batch(frames, size)
        # Tile by tile: only the small logits of all passes are kept.
        parts = [
            list(self._tile.dropout_maps(self._cut(pictures, row, column), passes, rate, seed))
            for row in rows
            for column in columns
        ]
        for maps in zip(*parts, strict=True):
            yield stitched(maps, rows, columns, size)

    # What the plain detector does

    def loss(
        self,
        frames: Frames,
        labels: Sequence[Sequence[Box]],
        *,
        generator: torch.Generator,
        settings: object = None,
        at_working_scale: bool = False,
    ) -> Tensor:
        return self._plain.loss(
            frames,
            labels,
            generator=generator,
            settings=settings,
            at_working_scale=at_working_scale,
        )

    def best_iou(self, boxes: Sequence[Box], native: tuple[int, int]) -> NDArray[np.float64]:
        return self._plain.best_iou(boxes, native)

    def with_classes(self, classes: Sequence[str]) -> Self:
        grown = self._plain.with_classes(classes)
        return (
            self
            if grown is self._plain
            else type(self)(grown, self.columns, self.rows, self.overlap)
        )

    def network(self) -> nn.Module:
        return self._plain.network()

    def file_content(self) -> bytes | None:
        return self._plain.file_content()

    def to(
        self, device: torch.device | str | None = None, precision: Precision | None = None
    ) -> Self:
        for detector in (self._plain, self._tile):
            detector.to(device, precision)
        self.device, self.precision = self._plain.device, self._plain.precision
        return self

    def forget(self) -> None:
        self._plain.forget()
        self._tile.forget()

    def release(self) -> None:
        self._plain.release()
        self._tile.release()

    def weights_version(self) -> tuple[int, int]:
        return self._plain.weights_version()

    def _digest(self) -> str:
        about = f"{self._plain.identity()} {self.columns}x{self.rows} tiles, {self.overlap}"
        return hashlib.sha256(about.encode()).hexdigest()
