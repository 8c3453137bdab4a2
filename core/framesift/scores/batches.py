"""Frames through a detector batch by batch: what a batch is, what its scores become, and what
happens where memory is short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import EnvironmentProblem
from framesift.records import Notice, closing
from framesift.scores.embedding import FEATURES, OBJECT_EMBEDDING, Tap
from framesift.scores.objects import object_rows
from framesift.scores.shared import Shared
from framesift.video import Frame, Video
from framesift.video.decode import stream

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores.scorer import FrameScorer


@dataclass(frozen=True, slots=True)
class ScoredFrame:
    """One frame's score.

    `signal` is what it is scored by, `frame` the 0-based frame number, `seconds` its time from
    the first frame (None for stills), `score` the frame score z (≥ 0, or
    framesift.series.NO_BOXES), `maxima` the region maxima that contribute most, as (x, y,
    value) with x, y the native pixel of the maximum, largest first; `descriptors` by name, a
    row each (framesift.selection.DESCRIPTORS; "features": see
    framesift.scores.embedding); `damaged`: the picture is the decoder's guess; `source`: the
    frame whose score it took over, as both show the same (None: it was looked at itself).
    """

    frame: int
    score: float
    seconds: float | None = None
    maxima: tuple[tuple[float, float, float], ...] = ()
    descriptors: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    damaged: bool = False
    signal: str = ""
    source: int | None = None

    @property
    def thumbnail(self) -> NDArray[np.uint8] | None:
        """uint8 T, the descriptor that the look-alike rule compares by; None without it."""
        return self.descriptors.get("thumbnail")


def notices_of(video: Video, frames: Sequence[Frame], run: Halving) -> Iterator[Notice]:
    for frame in frames:
        if frame.corrupt:
            yield Notice(
                f"{video.name}: frame {frame.number} is damaged; its score may tell more about "
                "the damage than about the scene."
            )
    yield from run.notices()


def scored_by(
    frame: Frame,
    scorers: Sequence[FrameScorer],
    results: Sequence[Any],
    descriptors: bool,
    of_detector: Mapping[str, NDArray[Any]] | None = None,
    source: int | None = None,
) -> Iterator[ScoredFrame]:
    from framesift.selection.descriptors import described

    rows: dict[str, NDArray[Any]] = dict(described(frame.image)) if descriptors else {}
    rows |= of_detector or {}
    for scorer, result in zip(scorers, results, strict=True):
        yield ScoredFrame(
            frame.number,
            result.score,
            frame.seconds,
            result.maxima,
            rows,
            frame.corrupt,
            getattr(scorer, "method", ""),
            source,
        )
        rows = {}


def batches_of(video: Video, numbers: Sequence[int], size: int) -> Iterator[list[Frame]]:
    with closing(stream(video, numbers, prefetch=2 * size)) as frames:
        waiting: list[Frame] = []
        for frame in frames:
            if waiting and waiting[0].image.shape != frame.image.shape:
                yield waiting
                waiting = []
            waiting.append(frame)
            if len(waiting) == size:
                yield waiting
                waiting = []
        if waiting:
            yield waiting


@dataclass(frozen=True, slots=True)
class Part:
    """Frames of one batch, as they pass the detector together (`filled`, `count` of them), what
    it made of them, and their features."""

    filled: NDArray[np.uint8]
    count: int
    look: Shared
    features: Sequence[NDArray[Any]]


class Halving:
    """Scores batches of a fixed size by several scorers; out of memory halves the size for the
    rest."""

    def __init__(
        self,
        detector: Detector,
        scorers: Sequence[FrameScorer],
        size: int,
        features: bool = False,
    ) -> None:
        """`features`: whether `described` holds what each frame of the latest batch looks like
        to the detector: its features, and its objects where a scorer compares those, as far
        as the detector hands them out."""
        self._detector, self._scorers, self._size = detector, scorers, size
        self._tap = Tap() if features else None
        self._objects = features and any(
            getattr(scorer.member, "compares_objects", False) for scorer in scorers
        )
        self.described: list[dict[str, NDArray[Any]]] = []
        self._notices: list[Notice] = []

    def notices(self) -> list[Notice]:
        notices, self._notices = self._notices, []
        return notices

    @property
    def can_infer_ahead(self) -> bool:
        """Whether `inferred` has all that the scorers need of the detector, and another thread
        to run in."""
        import torch

        from framesift.detectors.base import Detector

        # What stands for a detector may keep what it is asked for in order.
        return (
            isinstance(self._detector, Detector)
            and self._detector.device.type == "cpu"
            and torch.get_num_threads() > 1
            and not self._objects
            and all(getattr(scorer, "one_look", False) for scorer in self._scorers)
        )

    def inferred(self, images: Sequence[NDArray[np.uint8]]) -> list[Part]:
        """What the detector makes of frames, to be scored later."""
        import torch

        parts = []
        for filled, count in self._parts(images):
            look = Shared(self._detector)
            # Whether gradients are made is a matter of each thread.
            with torch.no_grad(), self._watching():
                for flip in dict.fromkeys(scorer.params.flip for scorer in self._scorers):
                    look.remember(filled, flip, self._detector.infer(filled, flip=flip))
            parts.append(Part(filled, count, look, self._rows(filled)))
        return parts

    def scored(self, parts: Sequence[Part], threads: Executor) -> list[Sequence[Any]]:
        """By frame what each scorer makes of what was inferred, each frame in one of the
        threads: the network waits for the last of its own at every layer, so that what goes on
        beside it costs least where all cores have as much of it."""
        results: list[Sequence[Any]] = []
        self.described = []
        for part in parts:
            results += threads.map(partial(self._alone, part), range(part.count))
            self.described += [{FEATURES: row} for row in part.features][: part.count]
        return results

    def _alone(self, part: Part, index: int) -> Sequence[Any]:
        """What each scorer makes of one frame of a part."""
        alone: Any
        alone, frame = part.look.alone(part.filled, index)
        return [scorer.score(alone, frame)[0] for scorer in self._scorers]

    def __call__(self, images: Sequence[NDArray[np.uint8]]) -> list[Sequence[Any]]:
        """By frame what each scorer makes of it."""
        import torch

        while True:
            try:
                return self._in_parts(images)
            except torch.OutOfMemoryError as error:
                if self._size == 1:
                    raise EnvironmentProblem(
                        "One frame alone does not fit into the device's memory; close other "
                        "programs, lower the working height or use --device cpu."
                    ) from error
            # Outside the handler, so that the traceback no longer holds the tensors.
            self._size //= 2
            self._detector.release()
            self._notices.append(
                Notice(
                    f"The device's memory is short: going on with batches of {self._size}; "
                    "scores from here on may differ from a full batch's in their last bits."
                )
            )

    def _in_parts(self, images: Sequence[NDArray[np.uint8]]) -> list[Sequence[Any]]:
        results: list[Sequence[Any]] = []
        self.described = []
        for filled, count in self._parts(images):
            with self._watching():
                made, objects = self._each(filled)
            results += list(zip(*made, strict=True))[:count]
            of_frames: list[dict[str, NDArray[Any]]] = [
                {FEATURES: row} for row in self._rows(filled)
            ]
            for looks, row in zip(of_frames, objects, strict=bool(objects)):
                looks[OBJECT_EMBEDDING] = row
            self.described += of_frames[:count]
        return results

    def _parts(
        self, images: Sequence[NDArray[np.uint8]]
    ) -> Iterator[tuple[NDArray[np.uint8], int]]:
        """Full batches, the last one filled up, and how many frames of each count."""
        for first in range(0, len(images), self._size):
            part = list(images[first : first + self._size])
            yield np.stack(part + [part[-1]] * (self._size - len(part))), len(part)

    def _watching(self) -> AbstractContextManager[None]:
        return nullcontext() if self._tap is None else self._tap.watching(self._detector)

    def _rows(self, filled: NDArray[np.uint8]) -> Sequence[NDArray[Any]]:
        """The features of the latest batch."""
        if self._tap is None:
            return []
        return self._tap.rows(self._detector, *filled.shape[1:3])

    def _each(
        self, frames: NDArray[np.uint8]
    ) -> tuple[list[Sequence[Any]], list[NDArray[np.uint8]]]:
        """What each scorer makes of frames, and the rows of their objects."""
        if len(self._scorers) == 1 and not self._objects:
            return [self._scorers[0].score(self._detector, frames)], []
        look: Any = Shared(self._detector)
        # Boxes first: what is inferred with them has the maps, too.
        order = sorted(range(len(self._scorers)), key=lambda n: not self._scorers[n].by_boxes)
        made = {n: self._scorers[n].score(look, frames) for n in order}
        objects = object_rows(look, frames) if self._objects else []
        return [made[n] for n in range(len(self._scorers))], objects


Look = tuple[Sequence[Any], Mapping[str, "NDArray[Any]"]]
"""What each scorer made of a frame, and what it looks like to the detector."""


def looked_at(
    run: Halving, frames: Sequence[Frame], scores: Sequence[Sequence[Any]] | None = None
) -> dict[int, Look]:
    """What the detector's look at frames gave, by their numbers; `scores`: where it has been
    scored already."""
    if not frames:
        return {}
    if scores is None:
        scores = run([frame.image for frame in frames])
    rows: Sequence[Mapping[str, NDArray[Any]]] = run.described or [{}] * len(frames)
    return {
        frame.number: (results, row)
        for frame, results, row in zip(frames, scores, rows, strict=True)
    }
