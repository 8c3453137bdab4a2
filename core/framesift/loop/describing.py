"""What a strategy needs of a project's footage: the scores that it ranks by, or, where it looks
at no score, what its rules compare frames by."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.errors import InputError
from framesift.loop.scoring import project_options, score_project
from framesift.loop.scoring_run import VideoScored
from framesift.project import Project, VideoRecord
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores.pipeline import ScoredFrame
from framesift.scores.strategies import strategy_named
from framesift.selection.descriptors import described, of_pictures
from framesift.selection.timeline import EVERY_FRAME, Grid
from framesift.video.decode import stream
from framesift.video.hardware import UNUSED

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

BATCH = 256
"""Frames whose descriptors are stored at once."""
Record = VideoScored | ScoredFrame | Progress | Notice


def score_strategy(
    project: Project,
    detector: Detector | None,
    strategy: str,
    *,
    options: dict[str, Any] | None = None,
    videos: Iterable[str] | None = None,
    descriptors: Iterable[str] = (),
    every: int = 1,
    start: int = 0,
    stop: int | None = None,
    progressive: bool = False,
    batch: int | None = None,
    keep_logits: float | None = None,
    unchanged: float = 0.0,
    hardware: str | None = None,
) -> Iterator[Record]:
    """Scores what is missing of a strategy's signals, out of one pass, as `score_project` does.
    A strategy without signals needs no detector: the missing descriptors of its frames are
    made.

    Args:
        project: a project open for writing.
        detector: what scores; None for a strategy without signals.
        strategy: a name, or a .toml file.
        options: of FrameScorer, all but its method; see `project_options` for what they leave
            open.
        videos: ids; None: those of the pool.
        descriptors: names of those that a strategy without signals compares frames by.
        every: each how many-th frame, 1 or more.
        start: the first frame, 0 or more.
        stop: the frame before which to end; None: the end.
        progressive: coarse to fine, all videos' coarse pass first.
        batch: frames at a time; None: what suits the device.
        keep_logits: gigabytes that kept logits may take; None: none are kept.
        unchanged: grey levels that a frame may differ from one whose score it takes over.
        hardware: the kind of device that decodes; None: the processor.

    Yields:
        Records as `score_project` or `describe_project` yields them.

    Raises:
        InputError: the strategy is unknown, and as score_project.
        EnvironmentProblem: as score_project.

    Example:
        >>> records = score_strategy(project, None, "uniform", descriptors=["thumbnail"])
        >>> framesift.last(records, VideoScored).scored
        12
    """
    signals = strategy_named(strategy).signals
    chosen = None if videos is None else list(videos)
    if signals:
        assert detector is not None
        yield from score_project(
            project,
            detector,
            options=project_options(project, detector, strategy, options or {}),
            signals=signals,
            videos=chosen,
            every=every,
            start=start,
            stop=stop,
            progressive=progressive,
            batch=batch,
            keep_logits=keep_logits,
            unchanged=unchanged,
            hardware=hardware,
        )
    else:
        if hardware is not None:
            yield Notice(UNUSED)
        grid = Grid(every, start, stop)
        yield from describe_project(project, descriptors, videos=chosen, grid=grid)


def describe_project(
    project: Project,
    names: Iterable[str],
    *,
    videos: Iterable[str] | None = None,
    grid: Grid = EVERY_FRAME,
) -> Iterator[VideoScored | Progress | Notice]:
    """Makes the descriptors that frames lack, and stores them as it goes. Closing the generator
    keeps what is done. A video that is gone or changed is left out, with a Notice.

    Args:
        project: a project open for writing.
        names: of descriptors that are made of a picture.
        videos: ids; None: those of the pool.
        grid: the frames to describe.

    Yields:
        Progress and Notices, and a VideoScored for each video.

    Raises:
        InputError: there is no footage, or none of it can be opened.

    Example:
        >>> records = describe_project(project, ["thumbnail"])
        >>> framesift.last(records, VideoScored).scored
        12
    """
    chosen = of_pictures(names)
    records = (
        [project.videos.get(video) for video in videos]
        if videos is not None
        else list(project.videos.all("pool"))
    )
    if not records:
        raise InputError(
            f"{project.folder} has no footage to choose from; add some with `framesift add`."
        )
    missing = {record.id: _missing(project, record, chosen, grid) for record in records}
    meter = RateMeter(sum(map(len, missing.values())), "frames", "comparing frames")
    yield meter.progress()
    lost: list[str] = []
    for record in records:
        numbers = missing[record.id]
        if numbers:
            reason = yield from _describe(project, record, numbers, chosen, meter)
            if reason is not None:
                lost.append(reason)
                continue
        count = int(grid.of(len(record)).sum())
        yield VideoScored(record.id, len(numbers), count)
    if len(lost) == len(records):
        raise InputError(" ".join(lost))


def _missing(
    project: Project, record: VideoRecord, names: tuple[str, ...], grid: Grid
) -> list[int]:
    there = np.ones(len(record), np.bool_)
    for name in names:
        there &= project.series.described(record.id, name)
    return [int(number) for number in np.flatnonzero(grid.of(len(record)) & ~there)]


def _describe(
    project: Project,
    record: VideoRecord,
    numbers: list[int],
    names: tuple[str, ...],
    meter: RateMeter,
) -> Generator[Progress | Notice, None, str | None]:
    """Why the video cannot be opened; None where it can."""
    waiting: dict[int, Any] = {}
    try:
        video = project.videos.open(record.id)
    except InputError as error:
        meter.total = (meter.total or 0) - len(numbers)
        yield Notice(f"{record.name} is left out: {error}")
        return str(error)
    try:
        with video, closing(stream(video, numbers)) as frames:
            for frame in frames:
                waiting[frame.number] = described(frame.image, names)
                if len(waiting) == BATCH:
                    project.series.describe(record.id, waiting)
                    waiting = {}
                yield meter.advance()
    finally:
        project.series.describe(record.id, waiting)
    return None
