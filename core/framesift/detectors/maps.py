"""Probability maps of a batch of frames, and the working size that they are made at.

A detector sees a frame resized to its working height and padded to a multiple of its coarsest
step. Everything that counts in pixels inside the method (r, regions, box sizes, label filters)
counts *working* pixels; what leaves the engine is in native ones.

`ProbabilityMaps` keeps the low-resolution logits only; `.map(k)` resizes level k bilinearly
(half-pixel centres) to the padded working size, takes the sigmoid and cuts the padding off, so
a score that streams over k never holds more than one map.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

Size = tuple[int, int]
SHARED = ""
"""The class name of a map that belongs to all classes (objectness knows none of them)."""
_ALONE = 32768
"""Numbers, up to which torch does without its other threads."""


@dataclass(frozen=True, slots=True)
class WorkingSize:
    """How a frame is brought to working size. Sizes are (height, width) in pixels.

    `native`: the frame. `content`: the frame after resizing. `padded`: what the detector sees,
    `content` and what fills it up, edge replication at the bottom and right unless a detector
    says otherwise. `origin`: (top, left) of the content inside `padded`. `scale_x`, `scale_y`:
    working pixels per native pixel. Working pixels count from the content's corner.
    """

    native: Size
    content: Size
    padded: Size
    origin: Size = (0, 0)

    @property
    def scale_x(self) -> float:
        return self.content[1] / self.native[1]

    @property
    def scale_y(self) -> float:
        return self.content[0] / self.native[0]

    def to_native(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Working-pixel boxes N×4 (x1, y1, x2, y2) as native ones, clipped to the frame."""
        scaled = boxes / np.array([self.scale_x, self.scale_y] * 2)
        limit = np.array([self.native[1], self.native[0]] * 2, np.float64)
        return np.asarray(np.clip(scaled, 0.0, limit), np.float64)

    def to_working(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Native boxes N×4 as working-pixel ones (not clipped)."""
        return np.asarray(boxes * np.array([self.scale_x, self.scale_y] * 2), np.float64)


def working_size(
    height: int, width: int, working_height: int | None = 480, multiple: int = 8
) -> WorkingSize:
    """The working size of a native height×width frame: resized to `working_height` (None: not
    resized), proportions kept, padded up to a multiple of `multiple`."""
    if height < 1 or width < 1:
        raise ValueError(f"a frame of {height}×{width} pixels")
    content = (height, width)
    if working_height is not None and working_height != height:
        content = (working_height, max(1, round(width * working_height / height)))
    padded = (-(-content[0] // multiple) * multiple, -(-content[1] // multiple) * multiple)
    return WorkingSize((height, width), content, padded)


class ProbabilityMaps:
    """K lazy probability maps for each of N frames: one per level and class, level by level.

    `names[k]` is (level, class name); the name is SHARED where one map stands for all classes
    (`classes` is then (SHARED,)). `.map(k)` and iteration give float32 N×H×W in [0, 1] at the
    working content size; `.stack()` gives all of them, N×K×H×W.
    """

    def __init__(
        self,
        logits: Sequence[Tensor],
        size: WorkingSize,
        classes: Sequence[str],
        *,
        flipped: Sequence[Tensor] | None = None,
        corner: bool = False,
    ) -> None:
        """`logits`: per level N×C×h×w covering the padded working size, C = len(classes).
        `flipped`: the same of the flipped frames (flipped, then padded); their maps are
        flipped back and averaged with the others as probabilities ("double evaluation").
        `corner`: the value of a cell belongs to the cell's top-left corner, where such
        networks place their anchors, and not to its middle."""
        self.corner = corner
        self._logits = tuple(logits)
        self._flipped = None if flipped is None else tuple(flipped)
        self._dense: Tensor | None = None
        self.size = size
        self.classes = tuple(classes)
        self.names: tuple[tuple[int, str], ...] = tuple(
            (level, name) for level in range(len(self._logits)) for name in self.classes
        )
        for level in self._logits:
            if level.shape[1] != len(self.classes):
                raise ValueError(f"{level.shape[1]} logits for {len(self.classes)} classes")

    def __repr__(self) -> str:
        height, width = self.size.content
        frames = self._logits[0].shape[0] if self._logits else 0
        return f"<ProbabilityMaps: {len(self)} maps of {frames} frames, {width}×{height}>"

    @staticmethod
    def of(maps: Tensor, names: Sequence[tuple[int, str]] | None = None) -> ProbabilityMaps:
        """Wraps dense maps N×K×H×W of values in [0, 1]."""
        if maps.ndim != 4:
            raise ValueError(f"maps must be N×K×H×W, not {tuple(maps.shape)}")
        size = working_size(int(maps.shape[2]), int(maps.shape[3]), None, 1)
        wrapped = ProbabilityMaps((), size, ())
        wrapped._dense = maps
        wrapped.names = tuple(names or ((k, "") for k in range(maps.shape[1])))
        wrapped.classes = tuple(dict.fromkeys(name for _, name in wrapped.names))
        if len(wrapped.names) != maps.shape[1]:
            raise ValueError(f"{len(wrapped.names)} names for {maps.shape[1]} maps")
        return wrapped

    def __len__(self) -> int:
        return len(self.names)

    @property
    def count(self) -> int:
        """N, the number of frames."""
        return int((self._logits[0] if self._dense is None else self._dense).shape[0])

    @property
    def logits(self) -> tuple[Tensor, ...]:
        """What `__init__` was given, level by level; nothing for wrapped dense maps."""
        return self._logits

    @property
    def flipped(self) -> tuple[Tensor, ...] | None:
        """The logits of the mirror images, as `__init__` was given them."""
        return self._flipped

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, K, H, W) of `.stack()`."""
        return (self.count, len(self), *self.size.content)

    @property
    def device(self) -> torch.device:
        return (self._logits[0] if self._dense is None else self._dense).device

    def map(self, k: int) -> Tensor:
        """Map k of every frame: float32 N×H×W in [0, 1]."""
        if not -len(self) <= k < len(self):
            raise IndexError(f"map {k} of {len(self)}")
        k %= len(self)
        if self._dense is not None:
            return self._dense[:, k]
        level, column = divmod(k, len(self.classes))
        plain = self._probability(self._logits[level][:, column])
        if self._flipped is None:
            return plain
        other = self._probability(self._flipped[level][:, column])
        return (plain + other.flip(-1)).mul_(0.5)

    def _probability(self, logits: Tensor) -> Tensor:
        (height, width), (top, left) = self.size.content, self.size.origin
        values, (rows, columns) = logits[:, None].float(), self.size.padded
        if self.corner:
            # One more row and column of cells, and everything half a cell further up and left.
            down, right = (
                -(-side // cells)
                for side, cells in zip(self.size.padded, logits.shape[-2:], strict=True)
            )
            values = F.pad(values, (0, 1, 0, 1), mode="replicate")
            rows, columns, top, left = (
                rows + down,
                columns + right,
                top + down // 2,
                left + right // 2,
            )
        plain = values.device.type == "cpu" and not values.requires_grad
        enlarged = _enlarged_on_cpu if plain else _enlarged
        large = enlarged(values, rows, columns)[:, top : top + height, left : left + width]
        return _sigmoid_(large.contiguous()) if plain else large.sigmoid()

    def cells(self, k: int) -> Tensor:
        """Map k as the detector made it, before it is resized: float32 N×h×w in [0, 1], the
        padding included; of the frames themselves, without their mirror images."""
        if self._dense is not None:
            return self._dense[:, k]
        level, column = divmod(k % len(self), len(self.classes))
        return self._logits[level][:, column].float().sigmoid()

    def peak(self, k: int, frame: int) -> float:
        """An upper bound of map k in one frame, without making the map."""
        if self._dense is not None:
            return float(self._dense[frame, k].max())
        level, column = divmod(k % len(self), len(self.classes))
        highest = self._logits[level][frame, column].max().float().sigmoid()
        if self._flipped is not None:
            other = self._flipped[level][frame, column].max().float().sigmoid()
            highest = (highest + other) / 2
        return float(highest)

    def __iter__(self) -> Iterator[Tensor]:
        return (self.map(k) for k in range(len(self)))

    def stack(self) -> Tensor:
        """All maps at once, float32 N×K×H×W: convenient and large."""
        return torch.stack(list(self), 1) if self._dense is None else self._dense

    def frame(self, index: int) -> ProbabilityMaps:
        """The maps of one frame of the batch (N = 1), sharing memory."""
        if not 0 <= index < self.count:
            raise IndexError(f"frame {index} of {self.count}")
        part = slice(index, index + 1)
        if self._dense is not None:
            return ProbabilityMaps.of(self._dense[part], self.names)
        flipped = None if self._flipped is None else [m[part] for m in self._flipped]
        return ProbabilityMaps(
            [level[part] for level in self._logits],
            self.size,
            self.classes,
            flipped=flipped,
            corner=self.corner,
        )

    def only(self, classes: Sequence[str]) -> ProbabilityMaps:
        """The maps of these classes only (in the order given); all of them where they are
        shared by the classes."""
        if self.classes == (SHARED,):
            return self
        columns = [self.classes.index(name) for name in classes]
        flipped = None if self._flipped is None else [m[:, columns] for m in self._flipped]
        return ProbabilityMaps(
            [level[:, columns] for level in self._logits],
            self.size,
            classes,
            flipped=flipped,
            corner=self.corner,
        )


def _enlarged(values: Tensor, rows: int, columns: int) -> Tensor:
    """float32 N×1×h×w bilinearly as N×rows×columns, the outer borders of both the same."""
    size = (rows, columns)
    return F.interpolate(values, size, mode="bilinear", align_corners=False)[:, 0]


def _enlarged_on_cpu(values: Tensor, rows: int, columns: int) -> Tensor:
    """As `_enlarged` to rounding, in a seventh of its time."""
    large = values.new_empty((len(values), rows, columns))
    for small, picture in zip(values[:, 0].numpy(), large.numpy(), strict=True):
        cv2.resize(small, (columns, rows), picture, interpolation=cv2.INTER_LINEAR)
    return large


def _sigmoid_(values: Tensor) -> Tensor:
    # Parts too small for torch to share among its threads: those would then wait for more
    # by spinning, which slows down the scores' own work in one thread. Frame by frame, since
    # the last few numbers of a part are computed another way.
    for frame in values.flatten(1):
        for part in torch.split(frame, _ALONE):
            part.sigmoid_()
    return values
