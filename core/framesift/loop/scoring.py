"""Scoring a project's footage: resumable, one series per video and recipe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.loop.detectors import keep_backend
from framesift.loop.keeping import Keeper, keeper
from framesift.project import Project, VideoRecord
from framesift.project.unchanged import Unchanged
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores import pipeline
from framesift.scores.embedding import FIT_ON
from framesift.scores.pipeline import ScoredFrame
from framesift.video import FileVideo, Video

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
    """The FrameScorer options that a project leaves open: what `options` say; else what the
    project keeps; else, where the detector knows more classes than the project labels, those
    that both have.

    Args:
        project: an open project.
        known: the detector's classes.
        options: of FrameScorer.

    Returns:
        `classes` and `class_weights`; None for all, or all alike.

    Example:
        >>> scored_classes(project, ["pedestrian", "car"], {})["classes"]
        ['pedestrian']
    """
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
    from framesift.scores import SCORES, TIME_SIGNALS

    chosen = {**options, **scored_classes(project, detector.classes, options)}
    if category:
        chosen |= {"classes": [category], "class_weights": None}
    method = str(chosen.get("method", "")).replace("-", "_")
    if method in TIME_SIGNALS:
        # A single picture has no neighbours.
        chosen["method"] = "entropy" if detector.has_maps else "box_entropy"
    elif not detector.has_maps and method in SCORES:
        chosen["method"] = "box_entropy"
    return chosen


def score_project(
    project: Project,
    detector: Detector,
    *,
    options: dict[str, Any] | None = None,
    signals: Sequence[str] = (),
    videos: Sequence[str] | None = None,
    every: int = 1,
    start: int = 0,
    stop: int | None = None,
    progressive: bool = False,
    batch: int | None = None,
    keep_logits: float | None = None,
) -> Iterator[VideoScored | ScoredFrame | Progress | Notice]:
    """Scores what is unscored in the pool, and stores it as it goes.

    Committed frames are never scored again; a run that is killed loses at most the last two
    seconds. Progress counts the frames of all videos. Closing the generator commits. A video
    that is gone or changed is left out, with a Notice.

    Args:
        project: a project open for writing.
        detector: the one that scores.
        options: of FrameScorer; see `scored_classes` for what they leave open.
        signals: the scores to make, out of as few passes as there can be; one that a frame has
            is not made again. (): the options' method.
        videos: ids; None: those of the pool.
        every: each how many-th frame, 1 or more.
        start: the first frame, 0 or more.
        stop: the frame before which to end; None: the end.
        progressive: all videos get their coarse pass before any gets a finer one.
        batch: frames at a time; None: what suits the device.
        keep_logits: gigabytes that the project's kept logits may take in all; scores are then
            those of logits rounded to float16, under a recipe of their own, and
            `rescore_project` makes others of them. None: none are kept.

    Yields:
        ScoredFrames, Progress and Notices, and last a VideoScored for each video.

    Raises:
        InputError: there is nothing to score, or no video can be found.
        EnvironmentProblem: a file changes meanwhile; what was scored of it since it was last
            known to be the same is not kept.

    Example:
        >>> records = score_project(project, detector, every=6, options={"radius": 3})
        >>> framesift.last(records, VideoScored).scored
        2
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
    keep_backend(project, detector)
    with contextlib.ExitStack() as stack:
        chosen = {**(options or {}), **scored_classes(project, detector.classes, options or {})}
        runs = [
            stack.enter_context(
                _Run(project, detector, record, chosen, signals, batch, keep_logits)
            )
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
                if number < len(of_video) and not run.missing:
                    yield from run.score(of_video[number], meter)
                    if len(runs) == 1 and run.missing:
                        raise InputError(run.missing)
        if all(run.missing for run in runs):
            raise InputError(" ".join(run.missing for run in runs))
        runs[-1].settle(done=True)
        for run in runs:
            if run.missing:
                continue
            yield VideoScored(run.record.id, run.new, int(run.scored.sum()))


class _Run:
    """One video's scoring: opened once, written to one series for each signal."""

    def __init__(
        self,
        project: Project,
        detector: Detector,
        record: VideoRecord,
        options: dict[str, Any],
        signals: Sequence[str],
        batch: int | None,
        keep_logits: float | None,
    ) -> None:
        from framesift.scores.kept_logits import Rounded

        rounded = None if keep_logits is None else Rounded(detector)
        detector = detector if rounded is None else rounded.as_detector()
        self.record, self._detector, self.missing = record, detector, ""
        self._project, self._videos = project, project.videos
        self._batch = batch or pipeline.default_batch(detector, record)
        each = [{**options, "method": name} for name in signals] or [options]
        scorers = [masked(project, record, some) for some in each]
        self._scorers = {scorer.method: scorer for scorer in scorers}
        self._recipes = {
            name: pipeline.make_recipe(record, detector, scorer, self._batch).settings
            for name, scorer in self._scorers.items()
        }
        self._writers = {
            name: project.series.writer(record.id, recipe)
            for name, recipe in self._recipes.items()
        }
        # What embeddings depend on is the same for all signals.
        self._embeddings = project.embeddings(next(iter(self._recipes.values())))
        self._frames = {video.id: len(video) for video in project.videos.all("pool")}
        self.new = 0
        self._keeper: Keeper | None = None
        if rounded is not None and keep_logits is not None:
            if len(scorers) > 1:
                raise InputError(
                    "Logits are kept for one score at a time; choose a strategy of one signal."
                )
            (method,) = self._scorers
            self._keeper = keeper(
                project, record.id, scorers[0], self._recipes[method], rounded, keep_logits
            )

    def __enter__(self) -> _Run:
        return self

    def __exit__(self, *error: object) -> None:
        if self._keeper is not None:
            list(self._keeper.flush())
        self._commit()

    @property
    def scored(self) -> NDArray[np.bool_]:
        """bool per frame: whether it has every signal."""
        every = np.stack([writer.scored for writer in self._writers.values()])
        return np.asarray(every.all(0), np.bool_)

    def _commit(self) -> None:
        with contextlib.ExitStack() as stack:
            # Whatever one of them raises, the others keep what they have.
            for writer in self._writers.values():
                stack.callback(writer.commit)

    def score(
        self, numbers: range, meter: RateMeter
    ) -> Iterator[ScoredFrame | Progress | Notice]:
        with contextlib.ExitStack() as stack:
            # Opened for each pass anew: hundreds of open decoders would not fit.
            try:
                video = stack.enter_context(self._videos.open(self.record.id))
            except InputError as error:
                self.missing = str(error)
                meter.total = (meter.total or 0) - len(numbers)
                yield Notice(f"{self.record.name} is left out: {error}")
                yield meter.progress()
                return
            for writer in self._writers.values():
                writer.guard = Unchanged(video).check
            self._note_damage(video)
            left = self._left(numbers)
            # What an earlier run scored counts as done, but not as speed.
            meter.total = (meter.total or 0) - (len(numbers) - sum(map(len, left.values())))
            yield meter.progress()
            for names, some in left.items():
                yield from self._scored(video, names, some, meter)
            self._commit()

    def _left(self, numbers: range) -> dict[tuple[str, ...], list[int]]:
        """The frames that lack something, by the signals that they lack."""
        left: dict[tuple[str, ...], list[int]] = {}
        for number in numbers:
            lacks = tuple(
                name for name, writer in self._writers.items() if not writer.scored[number]
            )
            if lacks:
                left.setdefault(lacks, []).append(number)
        return left

    def _scored(
        self, video: Video, names: Sequence[str], left: list[int], meter: RateMeter
    ) -> Iterator[ScoredFrame | Progress | Notice]:
        scorers = [self._scorers[name] for name in names]
        records = pipeline.score_numbers(
            video, self._detector, scorers, left, self._batch, meter, features=True
        )
        batch: list[int] = []
        with closing(records):
            for record in records:
                if isinstance(record, ScoredFrame):
                    self._keep(record)
                    if record.signal == names[0]:
                        self.new += 1
                        batch.append(record.frame)
                    if self.new % FIT_ON == 0 and record.signal == names[-1]:
                        self.settle()
                    yield record
                elif isinstance(record, Progress | Notice):
                    if isinstance(record, Progress) and self._keeper is not None:
                        yield from self._keeper.batch(batch)
                        batch = []
                    yield record

    def _keep(self, record: ScoredFrame) -> None:
        if record.damaged:
            self._videos.facts.add_damaged(self.record.id, [record.frame])
        rows = self._embeddings.rows(record.descriptors)
        self._writers[record.signal].add(record.frame, record.score, record.maxima, rows)

    def settle(self, *, done: bool = False) -> None:
        """Makes embeddings of the features that wait for it, where there are enough, or with
        `done` however many there are."""
        self._commit()
        self._embeddings.settle(self._frames, done=done)

    def _note_damage(self, video: Video) -> None:
        """Remembers which frames are damaged, and lets those be scored again that no longer
        are. A series that a cycle was selected from stays as it is."""
        facts, known = self._videos.facts, self._videos.facts.damaged(self.record.id)
        if not isinstance(video, FileVideo):
            return
        facts.add_damaged(self.record.id, video.table.damaged)
        well = known - video.table.damaged if video.table.checked == "all" else frozenset()
        facts.mended(self.record.id, well)
        for name, recipe in self._recipes.items():
            series = self._project.series.get(self.record.id, recipe)
            if well and series is not None and not self._project.series.selected_from(series):
                self._writers[name].rescore(well)
