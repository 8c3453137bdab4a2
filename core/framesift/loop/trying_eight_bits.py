"""Scoring in 8 bits: calibrated on a project's own frames, and kept only where it is shown to
choose the same ones."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import EnvironmentProblem, InputError
from framesift.evaluation.ranks import spearman
from framesift.loop.eight_bits import BY
from framesift.loop.scoring import project_options
from framesift.project import Project
from framesift.project.strategy import usual_strategy_of
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.video.decode import stream

if TYPE_CHECKING:
    from framesift.detectors.backends.eight_bit import Ranges
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer

LEAST = 0.9
"""Share of the picks that 8 bits have to choose like the detector as it is."""
CALIBRATE, COMPARE = 32, 96
"""Frames, spread evenly over the pool; none is among both."""
Pictures = list[NDArray[np.uint8]]
_PICKED = 5
"""One in so many of the compared frames counts as picked."""


@dataclass(frozen=True, slots=True)
class EightBits:
    """What 8 bits do to a detector's scores on a project's frames.

    detector: identity of the detector. ranges: what its convolutions met. calibrated, compared:
    frames. picks: of the compared frames, how many count as picked, those of the highest
    score; same: how many of these both choose. rank_correlation: Spearman's, of the frame
    scores. difference: median relative one of the frame scores. ms, ms_before: a frame, with 8
    bits and as the detector runs without them, medians, in turns.
    """

    detector: str
    ranges: Ranges
    calibrated: int
    compared: int
    picks: int
    same: int
    rank_correlation: float
    difference: float
    ms: float
    ms_before: float

    @property
    def agrees(self) -> bool:
        """Whether enough picks are the same to keep it."""
        return self.same >= LEAST * self.picks

    def document(self) -> dict[str, Any]:
        """As JSON has it, without the ranges."""
        names = (name for name in self.__slots__ if name != "ranges")
        return {name: getattr(self, name) for name in names} | {"agrees": self.agrees}


def try_eight_bits(
    project: Project, detector: Detector, *, calibrate: int = CALIBRATE, compare: int = COMPARE
) -> Iterator[EightBits | Progress | Notice]:
    """Calibrates 8 bits on frames of the pool and scores other ones both ways. Nothing is kept.

    Args:
        project: an open project.
        detector: the one that scores, without 8 bits, on the processor.
        calibrate: frames to calibrate on, 1 or more.
        compare: frames to compare on, 10 or more.

    Yields:
        Progress, a Notice for a video that cannot be opened, and last the EightBits.

    Raises:
        InputError: there is no footage, or the detector has no dense network, runs on a
            graphics card or sees a frame in tiles.
        EnvironmentProblem: OpenVINO is not here, or cannot take the network.

    Example:
        >>> try_eight_bits(project, detector, calibrate=2, compare=10).close()
    """
    import torch

    from framesift.detectors.backends import BACKENDS, eight_bit
    from framesift.detectors.backends.engine import Engine
    from framesift.scores import FrameScorer

    _check(detector)
    strategy = usual_strategy_of(project)
    options = project_options(project, detector, strategy, {})
    scorer = FrameScorer(**{**options, "method": strategy, "mask": None})
    frames = yield from _frames(project, calibrate, compare)
    pictures = [_picture(detector, frame) for frame in frames[0]]
    meter = RateMeter(len(pictures), "frames", "calibrating 8 bits")
    ranges = None
    for record in eight_bit.calibrated(
        detector.network(), detector.multiple, pictures, torch.get_num_threads()
    ):
        if isinstance(record, int):
            yield meter.advance()
        else:
            ranges = record
    assert ranges is not None
    rounded = copy.copy(detector).run_by(Engine(BACKENDS[BY], ranges))
    scores, seconds = [], []
    meter = RateMeter(len(frames[1]), "frames", "comparing picks")
    for number, frame in enumerate(frames[1]):
        both = [_scored(scorer, way, frame) for way in (detector, rounded)]
        scores.append([score for score, _ in both])
        # The first makes the networks ready.
        if number:
            seconds.append([taken for _, taken in both])
        yield meter.advance()
    yield _compared(detector, ranges, len(pictures), np.array(scores), np.array(seconds))


def keep_eight_bits(project: Project, tried: EightBits) -> None:
    """Has the project's detector score in 8 bits from now on. A detector that is trained
    afterwards scores as it is until 8 bits are calibrated to it.

    Args:
        project: a project open for writing.
        tried: what was shown.

    Raises:
        InputError: too few picks are the same.

    Example:
        >>> import dataclasses
        >>> records = try_eight_bits(project, detector, calibrate=2, compare=10)
        >>> tried = framesift.last(records, EightBits)
        >>> keep_eight_bits(project, dataclasses.replace(tried, same=0))
        Traceback (most recent call last):
        ...
        framesift.errors.InputError: In 8 bits 0 of 2 picks are the same, ...
    """
    if not tried.agrees:
        raise InputError(
            f"In 8 bits {tried.same} of {tried.picks} picks are the same, fewer than "
            f"{LEAST:.0%}; the detector goes on as it is."
        )
    project.settings.set_eight_bits(
        {"detector": tried.detector, "ranges": tried.ranges.to_json()}
    )


def _check(detector: Detector) -> None:
    from framesift.detectors.backends import BACKENDS
    from framesift.detectors.running import has_network

    problem = BACKENDS[BY].why_unavailable()
    if problem is not None:
        raise EnvironmentProblem(problem)
    if not has_network(detector):
        raise InputError(
            f"The detector {detector.name!r} has no dense network that could be run in 8 bits."
        )
    if detector.device.type != "cpu":
        raise InputError("8 bits are of the processor; choose --device cpu.")
    if detector.tiles != "1x1":
        raise InputError("8 bits and tiles do not go together; give --tiles 1x1.")


def _frames(
    project: Project, calibrate: int, compare: int
) -> Generator[Progress | Notice, None, tuple[Pictures, Pictures]]:
    """Yields Progress and Notices; returns frames to calibrate on and frames to compare on."""
    records = project.videos.all("pool")
    total = sum(len(record) for record in records)
    if total < 2:
        raise InputError(
            f"{project.folder} has no footage to calibrate 8 bits on; add some with "
            "`framesift add`."
        )
    count = min(calibrate + compare, total)
    places = np.unique(np.linspace(0, total - 1, count).round().astype(int))
    parts: tuple[Pictures, Pictures] = ([], [])
    every = max(2, round(count / max(1, min(calibrate, count // 2))))
    meter = RateMeter(len(places), "frames", "reading frames")
    first, seen = 0, 0
    for record in records:
        here = places[(places >= first) & (places < first + len(record))] - first
        first += len(record)
        if not len(here):
            continue
        try:
            video = project.videos.open(record.id)
        except InputError as error:
            yield Notice(f"{record.name} is left out: {error}")
            continue
        with video, closing(stream(video, here.tolist())) as read:
            for frame in read:
                parts[0 if seen % every == 0 else 1].append(frame.image)
                seen += 1
                yield meter.advance()
    return parts


def _picture(detector: Detector, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from framesift.detectors.prepare import working_batch

    return working_batch(frame[None], detector.geometry(*frame.shape[:2]))


def _scored(
    scorer: FrameScorer, detector: Detector, frame: NDArray[np.uint8]
) -> tuple[float, float]:
    began = time.perf_counter()
    score = float(scorer.score(detector, frame[None])[0].score)
    return score, time.perf_counter() - began


def _compared(
    detector: Detector,
    ranges: Ranges,
    calibrated: int,
    scores: NDArray[np.float64],
    seconds: NDArray[np.float64],
) -> EightBits:
    before, after = scores.T
    picks = max(1, len(scores) // _PICKED)
    chosen = [set(np.argsort(-each, kind="stable")[:picks].tolist()) for each in scores.T]
    correlation = spearman(before, after)
    largest = max(float(np.abs(before).max()), 1e-30)
    ms = 1000 * np.median(seconds, axis=0)
    return EightBits(
        detector.identity(),
        ranges,
        calibrated,
        len(scores),
        picks,
        len(chosen[0] & chosen[1]),
        0.0 if np.isnan(correlation) else correlation,
        float(np.median(np.abs(after - before) / np.maximum(np.abs(before), 1e-3 * largest))),
        float(ms[1]),
        float(ms[0]),
    )
