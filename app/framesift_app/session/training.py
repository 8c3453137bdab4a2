"""The training: a fine-tuning of the detector on all labels, in a process of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift.records import Progress, closing
from framesift_app import settings
from framesift_app.session.footage import Footage
from framesift_app.session.jobs import Jobs
from framesift_app.session.labels import Labels
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.training import TrainSettings


STORED_RUN = "app.training"
MOST_STORED = 500


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training run as it goes: (step, loss), and (epoch, miss rate or None) of the
    validations; `steps` in all, 0 until known. `offered`: path and identity of a new detector
    that is measurably worse than the one in use, until somebody decides."""

    steps: int = 0
    losses: tuple[tuple[int, float], ...] = ()
    validated: tuple[tuple[int, float | None], ...] = ()
    running: bool = False
    message: str = ""
    offered: tuple[str, str] | None = None

    @staticmethod
    def of(stored: Any) -> TrainingView:
        """The run that a project has stored; nothing for what is none."""
        with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
            return TrainingView(
                int(stored["steps"]),
                tuple((int(step), float(loss)) for step, loss in stored["losses"]),
                tuple(
                    (int(epoch), None if rate is None else float(rate))
                    for epoch, rate in stored["validated"]
                ),
                message=str(stored["message"]),
            )
        return TrainingView()

    def stored(self) -> dict[str, Any]:
        """The run for the project's settings, of its losses at most some hundred."""
        step = -(-len(self.losses) // MOST_STORED) or 1
        return {
            "steps": self.steps,
            "losses": [list(loss) for loss in self.losses[::step]],
            "validated": [list(epoch) for epoch in self.validated],
            "message": self.message,
        }

    def after(self, records: list[Any]) -> TrainingView:
        """The view with some more records of the run."""
        from framesift.training import Step, Validated

        steps = [record for record in records if isinstance(record, Step)]
        validated = [record for record in records if isinstance(record, Validated)]
        return TrainingView(
            steps[-1].steps if steps else self.steps,
            (*self.losses, *((step.step, step.loss) for step in steps)),
            (*self.validated, *((epoch.epoch, epoch.miss_rate) for epoch in validated)),
            True,
        )


class Training(Part):
    """`view`: the run that goes, or went last."""

    changed = Signal()
    trained = Signal(str, str)
    """A checkpoint that was made of the labels is in use: its path and identity."""
    kept = Signal()
    """A checkpoint was made that is not in use."""

    def __init__(
        self, jobs: Jobs, worker: Worker, labels: Labels, footage: Footage, messages: Messages
    ) -> None:
        super().__init__()
        self._jobs, self._worker, self._messages = jobs, worker, messages
        self._labels, self._footage = labels, footage

    def _clear(self) -> None:
        self.view = TrainingView()
        self._children: list[Any] = []

    def read(self, project: Project) -> Any:
        return project.settings.get(STORED_RUN)

    def opened(self, project: OpenProject, stored: Any) -> None:
        super().opened(project, stored)
        self.view = TrainingView.of(stored)

    def announce(self) -> None:
        self.changed.emit()

    def trainable_frames(self) -> int:
        """How many frames may be learnt from: labelled, of the pool, not set apart."""
        return self._labels.trainable(self._footage.drives, self._footage.sampled)

    def ask_defaults(self, start: str, done: Callable[[TrainSettings], None]) -> None:
        """How what training starts from ("initial" or "current") is trained unless something
        else is asked for: done(TrainSettings)."""

        def run(project: Project) -> TrainSettings:
            from framesift.loop import settings_for

            return settings_for(project, start)

        if self._project is not None:
            self._project.ask(run, done)

    def start(
        self,
        training: TrainSettings | None = None,
        *,
        start: str = "initial",
        resume: bool = False,
        fit_boxes: bool = False,
    ) -> None:
        """Fine-tunes on all labels in a child process. Cancelling keeps what it has learnt."""
        project = self._project
        if project is None or self._jobs.active("train") is not None:
            return
        children: list[Any] = []

        def make() -> Iterator[Any]:
            from framesift.loop import train_project

            with project.borrowed() as borrowed:
                yield from with_progress(
                    train_project(
                        borrowed,
                        training,
                        start=start,
                        resume=resume,
                        device=settings.device(),
                        fit_boxes=fit_boxes,
                        worker=children,
                    )
                )

        def stop() -> bool:
            for child in children:
                child.stop()
            return bool(children)

        self._children = children
        self._show(TrainingView(running=True))
        self._jobs.start(
            "train",
            self.tr("Fine-tuning"),
            make,
            self._worker,
            project=project,
            on_records=lambda records: self._show(self.view.after(records)),
            on_end=self._over,
            stop=stop,
            on_error=self._failed,
            pausable=False,
        )

    @property
    def pid(self) -> int | None:
        """The process that trains; None when none does."""
        return self._children[-1].pid if self._children else None

    def _show(self, view: TrainingView) -> None:
        self.view = view
        self.changed.emit()

    def _end(self, message: str) -> None:
        self._show(replace(self.view, running=False, message=message))
        run = self.view.stored()
        if self._project is not None:
            self._project.ask(lambda project: project.settings.set(STORED_RUN, run))

    def _failed(self, error: BaseException) -> None:
        self._end("")
        self._messages.fail(error, "train")

    def _over(self, result: Any) -> None:
        from framesift.loop import Trained

        if not isinstance(result, Trained):
            self._end(self.tr("Stopped before anything was learnt."))
            return
        done = result.finished
        checkpoint = (str(result.checkpoint.path), result.checkpoint.identity)
        if result.verdict.worse:
            self._end(result.verdict.sentence())
            self._show(replace(self.view, offered=checkpoint))
            self._messages.tell(result.verdict.sentence())
            self.kept.emit()
            return
        message = self.tr(
            "{0} of {1} steps; the new detector is in use. Score again to see "
            "what your labels fixed."
        ).format(done.step, done.steps)
        self._end(message)
        self._messages.tell(message)
        self.trained.emit(*checkpoint)

    def take_new(self) -> None:
        """Goes on with the new detector, although it is measurably worse."""
        if self._project is None or self.view.offered is None:
            return
        path, identity = self.view.offered
        self._show(replace(self.view, offered=None, message=self.tr("The new one is in use.")))
        self._project.ask(
            lambda project: project.choose_detector(path),
            lambda _: self.trained.emit(path, identity),
        )

    def keep_old(self) -> None:
        """Stays with the detector in use; the new one is kept among the project's."""
        self._show(replace(self.view, offered=None, message=self.tr("The old one is in use.")))


LEARNING = ("starting", "preparing", "reading pictures", "training")
"""Stages of a run beside its validations, which call theirs otherwise."""


def with_progress(records: Iterator[Any]) -> Iterator[Any]:
    """The records of a training, with a Progress after each step. What comes after the last
    step, heads say, has counts of its own."""
    from framesift.training import Step

    step: Progress | None = None
    with closing(records):
        for record in records:
            if isinstance(record, Step):
                step = Progress(
                    record.step,
                    record.steps,
                    "frames",
                    record.frames_per_s,
                    record.remaining_s,
                    "training",
                )
                yield record
                yield step
            elif isinstance(record, Progress) and step is not None:
                over = step.done == step.total
                validates = (
                    record.stage == "detecting" if over else record.stage not in LEARNING
                )
                # A validation counts its own frames; the run is as far as its last step.
                yield replace(
                    record if over else step, stage="validation" if validates else record.stage
                )
            else:
                yield record
