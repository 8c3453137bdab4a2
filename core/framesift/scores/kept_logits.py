"""Detectors as a score sees them, with logits in half precision that can be kept: one that
rounds them as it goes, and one that gives kept ones back without its network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.detectors.base import Inference
from framesift.detectors.maps import ProbabilityMaps, WorkingSize

if TYPE_CHECKING:
    from framesift.detectors.base import Detector, Frames
    from framesift.scores.scorer import FrameScore, FrameScorer

HALF = "float16"


class Rounded:
    """A detector whose maps are made of logits rounded to float16; what it gave since the last
    `take` is remembered. Everything else is the detector's."""

    logits = HALF
    """How recipes call it."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._given: list[ProbabilityMaps] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._detector, name)

    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        """The detector's, with maps of rounded logits."""
        made = self._detector.infer(frames, flip=flip, boxes=boxes, threshold=threshold)
        maps = of_logits(
            [_half(level) for level in made.maps.logits],
            made.maps.size,
            made.maps.classes,
            None
            if made.maps.flipped is None
            else [_half(level) for level in made.maps.flipped],
            made.maps.corner,
        )
        self._given.append(maps)
        return Inference(maps, made.predictions)

    def release(self) -> None:
        """The detector's; a batch that did not fit is begun anew."""
        self._given.clear()
        self._detector.release()

    def take(self) -> list[ProbabilityMaps]:
        """What `infer` gave since the last call, in order."""
        given, self._given = self._given, []
        return given

    def as_detector(self) -> Detector:
        """Itself, for those who ask for a detector."""
        return cast("Detector", self)


class Replayed:
    """A detector that gives kept maps, whatever the frames show."""

    logits = HALF

    def __init__(self, detector: Detector, maps: ProbabilityMaps) -> None:
        self._detector, self._maps = detector, maps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._detector, name)

    def infer(self, frames: Frames, *, flip: bool = False, **_: Any) -> Inference:
        """The kept maps; the network does not run."""
        return Inference(self._maps, None)

    def as_detector(self) -> Detector:
        """Itself, for those who ask for a detector."""
        return cast("Detector", self)


def of_logits(
    levels: Sequence[NDArray[np.float16]],
    size: WorkingSize,
    classes: Sequence[str],
    flipped: Sequence[NDArray[np.float16]] | None,
    corner: bool,
) -> ProbabilityMaps:
    """Maps of logits in half precision, N×C×h×w per level."""
    return ProbabilityMaps(
        [_full(level) for level in levels],
        size,
        classes,
        flipped=None if flipped is None else [_full(level) for level in flipped],
        corner=corner,
    )


class Kept(Protocol):
    """Kept logits of some frames: a level's are float16 N×C×h×w; `size` as WorkingSize has
    it."""

    @property
    def levels(self) -> Sequence[NDArray[np.float16]]: ...
    @property
    def flipped(self) -> Sequence[NDArray[np.float16]] | None: ...
    @property
    def size(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def corner(self) -> bool: ...


def replayed(
    detector: Detector, scorer: FrameScorer, kept: Kept, rows: Sequence[int]
) -> Iterator[FrameScore]:
    """The scores of rows of kept logits, in order. Frames are scored side by side, one a
    thread, as many as torch has: a score runs in one thread, and no frame depends on another.
    """
    size = WorkingSize(*kept.size)

    def score_row(row: int) -> FrameScore:
        maps = of_logits(
            [level[row : row + 1] for level in kept.levels],
            size,
            kept.classes,
            None if kept.flipped is None else [level[row : row + 1] for level in kept.flipped],
            kept.corner,
        )
        # What the frame shows is not asked for, only its size.
        blank = np.broadcast_to(np.uint8(0), (1, *size.native, 3))
        return scorer.score(Replayed(detector, maps).as_detector(), blank)[0]

    pool = ThreadPoolExecutor(max(1, torch.get_num_threads()), "framesift-rescore")
    try:
        yield from pool.map(score_row, rows)
    finally:
        pool.shutdown(cancel_futures=True)


def joined(parts: Sequence[ProbabilityMaps], count: int) -> ProbabilityMaps:
    """The first `count` frames of several batches of one size as one."""
    first = parts[0]
    flipped = [part.flipped for part in parts if part.flipped is not None]
    return ProbabilityMaps(
        _columns([part.logits for part in parts], count),
        first.size,
        first.classes,
        flipped=_columns(flipped, count) if flipped else None,
        corner=first.corner,
    )


def _columns(parts: Sequence[Sequence[Tensor]], count: int) -> list[Tensor]:
    return [torch.cat(list(levels))[:count] for levels in zip(*parts, strict=True)]


def _half(level: Tensor) -> NDArray[np.float16]:
    return np.asarray(level.detach().to("cpu", torch.float16).numpy())


def _full(level: NDArray[np.float16]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(level)).float()
