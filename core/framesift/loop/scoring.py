"""Scoring a project's footage: resumable, one series per video and recipe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.project import Project, VideoRecord
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores import pipeline
from framesift.scores.pipeline import ScoredFrame

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer


@dataclass(frozen=True, slots=True)
class VideoScored:
    """A video of the project whose wanted frames all have scores now; `new` were missing."""

    video: str
    new: int
    scored: int


def masked(project: Project, record: VideoRecord, options: dict[str, Any]) -> FrameScorer:
    """The scorer for one video: the given options, with its camera's mask."""
    from framesift.scores import FrameScorer

    mask = project.masks.of(record)
    if mask is None or options.get("mask") is not None:
        return FrameScorer(**options)
    return FrameScorer(**{**options, "mask": mask.raster()})


def scored_classes(
    project: Project, known: Sequence[str], options: Mapping[str, Any]
) -> dict[str, Any]:
    """The FrameScorer options `classes` and `class_weights` for a detector that knows the
    classes `known`: what `options` say; else what the project keeps; else, where the detector
    knows more classes than the project labels, those that both have."""
    kept = project.settings.scored_classes
    classes = options.get("classes", kept or None)
    if kept is None and "classes" not in options:
        shared = [name for name in known if name in project.classes]
        classes = shared if 0 < len(shared) < len(known) else None
    weights = options.get("class_weights", project.settings.class_weights) or None
    return {"classes": classes, "class_weights": weights}


def heat_options(
    project: Project, detector: Detector, options: Mapping[str, Any], category: str = ""
) -> dict[str, Any]:
    """The FrameScorer options of a heat map: those of the score, or of one class alone. A
    detector without maps shows how unsure its boxes are."""
    from framesift.scores import SCORES

    chosen = {**options, **scored_classes(project, detector.classes, options)}
    if category:
        chosen |= {"classes": [category], "class_weights": None}
    if not detector.has_maps and str(chosen.get("method", "")).replace("-", "_") in SCORES:
        chosen["method"] = "box_entropy"
    return chosen


def score_project(
    project: Project,
    detector: Detector,
    *,
    options: dict[str, Any] | None = None,
    videos: Sequence[str] | None = None,
    every: int = 1,
    start: int = 0,
    stop: int | None = None,
    progressive: bool = False,
    batch: int | None = None,
) -> Iterator[VideoScored | ScoredFrame | Progress | Notice]:
    """Scores what is unscored in the pool (or in `videos`, ids), and stores it as it goes.

    `options` go to FrameScorer; see `scored_classes` for what they leave open. Committed
    frames are never scored again; a run that is killed loses at most the last two seconds.
    Progress counts the frames of all videos. Closing the generator commits. With `progressive`
    all videos get their coarse pass before any gets a finer one.

    Raises InputError when there is nothing to score or a video cannot be found.
    """
    records = (
        [project.videos.get(v) for v in videos] if videos else list(project.videos.all("pool"))
    )
    if not records:
        raise InputError(
            f"{project.folder} has no footage to score; add some with `framesift add`."
        )
    total = sum(
        len(pipeline.frame_numbers(len(r), start=start, stop=stop, every=every)[0])
        for r in records
    )
    meter = RateMeter(total, "frames", "scoring")
    with contextlib.ExitStack() as stack:
        chosen = {**(options or {}), **scored_classes(project, detector.classes, options or {})}
        runs = [
            stack.enter_context(_Run(project, detector, record, chosen, batch))
            for record in records
        ]
        passes = [
            pipeline.frame_numbers(
                len(run.record), start=start, stop=stop, every=every, progressive=progressive
            )
            for run in runs
        ]
        for number in range(max(map(len, passes))):
            for run, of_video in zip(runs, passes, strict=True):
                if number < len(of_video):
                    yield from run.score(of_video[number], meter)
        for run in runs:
            yield VideoScored(run.record.id, run.new, int(run.writer.scored.sum()))


class _Run:
    """One video's scoring: opened once, written to one series."""

    def __init__(
        self,
        project: Project,
        detector: Detector,
        record: VideoRecord,
        options: dict[str, Any],
        batch: int | None,
    ) -> None:
        self.record, self._detector = record, detector
        self._scorer = masked(project, record, options)
        self._videos = project.videos
        self._batch = batch or pipeline.default_batch(detector, record)
        recipe = pipeline.make_recipe(record, detector, self._scorer, self._batch)
        self.writer = project.series.writer(record.id, recipe.settings)
        self.new = 0

    def __enter__(self) -> _Run:
        return self

    def __exit__(self, *error: object) -> None:
        self.writer.commit()

    def score(
        self, numbers: range, meter: RateMeter
    ) -> Iterator[ScoredFrame | Progress | Notice]:
        left = [n for n in numbers if not self.writer.scored[n]]
        if len(left) < len(numbers):
            # What an earlier run scored counts as done, but not as speed.
            meter.total = (meter.total or 0) - (len(numbers) - len(left))
        if not left:
            yield meter.progress()
            return
        # Opened for each pass anew: hundreds of open decoders would not fit.
        with (
            self._videos.open(self.record.id) as video,
            closing(
                pipeline.score_numbers(
                    video, self._detector, self._scorer, left, self._batch, meter
                )
            ) as records,
        ):
            for record in records:
                if isinstance(record, ScoredFrame):
                    self.writer.add(
                        record.frame, record.score, record.maxima, record.descriptors
                    )
                    self.new += 1
                    yield record
                elif isinstance(record, Progress | Notice):
                    yield record
