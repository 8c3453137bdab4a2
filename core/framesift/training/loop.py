"""The training loop: T epochs of eq. 7, stopped anywhere and gone on with exactly."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.files import make_folder
from framesift.records import Notice, Progress
from framesift.training.data import Source
from framesift.training.device import threads
from framesift.training.emphasis import emphasised
from framesift.training.kept_heads import KeptHeads
from framesift.training.mixture import Mixture, Part
from framesift.training.propagation import propagated
from framesift.training.ranks import ALONE, Ranks
from framesift.training.records import Finished, Step, Validated
from framesift.training.replay import replayed
from framesift.training.run import Run
from framesift.training.schedule import objects
from framesift.training.settings import TrainSettings
from framesift.training.teaching import Teaching, taught, unlabelled_frames
from framesift.training.weak import resolved

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

Record = Step | Validated | Progress | Notice | Finished


def train(
    detector: Detector,
    source: Source,
    settings: TrainSettings | None = None,
    out: Path | str = "training",
    *,
    validation: Source | None = None,
    resume: bool = False,
    lineage: Mapping[str, Any] | None = None,
    previous: Detector | None = None,
    ranks: Ranks | None = None,
) -> Generator[Record, None, None]:
    """Trains a detector in place on labelled frames and leaves checkpoints in a folder.

    Closing the iterator stops: `out` then holds the last whole step as a checkpoint and as the
    state from which `resume=True` goes on, with the same detector, frames and settings, to the
    very weights of an uninterrupted run (bit for bit on the CPU). `outcome(out)` says what lies
    there.

    Args:
        detector: the one to train; it then holds the weights of `Finished.checkpoint`.
        source: labelled frames.
        settings: None: the defaults. Beside the labelled frames, `replay` puts frames of the
            initial detector's own kind, `propagation` frames that boxes are followed into,
            `self_training` unlabelled frames with boxes of the average of the weights, and
            `consistency` unlabelled frames that are to agree with their flipped pictures; with
            `patience`, training ends early where the validations bring nothing more.
        out: the folder for the checkpoints and the state to resume from. Without `resume` an
            earlier run in it is removed.
        validation: labelled frames to measure on after each `settings.validate_every` epochs.
        resume: goes on with the run that lies in `out`.
        lineage: JSON-able, goes into the checkpoints' own.
        previous: the detector of the cycle before, by whose doubts HUALE's loss weighs classes;
            None in a first cycle, where all count alike. Other losses do not need it.
        ranks: which of how many processes this one is, where several train together, all with
            the same arguments; None: it is alone. Each takes its frames of every step; the
            first alone measures and writes, and only its detector ends as the result.

    Yields:
        Progress while pictures are read and between the parts of a step, a Step after each
        update, a Validated after each measurement, Notices, and last Finished.

    Raises:
        InputError: the training set is empty, shows nothing but ignore regions or has classes
            that the detector lacks; the detector is score-only; a resumption does not fit; a
            picture changed; or a loss or gradient is no longer finite.
        EnvironmentProblem: memory or disk do not suffice.

    Example:
        >>> from framesift.training.data import MemorySource, Sample
        >>> from framesift.labels import FrameKey
        >>> sample = Sample(video[0], (Box(20, 20, 40, 70),), FrameKey("clip", 0))
        >>> source = MemorySource([sample], ["pedestrian"])
        >>> records = train(detector, source, TrainSettings(epochs=1), "run-of-one")
        >>> framesift.last(records, Finished).step
        1
    """
    settings = settings or TrainSettings()
    _check(detector, source, validation)
    folder = make_folder(Path(out))
    yield Progress(0, None, "steps", stage="preparing")
    mixture, teaching = yield from _mixed(detector, source, validation, settings)
    settings = mixture.settings
    emphasis = None
    if settings.needs_previous:
        with threads(settings.threads):
            emphasis = yield from emphasised(detector, previous, source)
    heads = KeptHeads.of(detector, settings)
    with detector.learning(settings, emphasis):
        run = Run(
            detector,
            mixture,
            settings,
            folder,
            resume=resume,
            lineage=lineage or {},
            teaching=teaching,
            ranks=ranks or ALONE,
        )
        yield from run.notices
        every = settings.validate_every if validation is not None and len(validation) else 0
        try:
            if not run.state.ended or run.validation_due(every):
                yield from mixture.prepare()
                if validation is not None:
                    yield from validation.prepare()
                with threads(settings.threads):
                    yield from _steps(run, validation, every)
        finally:
            run.save_if_needed()
    finished = run.finished()
    if not run.ranks.first:
        yield finished
        return
    run.adopt()
    if not finished.stopped:
        with threads(settings.threads):
            yield from heads.trained(
                detector, source, validation, finished.checkpoint, settings.seed
            )
    yield finished


def _check(detector: Detector, source: Source, validation: Source | None) -> None:
    if not detector.trainable:
        raise InputError(
            f"The detector {detector.name!r} can score but not be trained; choose "
            "another one for fine-tuning."
        )
    if len(source) == 0:
        raise InputError(
            "There is no labelled frame to train on; label some of the picks "
            "first (a frame marked as having nothing in it counts, too)."
        )
    if not objects(source):
        raise InputError(
            "The labelled frames show nothing to learn from: no box of theirs counts. Label "
            f"frames that show {' or '.join(detector.classes)}, too."
        )
    for frames in (source, validation):
        used = (
            {b.category for i in range(len(frames)) for b in frames.boxes(i) if not b.ignore}
            if frames is not None
            else set()
        )
        lacking = sorted(used - set(detector.classes))
        if lacking:
            raise InputError(
                f"The detector does not know the class {lacking[0]!r}; give it "
                f"the classes {', '.join(source.classes)} first."
            )


def _mixed(
    detector: Detector, source: Source, validation: Source | None, settings: TrainSettings
) -> Generator[Record, None, tuple[Mixture, Teaching | None]]:
    """The labelled frames with what stands beside them; settings of what comes to nothing are
    as if nobody had asked for it."""
    parts: list[Part] = []
    count = settings.replay.of(settings.batch)
    again = (yield from replayed(settings.replay, detector, source)) if count else None
    if again is not None:
        parts.append(Part(again, count, "replayed"))
    else:
        settings = settings.with_(replay=replace(settings.replay, share=0.0))
    count = settings.propagation.of(settings.batch)
    carried = (yield from propagated(settings.propagation, source)) if count else None
    if carried is not None:
        parts.append(Part(carried.source, count, "carried", carried.weights))
    else:
        settings = settings.with_(propagation=replace(settings.propagation, frames=0))
    teaching, agreeing, settings = yield from _unlabelled(source, validation, settings)
    if teaching is not None:
        count = settings.self_training.of(settings.batch)
        parts.append(Part(teaching.source, count, "taught", teaching.source.weights))
    if agreeing is not None:
        parts.append(Part(agreeing, settings.consistency.of(settings.batch), "unlabelled"))
    labelled = yield from resolved(settings.weak, source, detector)
    return Mixture(labelled, parts, detector, settings), teaching


def _unlabelled(
    source: Source, validation: Source | None, settings: TrainSettings
) -> Generator[Record, None, tuple[Teaching | None, Source | None, TrainSettings]]:
    """What is learnt of frames that nobody has labelled: of those that the teacher labels, and
    of those that are to agree with their flipped pictures."""
    teaching: Teaching | None = None
    agreeing: Source | None = None
    if settings.self_training.enabled:
        teaching = yield from taught(settings, source, validation)
    if settings.consistency.enabled:
        agreeing = yield from unlabelled_frames(
            source, settings.consistency.frames, 0, "consistency"
        )
    settings = settings.with_(
        self_training=replace(settings.self_training, enabled=teaching is not None),
        consistency=replace(settings.consistency, enabled=agreeing is not None),
    )
    return teaching, agreeing, settings


def _steps(run: Run, validation: Source | None, every: int) -> Iterator[Record]:
    yield from _validations(run, validation, every)
    while not run.state.ended:
        yield from run.taught()
        yield from _until_taught(run, validation, every)


def _until_taught(run: Run, validation: Source | None, every: int) -> Iterator[Record]:
    """Steps up to where the teacher labels anew, or to the end."""
    state, pace = run.state, run.pace
    with contextlib.closing(run.batches()) as batches:
        for batch in batches:
            if batch is None:
                yield Progress(state.step, state.steps, "steps", stage="reading pictures")
                continue
            pace.start()
            rate = run.rate()
            for record in run.updater.update(batch, state.step, rate):
                yield record or Progress(state.step, state.steps, "steps", stage="training")
            run.stepped()
            yield Step(
                state.step,
                state.steps,
                run.epoch_of(state.step),
                run.updater.loss,
                rate,
                sum(run.mixture.counts()) / max(pace.step_s or 0.0, 1e-9),
                pace.remaining(state.steps - state.step, run.validations_left(every)),
            )
            yield from _validations(run, validation, every)
            if state.ended_early:
                yield Notice(
                    f"The last {run.settings.patience} validations brought nothing more: "
                    f"training ends after {state.step} of {state.steps} steps."
                )
                return
            if time.monotonic() - run.saved_at >= run.settings.save_every_s:
                run.save()


def _validations(run: Run, validation: Source | None, every: int) -> Iterator[Record]:
    """The validation that is due at this step, if it has not taken place."""
    if validation is None or not run.validation_due(every):
        return
    from framesift.training.validate import measure

    run.pace.start()
    measured: tuple[float | None, float] = (None, 0.0)
    if run.ranks.first:
        with run.updater.ema.resulting():
            measured = yield from measure(run.detector, validation, run.settings)
    miss_rate, iou = run.ranks.told(measured)
    run.pace.validation_s = run.pace.lap()
    yield run.validated(miss_rate, iou)
    if miss_rate is None and len(run.state.history) == 1:
        yield Notice(
            "The validation frames hold no label that counts, so there is no miss "
            "rate; the last checkpoint is the result."
        )
