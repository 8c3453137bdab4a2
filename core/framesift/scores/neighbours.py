"""Scoring by signals in time: every frame that is scored, and one neighbour on each side, pass
the detector once, whatever they are needed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from framesift.records import Progress, RateMeter, closing
from framesift.scores.batches import Halving, ScoredFrame, batches_of, notices_of, scored_by
from framesift.scores.time_signal import around

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.detectors.base import Detector
    from framesift.records import Notice
    from framesift.scores.scorer import FrameScorer
    from framesift.video import Frame, Video


class _Seer:
    """A signal in time as a scorer of single frames: what it keeps of each."""

    def __init__(self, scorer: FrameScorer) -> None:
        self._scorer, self.by_boxes, self.method = scorer, True, scorer.method

    def score(self, detector: Detector, frames: NDArray[np.uint8]) -> Sequence[Any]:
        return self._scorer.seen(detector, frames)


def score_in_time(
    video: Video,
    detector: Detector,
    scorers: Sequence[FrameScorer],
    numbers: Sequence[int],
    size: int,
    meter: RateMeter,
    descriptors: bool,
) -> Iterator[ScoredFrame | Progress | Notice]:
    """Scores these frames by signals in time, ascending. Raises InputError for stills."""
    run = _Waiting(video, scorers, sorted(numbers), descriptors)
    each: Any = [_Seer(scorer) for scorer in scorers]
    halving = Halving(detector, each, size)
    with closing(batches_of(video, run.needed, size)) as batches:
        for frames in batches:
            kept = halving([frame.image for frame in frames])
            yield from notices_of(video, [f for f in frames if run.scores(f.number)], halving)
            done = 0
            for frame, seen in zip(frames, kept, strict=True):
                for scored in run.add(frame, seen):
                    done += scored.signal == scorers[0].method
                    yield scored
            yield meter.advance(done)


class _Waiting:
    """Frames that wait for a later neighbour."""

    def __init__(
        self,
        video: Video,
        scorers: Sequence[FrameScorer],
        numbers: Sequence[int],
        descriptors: bool,
    ) -> None:
        self._scorers, self._descriptors = scorers, descriptors
        self._around = [
            {n: around(video, n, scorer.apart or 0.0) for n in numbers} for scorer in scorers
        ]
        every = {
            n for by_number in self._around for near, _ in by_number.values() for n in near
        }
        self.needed = sorted(every)
        self._last = {n: max(by[n][0][-1] for by in self._around) for n in numbers}
        self._first = {n: min(by[n][0][0] for by in self._around) for n in numbers}
        self._seen: dict[int, Sequence[Any]] = {}
        self._frames: dict[int, Frame] = {}
        self._left = list(numbers)

    def scores(self, number: int) -> bool:
        """Whether a frame is one of those that are scored."""
        return number in self._last

    def add(self, frame: Frame, seen: Sequence[Any]) -> Iterator[ScoredFrame]:
        """Takes in a frame, in the order of time; the scores of those that waited for it."""
        self._seen[frame.number] = seen
        if self.scores(frame.number):
            self._frames[frame.number] = frame
        while self._left and self._last[self._left[0]] <= frame.number:
            yield from self._judged(self._left.pop(0))
        oldest = self._first[self._left[0]] if self._left else frame.number + 1
        self._seen = {n: kept for n, kept in self._seen.items() if n >= oldest}

    def _judged(self, number: int) -> Iterator[ScoredFrame]:
        results = []
        for place, scorer in enumerate(self._scorers):
            near, at = self._around[place][number]
            results.append(scorer.score_between([self._seen[n][place] for n in near], at))
        frame = self._frames.pop(number)
        yield from scored_by(frame, self._scorers, results, self._descriptors)
