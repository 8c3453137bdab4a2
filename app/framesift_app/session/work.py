"""Long work: scoring, fine-tuning, measuring, planning, labels in and out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.project import Project
from framesift.records import Progress, closing
from framesift_app import settings
from framesift_app.session.detecting import Detecting
from framesift_app.session.footage import STORED_EVERY, STORED_PLAIN, STORED_SCORE
from framesift_app.strings import percent

if TYPE_CHECKING:
    from framesift.training import TrainSettings


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training run as it goes: (step, loss), and (epoch, miss rate or None) of the
    validations; `steps` in all, 0 until known."""

    steps: int = 0
    losses: tuple[tuple[int, float], ...] = ()
    validated: tuple[tuple[int, float | None], ...] = ()
    running: bool = False
    message: str = ""


def with_progress(records: Iterator[Any]) -> Iterator[Any]:
    """The records of a training, with a Progress after each step."""
    from framesift.training import Step

    step: Progress | None = None
    with closing(records):
        for record in records:
            if isinstance(record, Step):
                step = Progress(
                    record.step, record.steps, "frames", record.frames_per_s, record.remaining_s
                )
                yield record
                yield step
            elif isinstance(record, Progress) and step is not None:
                # A validation counts its own frames; the run is as far as its last step.
                yield replace(step, stage=record.stage)
            else:
                yield record


