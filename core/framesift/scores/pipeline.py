"""From a video to frame scores: decode → batch → detect → score, overlapped.

A frame's score depends on its picture and the recipe alone: every batch that the detector
sees has the same size (the last one of a pass is filled up by repeating its last frame), so
that where a run was interrupted leaves no trace in the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores.ahead import looks
from framesift.scores.batches import Halving, Look, notices_of, scored_by
from framesift.scores.batches import ScoredFrame as ScoredFrame
from framesift.scores.neighbours import score_in_time
from framesift.scores.unchanged import TakenOver, groups_of, tolerance_of
from framesift.video import Video

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer

COARSEST = 64
"""First stride of a progressive run; it halves from pass to pass."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What has to be equal for two scores to be comparable bit for bit; JSON-able."""

    settings: dict[str, Any]

    @property
    def batch(self) -> int:
        return int(self.settings["batch"])


class Shape(Protocol):
    """What has to be known of a video before it is opened; a Video knows it."""

    @property
    def kind(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


Record = Recipe | ScoredFrame | Progress | Notice


def frame_numbers(
    length: int,
    *,
    start: int = 0,
    stop: int | None = None,
    every: int = 1,
    progressive: bool = False,
) -> list[range]:
    """The passes of a run, as ranges of frame numbers.

    One ascending pass normally; `progressive` goes from every 64th sample to every 32nd and
    so on, each pass holding only what the earlier ones left out. Samples are the multiples
    of `every` in [start, stop), counted from frame 0, so that runs over different parts of a
    video share one grid.
    """
    if every < 1:
        raise InputError(f"Every {every}th frame cannot be scored; give a number from 1 up.")
    stop = length if stop is None else min(stop, length)
    start = max(0, start)

    def grid(stride: int, offset: int) -> range:
        first = start + (offset - start) % stride
        return range(first, max(first, stop), stride)

    if not progressive:
        return [grid(every, 0)]
    passes = [grid(every * COARSEST, 0)]
    stride = every * COARSEST
    while stride > every:
        passes.append(grid(stride, stride // 2))
        stride //= 2
    return [numbers for numbers in passes if len(numbers)]


def make_recipe(
    video: Shape,
    detector: Detector,
    scorer: FrameScorer,
    batch: int,
    unchanged: float | None = 0.0,
) -> Recipe:
    """The recipe under which `video` would be scored now."""
    import torch

    size = detector.geometry(video.height, video.width) if video.kind != "stills" else None
    # Apart from the score's settings: cameras have masks of their own.
    settings = scorer.settings(detector)
    mask = settings.pop("mask", None)
    settings_of_run: dict[str, Any] = (
        {} if detector.tiles == "1x1" else {"tiles": detector.tiles}
    )
    # Passes with dropout are torch's always.
    if detector.engine is not None and "dropout" not in scorer.member.needs:
        settings_of_run |= detector.engine.recipe
    # Frames that take over the score of one with the same pixels get what they would get.
    if getattr(scorer, "apart", None) is None and tolerance_of(video.kind, unchanged):
        settings_of_run["unchanged"] = unchanged
    # Of detectors whose maps are made of rounded logits (scores.kept_logits).
    if hasattr(detector, "logits"):
        settings_of_run["logits"] = detector.logits
    return Recipe(
        {
            **settings_of_run,
            "detector": detector.identity(),
            "score": settings,
            "mask": mask,
            "working": list(size.content) if size else detector.working_height,
            "precision": str(detector.precision),
            "device": detector.device.type,
            "batch": batch,
            "threads": torch.get_num_threads(),
            "torch": torch.__version__.split("+")[0],
        }
    )


def use_threads(count: int) -> None:
    """Sets the processor threads of the network; they are part of a recipe."""
    import torch

    torch.set_num_threads(count)


def default_batch(detector: Detector, video: Shape) -> int:
    """A batch size for this device: 2 on a CPU, where larger ones are no faster (measured) and
    the next picture should not wait; on a GPU as many frames as keep its memory under a
    quarter at a generous estimate of the network's needs, a power of two from 1 to 64."""
    if video.kind == "stills" or detector.device.type == "cpu":
        return 1 if video.kind == "stills" else 2
    import torch

    height, width = detector.seen_at_once(video.height, video.width)
    memory = 4 << 30
    if detector.device.type == "cuda":
        memory = torch.cuda.get_device_properties(detector.device).total_memory
    need = height * width * 4 * 160
    return 1 << max(0, min(6, int(memory / 4 / need).bit_length() - 1))


def score(
    video: Video,
    detector: Detector,
    method: str | None = None,
    *,
    scorer: FrameScorer | Sequence[FrameScorer] | None = None,
    start: int = 0,
    stop: int | None = None,
    every: int = 1,
    progressive: bool = False,
    batch: int | None = None,
    scored: NDArray[np.bool_] | None = None,
    descriptors: bool = True,
    features: bool = False,
    unchanged: float | None = 0.0,
    hardware: str | None = None,
    **options: Any,
) -> Iterator[Record]:
    """Scores the frames of a video, one record per frame. Out of memory halves the batch and
    goes on.

    Args:
        video: what `open_video` gave.
        detector: what `load_detector` gave.
        method: a score by its name; None: that of the default strategy, or the divergence
            where settings of it are given.
        scorer: a FrameScorer, or several that share one pass, in the place of `method` and
            `options`.
        start: the first frame, 0 or more.
        stop: the frame before which to end; None: the end of the video.
        every: each how many-th frame is scored, 1 or more.
        progressive: coarse to fine, in passes (see `frame_numbers`).
        batch: frames at a time, 1 or more; None: what suits the device.
        scored: bool, one per frame, True for frames that need no scoring again.
        descriptors: whether the frames get their thumbnails, too.
        features: whether the frames get the means of the detector's features, too.
        unchanged: grey levels, 0 or more, that a frame may differ from an earlier one whose
            score it takes over (see framesift.scores.unchanged); 0: in no pixel, which changes
            no number; None: every frame passes the detector.
        hardware: the kind of device that decodes the video, where it gives the same pictures
            (see framesift.video.hardware); None: the processor.
        **options: those of FrameScorer: reduction, radius, region, passes, rate, flip, mask, …

    Yields:
        The Recipe of each scorer first; then a ScoredFrame for each frame in the order of the
        passes, a Progress after each batch, and Notices where something was out of the
        ordinary.

    Raises:
        InputError: a setting makes no sense, or the video cannot be read.

    Example:
        >>> records = score(video, detector, radius=3, every=6)
        >>> [record.frame for record in framesift.drain(records) if hasattr(record, "score")]
        [0, 6]
    """
    from framesift.scores import FrameScorer
    from framesift.scores.strategies import usual_strategy

    scorer = scorer or FrameScorer(method=method or usual_strategy(options), **options)
    scorers = [*scorer] if isinstance(scorer, Sequence) else [scorer]
    size = batch or default_batch(detector, video)
    passes: list[Sequence[int]] = list(
        frame_numbers(len(video), start=start, stop=stop, every=every, progressive=progressive)
    )
    if scored is not None:
        passes = [_left(numbers_of_pass, scored) for numbers_of_pass in passes]
    numbers = [n for numbers_of_pass in passes for n in numbers_of_pass]
    yield from (make_recipe(video, detector, each, size, unchanged) for each in scorers)
    if hardware is not None:
        # Drawn footage is scored without FFmpeg.
        from framesift.video.hardware import on_hardware

        video, told = on_hardware(video, hardware)
        yield Notice(told)
    meter, taken_over = RateMeter(len(numbers), "frames", "scoring"), TakenOver()
    first = getattr(scorers[0], "method", "")
    yield meter.progress()
    for numbers_of_pass in passes:
        for record in score_numbers(
            video,
            detector,
            scorers,
            numbers_of_pass,
            size,
            meter,
            descriptors,
            features,
            unchanged,
        ):
            if isinstance(record, ScoredFrame) and record.signal == first:
                taken_over.add(record.frame, record.source)
            yield record
    yield from taken_over.notices(video.name)


def _left(numbers: Sequence[int], scored: NDArray[np.bool_]) -> Sequence[int]:
    missing = np.asarray(numbers, np.int64)
    return [int(n) for n in missing[~scored[missing]]]


def score_numbers(
    video: Video,
    detector: Detector,
    scorers: Sequence[FrameScorer],
    numbers: Sequence[int],
    size: int,
    meter: RateMeter,
    descriptors: bool = True,
    features: bool = False,
    unchanged: float | None = 0.0,
) -> Iterator[Record]:
    """Scores these frames in this order by each scorer, `size` at a time; a Progress of `meter`
    follows each batch. The part of `score` that goes on where another run stopped. Scorers
    share what the detector makes of a frame, and give what they give alone. `descriptors`:
    whether the frames are described, too (once); `features`: whether by the detector's
    features as well (see framesift.scores.embedding); `unchanged`: as `score` says.

    Those that compare a frame with its neighbours in time look at the frames again.
    """
    alone = [scorer for scorer in scorers if getattr(scorer, "apart", None) is None]
    in_time = [scorer for scorer in scorers if scorer not in alone]
    if alone:
        run = Halving(detector, alone, size, features)
        known: dict[int, Look] = {}
        with closing(groups_of(video, numbers, size, unchanged)) as groups:
            for group, more in looks(run, groups):
                known |= more
                for some in group.portions(size):
                    yield from notices_of(video, [frame for frame, _ in some], run)
                    for frame, source in some:
                        results, row = known[source]
                        taken_over = None if source == frame.number else source
                        yield from scored_by(
                            frame, alone, results, descriptors, row, taken_over
                        )
                    yield meter.advance(0 if in_time else len(some))
                known = {n: known[n] for n in group.needed_later & known.keys()}
    if in_time:
        described_now = descriptors and not alone
        yield from score_in_time(video, detector, in_time, numbers, size, meter, described_now)
