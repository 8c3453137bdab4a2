"""One video's scoring: what is left of it, batch by batch, and what is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.loop.keeping import Keeper, keeper
from framesift.project import Project, VideoRecord
from framesift.project.unchanged import Unchanged
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.scores import pipeline
from framesift.scores.embedding import FIT_ON
from framesift.scores.pipeline import ScoredFrame
from framesift.scores.unchanged import TakenOver
from framesift.video import FileVideo, Video
from framesift.video.hardware import on_hardware

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


class ScoringRun:
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
        unchanged: float,
        hardware: str | None = None,
    ) -> None:
        from framesift.scores.kept_logits import Rounded

        if unchanged and keep_logits is not None:
            raise InputError(
                "Logits are kept of every frame; leave out --unchanged or --keep-logits."
            )
        self._unchanged = unchanged if keep_logits is None else None
        self._hardware, self._is_proven = hardware, False
        self.taken_over = TakenOver()
        rounded = None if keep_logits is None else Rounded(detector)
        detector = detector if rounded is None else rounded.as_detector()
        self.record, self._detector, self.missing = record, detector, ""
        self._project, self._videos = project, project.videos
        self._batch = batch or pipeline.default_batch(detector, record)
        each = [{**options, "method": name} for name in signals] or [options]
        scorers = [masked(project, record, some) for some in each]
        self._scorers = {scorer.method: scorer for scorer in scorers}
        self._recipes = {
            name: pipeline.make_recipe(
                record, detector, scorer, self._batch, self._unchanged
            ).settings
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

    def __enter__(self) -> ScoringRun:
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
            if self._hardware is not None:
                video = yield from self._by_device(video, self._hardware)
                stack.callback(video.close)
            left = self._left(numbers)
            # What an earlier run scored counts as done, but not as speed.
            meter.total = (meter.total or 0) - (len(numbers) - sum(map(len, left.values())))
            yield meter.progress()
            for names, some in left.items():
                yield from self._scored(video, names, some, meter)
            self._commit()

    def _by_device(self, video: Video, hardware: str) -> Generator[Notice, None, Video]:
        """A reader of the video that a device decodes; the video itself where it may not."""
        if self._is_proven and isinstance(video, FileVideo):
            return video.decoded_on(hardware)
        chosen, told = on_hardware(video, hardware)
        self._is_proven = chosen is not video
        if chosen is video:
            self._hardware = None
        yield Notice(told)
        return chosen

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
            video,
            self._detector,
            scorers,
            left,
            self._batch,
            meter,
            features=True,
            unchanged=self._unchanged,
        )
        batch: list[int] = []
        with closing(records):
            for record in records:
                if isinstance(record, ScoredFrame):
                    self._keep(record)
                    if record.signal == names[0]:
                        self.new += 1
                        batch.append(record.frame)
                        self.taken_over.add(record.frame, record.source)
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