class Work(Detecting):
    """Jobs on the project."""

    def _reset(self) -> None:
        super()._reset()
        self.training = TrainingView()
        self._children: list[Any] = []

    def score(self, every: int | None = None, **options: Any) -> None:
        """Scores what is unscored, coarse to fine, in the background; `options` go to
        FrameScorer and are remembered."""
        if self.folder is None or self.job("score") is not None:
            return
        self.every = every or self.every
        self.score_options = {**self.score_options, **options}
        stride, chosen, source = self.every, dict(self.score_options), self.detector_source

        def make() -> Iterator[Any]:
            from framesift.loop import score_project, scored_classes
            from framesift.scores import FrameScorer

            with self._project.borrowed(self._scored) as project:
                detector = self._inference.detector(source, settings.device())
                classes = scored_classes(project, detector.classes, chosen)
                plain = FrameScorer(**{**chosen, **classes}).settings(detector)
                project.settings.set(STORED_SCORE, chosen)
                project.settings.set(STORED_PLAIN, plain)
                project.settings.set(STORED_EVERY, stride)
                self._relay.post(lambda: self._score_means(plain))
                yield from score_project(
                    project, detector, options=chosen, every=stride, progressive=True
                )

        self._start_job(
            "score",
            self.tr("Scoring"),
            make,
            self._inference,
            on_records=lambda _: self._take_in_fresh(),
            on_end=self._score_over,
        )

    def _score_means(self, plain: dict[str, Any]) -> None:
        if self._plain_score != plain:
            self._plain_score = plain
            self.load_scores()

    def _score_over(self, _: Any) -> None:
        self._take_in_fresh(force=True)
        self.load_scores()

    def ask_training_defaults(self, start: str, done: Callable[[TrainSettings], None]) -> None:
        """How what training starts from ("initial" or "current") is trained unless something
        else is asked for: done(TrainSettings)."""

        def run(project: Project) -> TrainSettings:
            from framesift.loop import settings_for

            return settings_for(project, start)

        self._ask(run, done)

    def train(
        self,
        training: TrainSettings | None = None,
        *,
        start: str = "initial",
        resume: bool = False,
        fit_boxes: bool = False,
    ) -> None:
        """Fine-tunes on all labels in a child process. Cancelling keeps what it has learnt."""
        if self.folder is None or self.job("train") is not None:
            return
        worker: list[Any] = []

        def make() -> Iterator[Any]:
            from framesift.loop import train_project

            with self._project.borrowed() as project:
                yield from with_progress(
                    train_project(
                        project,
                        training,
                        start=start,
                        resume=resume,
                        device=settings.device(),
                        fit_boxes=fit_boxes,
                        worker=worker,
                    )
                )

        def stop() -> bool:
            for one in worker:
                one.stop()
            return bool(worker)

        self._children = worker
        self.training = TrainingView(running=True)
        self.trainingChanged.emit()
        self._start_job(
            "train",
            self.tr("Fine-tuning"),
            make,
            self._training,
            on_records=self._trained_some,
            on_end=self._trained,
            stop=stop,
            on_error=self._training_failed,
            pausable=False,
        )

    @property
    def training_pid(self) -> int | None:
        """The process that trains; None when none does."""
        return self._children[-1].pid if self._children else None

    def _trained_some(self, records: list[Any]) -> None:
        from framesift.training import Step, Validated

        view = self.training
        losses, validated, steps = list(view.losses), list(view.validated), view.steps
        for record in records:
            if isinstance(record, Step):
                losses.append((record.step, record.loss))
                steps = record.steps
            elif isinstance(record, Validated):
                validated.append((record.epoch, record.miss_rate))
        self.training = TrainingView(steps, tuple(losses), tuple(validated), True)
        self.trainingChanged.emit()

    def _training_failed(self, error: BaseException) -> None:
        self._training_ends("")
        self.fail(error)

    def _training_ends(self, message: str) -> None:
        view = self.training
        self.training = TrainingView(view.steps, view.losses, view.validated, False, message)
        self.trainingChanged.emit()

    def _trained(self, result: Any) -> None:
        from framesift.loop import Trained

        if not isinstance(result, Trained):
            self._training_ends(self.tr("Stopped before anything was learnt."))
            return
        done = result.finished
        message = self.tr(
            "{0} of {1} steps; the new detector is in use. Score again to see "
            "what your labels fixed."
        ).format(done.step, done.steps)
        self._training_ends(message)
        self.told.emit(message)
        self.earlier = dict(self.smoothed)
        self.use_detector(str(result.checkpoint.path), result.checkpoint.identity)
        self.choosing = True
        self.reload_cycles()

    def reload_cycles(self) -> None:
        """Reads the ledger again."""

        def read(project: Project) -> Any:
            return project.ledger.cycles(), project.ledger.events()

        def done(found: Any) -> None:
            cycles, self.events = found
            self._cycles_changed(cycles)
            self._show_picks()

        self._ask(read, done)

    def evaluate(self, **changes: Any) -> None:
        """Measures the current detector on the evaluation set."""
        source = self.detector_source

        def make() -> Iterator[Any]:
            from framesift.loop import evaluate_project

            with self._project.borrowed() as project:
                detector = self._inference.detector(source, settings.device())
                yield from evaluate_project(project, detector, changes)

        if self.folder is not None and self.job("evaluate") is None:
            self._start_job(
                "evaluate", self.tr("Measuring"), make, self._inference, on_end=self._measured
            )

    def _measured(self, result: Any) -> None:
        self.reload_cycles()
        with contextlib.suppress(AttributeError):
            rate = result.evaluation.summary().get("miss_rate")
            self.told.emit(
                self.tr("Miss rate {0} at one false positive per image.").format(percent(rate))
                if rate is not None
                else self.tr(
                    "There is no miss rate yet: none of the labels to measure "
                    "by is high enough "
                    "to count."
                )
            )

    def plan(self, budget: int, epochs: int = 50) -> None:
        """Measures what a budget will cost: finished("plan", Plan)."""
        source, every = self.detector_source, self.every

        def make() -> Iterator[Any]:
            from framesift.loop import plan_project

            with self._project.borrowed() as project:
                detector = self._inference.detector(source, settings.device())
                yield from plan_project(
                    project, detector, budget=budget, epochs=epochs, every=every
                )

        if self.folder is not None and self.job("plan") is None:
            self._start_job("plan", self.tr("Planning"), make, self._inference)

    def import_labels(self, path: str | Path, **options: Any) -> None:
        """Brings labels in; one gesture that undo takes back. Options as the engine's."""

        def make() -> Iterator[Any]:
            from framesift.loop import import_labels

            with self._project.borrowed() as project:
                yield from import_labels(project, Path(path), **options)

        if self.folder is not None:
            self._start_job(
                "import",
                self.tr("Importing labels"),
                make,
                self._files,
                on_end=self._imported,
                pausable=False,
            )

    def _imported(self, result: Any) -> None:
        def read(project: Project) -> Any:
            return (project.labels.all(), project.labels.undo_text, project.labels.redo_text)

        def done(found: Any) -> None:
            labels, self.undo_text, self.redo_text = found
            changed = {*labels, *self._labels}
            self._labels = dict(labels)
            self._footage_again()
            self._show_picks()
            for key in changed:
                self.labelsChanged.emit(key)
            self.historyChanged.emit()

        self._ask(read, done)
        with contextlib.suppress(AttributeError):
            self.told.emit(
                self.tr("{0} boxes in {1} frames came in.").format(result.boxes, result.frames)
            )

    def export_labels(self, out: str | Path, format: str, **options: Any) -> None:
        """Writes the labels as a new folder, read back and compared."""

        def make() -> Iterator[Any]:
            from framesift.loop import export_labels

            with self._project.borrowed() as project:
                yield from export_labels(project, Path(out), format=format, **options)

        if self.folder is not None:
            self._start_job(
                "export",
                self.tr("Exporting labels"),
                make,
                self._files,
                on_end=self._exported,
                pausable=False,
            )

    def _exported(self, result: Any) -> None:
        with contextlib.suppress(AttributeError):
            self.told.emit(
                self.tr("{0} boxes in {1} frames were written to {2}.").format(
                    result.boxes, result.frames, result.folder
                )
            )
