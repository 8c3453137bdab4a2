"""Scoring a project past one process: the same scores, bit for bit, by workers that see the
same folders."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.cluster import Board, Landed, Unit, Where, run_units
from framesift.errors import InputError
from framesift.loop.detectors import keep_backend
from framesift.loop.eight_bits import of_detector
from framesift.loop.score_units import (
    KIND,
    Scored,
    ScoreUnits,
    borders,
    packed,
    picture_digest,
)
from framesift.loop.scoring import project_options
from framesift.loop.scoring_run import VideoScored, masked
from framesift.loop.unit_embeddings import UnitEmbeddings
from framesift.project import Project, VideoRecord
from framesift.records import Notice, Progress, closing
from framesift.scores import pipeline
from framesift.scores.strategies import strategy_named
from framesift.scores.unchanged import TakenOver
from framesift.series import recipe_identity
from framesift.training.process import command_for

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

UNIT_FRAMES = 2000
"""Frames that a unit has at least, where a video has them: starting a unit (a seek, a file)
costs about as much as one frame."""
FOLDER = "cluster"
"""Where in a project runs lie until they are taken in."""


def score_on_cluster(
    project: Project,
    detector: Detector,
    source: str,
    strategy: str,
    where: Where,
    *,
    options: dict[str, Any] | None = None,
    videos: Sequence[str] | None = None,
    every: int = 1,
    start: int = 0,
    stop: int | None = None,
    batch: int | None = None,
    unit_frames: int = UNIT_FRAMES,
    unchanged: float = 0.0,
) -> Iterator[VideoScored | Progress | Notice]:
    """Scores what is missing of a strategy's signals by workers, and takes in their results as
    they come, each unit in one transaction. A run that was broken off goes on with what its
    workers made meanwhile.

    Args:
        project: a project open for writing.
        detector: the one that scores.
        source: what load_detector takes for it on every machine.
        strategy: one with signals.
        where: local processes, Ray or Slurm.
        options: of FrameScorer, all but its method.
        videos: ids; None: those of the pool.
        every: each how many-th frame, 1 or more.
        start: the first frame, 0 or more.
        stop: the frame before which to end; None: the end.
        batch: frames at a time; None: what suits the device.
        unit_frames: frames per unit of work, 1 or more.
        unchanged: grey levels that a frame may differ from one whose score it takes over.

    Yields:
        Progress and Notices, and a VideoScored for each video.

    Raises:
        InputError: there is nothing to score.
        EnvironmentProblem: workers cannot be had.

    Example:
        >>> where = Where.of("slurm:2")
        >>> records = score_on_cluster(project, detector, "paper", "divergence", where)
        >>> [type(one).__name__ for one in records][-1]
        'VideoScored'
    """
    signals = strategy_named(strategy).signals
    if not signals:
        raise InputError(
            f"The strategy {strategy} looks at no score, so there is nothing for others to do; "
            "leave out --cluster."
        )
    records = (
        [project.videos.get(v) for v in videos] if videos else list(project.videos.all("pool"))
    )
    if not records:
        raise InputError(
            f"{project.folder} has no footage to score; add some with `framesift add`."
        )
    keep_backend(project, detector)
    frames = range(start, 1 << 62 if stop is None else stop, every)
    complete = project_options(project, detector, strategy, options or {})
    for signal in signals:
        chosen = {**complete, "method": signal}
        # What embeddings are made of is the same for all signals.
        embeddings = UnitEmbeddings(project) if signal == signals[0] else None
        run = ScoringRun(
            project, detector, source, chosen, batch, unit_frames, unchanged, embeddings
        )
        yield from run.score(records, frames, where)


@dataclass(frozen=True, slots=True)
class _Part:
    """A unit and where its frames belong."""

    unit: Unit
    record: VideoRecord


@dataclass(slots=True)
class ScoringRun:
    """One signal over some videos."""

    project: Project
    detector: Detector
    source: str
    options: dict[str, Any]
    batch: int | None
    unit_frames: int
    unchanged: float = 0.0
    embeddings: UnitEmbeddings | None = None
    taken_over: dict[str, TakenOver] = field(default_factory=dict)
    writers: dict[str, Any] = field(default_factory=dict)
    new: dict[str, int] = field(default_factory=dict)

    def score(
        self, records: Sequence[VideoRecord], frames: range, where: Where
    ) -> Iterator[VideoScored | Progress | Notice]:
        boards: dict[int, list[VideoRecord]] = {}
        for record in records:
            size = self.batch or pipeline.default_batch(self.detector, record)
            boards.setdefault(size, []).append(record)
        whole = True
        for size, of in boards.items():
            whole &= yield from self._board(of, frames, where, size)
        if whole and self.embeddings is not None:
            self.embeddings.end()

    def _board(
        self, records: list[VideoRecord], frames: range, where: Where, size: int
    ) -> Generator[VideoScored | Progress | Notice, None, bool]:
        """Whether nothing is left at the end."""
        shared = self._shared(size)
        parts: dict[str, _Part] = {}
        for record in records:
            for task in self._tasks(record, frames, size):
                unit = Unit.of(task, shared)
                parts[unit.key] = _Part(unit, record)
                if self.embeddings is not None:
                    count = len(range(*task["frames"]))
                    self.embeddings.expect(unit.key, count, task["recipe"])
        folder = self.project.folder / FOLDER / recipe_identity(shared)[:16]
        board = Board.create(folder, KIND, shared, [part.unit for part in parts.values()])
        command = command_for("worker")
        with closing(run_units(board, where, command, {KIND: ScoreUnits()})) as landings:
            for landing in landings:
                if not isinstance(landing, Landed):
                    yield landing
                    continue
                yield from self._take_in(board, parts[landing.key])
                if self.embeddings is not None:
                    self.embeddings.landed(landing.key)
        left = bool(board.left())
        yield from self._ended(board, records)
        return not left

    def _shared(self, size: int) -> dict[str, Any]:
        """What all units of the run have in common; part of their keys."""
        import torch

        from framesift.scores import FrameScorer

        scorer = FrameScorer(**{**self.options, "mask": None})
        return {
            "detector": self.source,
            "identity": self.detector.identity(),
            "score": scorer.settings(self.detector),
            "others": [
                str(Path(name).absolute()) if Path(name).is_file() else name
                for name in self.options.get("ensemble") or ()
            ],
            "batch": size,
            "unchanged": self.unchanged,
            "features": self.embeddings is not None,
            "run": {
                "device": self.detector.device.type,
                "precision": self.detector.precision,
                "backend": self.detector.backend
                if self.detector.backend != "onnxruntime"
                else "auto",
                "tiles": self.detector.tiles,
                "eight_bits": of_detector(self.detector),
                "threads": torch.get_num_threads(),
            },
        }

    def _tasks(self, record: VideoRecord, frames: range, size: int) -> Iterator[dict[str, Any]]:
        """The units of a video that have frames without a score."""
        scorer = masked(self.project, record, self.options)
        if getattr(scorer, "apart", None) is not None:
            raise InputError(
                f"{scorer.method} compares a frame with its neighbours in time, which units "
                "part; leave out --cluster."
            )
        recipe = pipeline.make_recipe(
            record, self.detector, scorer, size, self.unchanged
        ).settings
        writer = self.project.series.writer(
            record.id, recipe, every_s=float("inf"), every_frames=1 << 60
        )
        self.writers[record.id], self.new[record.id] = writer, 0
        self.taken_over[record.id] = TakenOver()
        with self.project.videos.open(record.id) as video:
            spans = borders(video, len(record), self.unit_frames)
            path = str(video.path.resolve())
        for first, end in spans:
            (numbers,) = pipeline.frame_numbers(
                len(record),
                start=max(first, frames.start),
                stop=min(end, frames.stop),
                every=frames.step,
            )
            if not len(numbers) or writer.scored[np.asarray(numbers)].all():
                continue
            yield {
                "video": record.id,
                "path": path,
                "fingerprint": record.fingerprint,
                "kind": record.kind,
                "stream": record.stream,
                "fps": record.fps if record.kind == "images" else None,
                "frames": [numbers.start, numbers.stop, numbers.step],
                "mask": None if scorer.mask is None else packed(scorer.mask),
                "recipe": recipe,
            }

    def _take_in(self, board: Board, part: _Part) -> Iterator[Notice]:
        """Puts a unit's result into the project, in one transaction. Frames that have a score
        keep it, so that a result that comes twice changes nothing."""
        content, record = board.result(part.unit.key), part.record
        if content is None:
            yield Notice(f"A result of {record.name} is damaged; give the command again.")
            return
        result = Scored.of_bytes(content)
        if len(result.frames):
            with self.project.videos.open(record.id) as video:
                if picture_digest(video, int(result.frames[0])) != result.picture:
                    board.drop(part.unit.key)
                    board.fail(
                        part.unit.key,
                        f"A worker decoded {record.name} to other pictures than this machine; "
                        "its scores are not taken. Have all machines run the same version of "
                        "PyAV.",
                    )
                    return
        writer = self.writers[record.id]
        for at, frame in enumerate(result.frames.tolist()):
            rows: Mapping[str, Any] = {n: of[at] for n, of in result.descriptors.items()}
            rows = rows if self.embeddings is None else self.embeddings.rows(rows)
            maxima = tuple(map(tuple, result.maxima[at][~np.isnan(result.maxima[at, :, 2])]))
            if not writer.scored[frame]:
                source = int(result.sources[at])
                self.taken_over[record.id].add(frame, None if source == frame else source)
                self.new[record.id] += 1
            writer.add(frame, float(result.scores[at]), maxima, rows)
        damaged = result.frames[result.damaged].tolist()
        if damaged:
            self.project.videos.facts.add_damaged(record.id, damaged)
        writer.commit()

    def _ended(
        self, board: Board, records: list[VideoRecord]
    ) -> Iterator[VideoScored | Notice]:
        failures = board.failures()
        for why in sorted(set(failures.values())):
            count = list(failures.values()).count(why)
            yield Notice(f"{count} unit{'s' if count != 1 else ''} left out: {why}")
        if not failures and not board.left():
            board.remove()
        for record in records:
            scored = int(self.writers[record.id].scored.sum())
            yield from self.taken_over[record.id].notices(record.name)
            yield VideoScored(record.id, self.new[record.id], scored)
