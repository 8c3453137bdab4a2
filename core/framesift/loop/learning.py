"""Training and measuring in one call each, for scripts and notebooks.

The settings that these functions take are those of the command line; what somebody gives wins
over a preset, a preset over the defaults.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sized
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.detectors.run_settings import RunSettings
from framesift.errors import InputError
from framesift.evaluation import Evaluation, EvaluationSettings
from framesift.evaluation import evaluate as evaluating
from framesift.evaluation.settings import PRESETS as EVALUATION_PRESETS
from framesift.loop.detectors import current_detector
from framesift.loop.evaluating import Measurement, evaluate_project
from framesift.loop.given import (
    FramesLike,
    chosen_run,
    detector_of,
    labelled_items,
    preset_of,
    running,
    sorted_out,
    source_of,
)
from framesift.loop.training import MAKER, Trained, settings_for, train_project
from framesift.project import Project
from framesift.records.draining import last
from framesift.records.settings import made
from framesift.records.signatures import keywords, with_settings
from framesift.training import Finished, TrainSettings, default_settings
from framesift.training import preset as training_preset
from framesift.training import train as training
from framesift.training.replay_settings import Replay
from framesift.training.schedule import Labels

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


_RUN = keywords(RunSettings)


@with_settings(lambda: keywords(TrainSettings))
def train(
    detector: str | PathLike[str] | Detector | Project,
    frames: FramesLike | None = None,
    out: str | PathLike[str] = "training",
    *,
    validation: FramesLike | None = None,
    resume: bool = False,
    preset: str | None = None,
    device: str = "auto",
    progress: bool = False,
    **settings: Any,
) -> Finished:
    """Fine-tunes a detector on labelled frames.

    Args:
        detector: a name, a checkpoint file, or what `framesift.load_detector` gave, which then
            is trained in place; or a Project, whose labels it learns from and which adopts the
            result.
        frames: pairs of a picture, uint8 H×W×3 (RGB), and its boxes; a data set of
            `framesift.open_dataset`; or a training source. None for a Project.
        out: the folder for the checkpoints and the state to resume from.
        validation: labelled frames to measure on while it trains, in the same forms.
        resume: goes on with the run that lies in `out`.
        preset: a set of defaults: "steady", "paper", "classic", "sgd", "adamw", "torchvision";
            None for that of the detector's architecture and the number of labels.
        device: where a detector that is given by name trains.
        progress: shows a bar, in a terminal or a notebook.

    Returns:
        Finished: the checkpoint to go on with, the steps and epochs done, the miss rates.

    Raises:
        InputError: there is nothing to learn from, or the detector or a setting does not fit.
        EnvironmentProblem: memory or disk do not suffice.

    Example:
        >>> from framesift.boxes import Box
        >>> labelled = [(video[n], [Box(20, 20, 40, 70)]) for n in (0, 6)]
        >>> done = framesift.train(detector, labelled, "run", preset="classic", epochs=1)
        >>> done.step, done.checkpoint.name
        (1, 'last.safetensors')
    """
    (given,) = sorted_out(settings, "training", keywords(TrainSettings))
    if isinstance(detector, Project):
        if frames is not None or validation is not None:
            raise InputError(
                "A project trains on its own labels; leave frames and validation out."
            )
        usual = settings_for(detector, name=preset)
        of_project = train_project(
            detector, usual.with_given(given), resume=resume, device=device
        )
        return last(of_project, Trained, progress=progress).finished
    if frames is None:
        raise InputError("There is nothing to train on; give pairs of picture and boxes.")
    learner = detector_of(detector, device)
    source = source_of(frames, learner.classes)
    checked = None if validation is None else source_of(validation, learner.classes)
    usual = _usual(learner, preset, Labels.of(source, checked))
    records = training(
        learner, source, usual.with_given(given), Path(out), validation=checked, resume=resume
    )
    return last(records, Finished, progress=progress)


def _usual(learner: Detector, preset: str | None, labels: Labels) -> TrainSettings:
    """How a detector is trained on so many labels unless something else is asked for; drawn
    frames are replayed only to those that have learnt from them."""
    if preset is not None:
        return training_preset(preset, labels)
    settings = default_settings(learner.architecture, labels)
    drawn = learner.lineage.get("made_by") == MAKER
    return settings if drawn else settings.with_(replay=Replay())


@with_settings(lambda: keywords(EvaluationSettings, RunSettings))
def evaluate(
    detector: str | PathLike[str] | Detector | Project,
    frames: FramesLike | None = None,
    *,
    preset: str | None = None,
    progress: bool = False,
    **settings: Any,
) -> Evaluation:
    """Measures a detector on labelled frames: miss rate against false positives per image, and
    COCO's mean average precision.

    Args:
        detector: a name, a checkpoint file, or what `framesift.load_detector` gave; or a
            Project, whose current detector is measured on its evaluation set and whose ledger
            keeps the result.
        frames: pairs of a picture, uint8 H×W×3 (RGB), and its boxes; a data set of
            `framesift.open_dataset`; or a training source. None for a Project.
        preset: "paper" for the values of the paper where nothing else is given.
        progress: shows a bar, in a terminal or a notebook.

    Returns:
        An Evaluation: a result per class and IoU. It plots and becomes a table.

    Raises:
        InputError: there is no labelled frame, or the detector or a setting does not fit.

    Example:
        >>> from framesift.boxes import Box
        >>> labelled = [(video[n], [Box(20, 20, 40, 70)]) for n in (0, 6)]
        >>> framesift.evaluate(detector, labelled, resamples=0, min_height=20)
        <Evaluation: 2 frames, 2 labels of pedestrian, miss rate 100.0 % at IoU 0.3>
    """
    given, run = sorted_out(settings, "evaluation", keywords(EvaluationSettings), _RUN)
    changes = {**preset_of(preset, EVALUATION_PRESETS), **given}
    if isinstance(detector, Project):
        if frames is not None:
            raise InputError("A project is measured on its evaluation set; leave frames out.")
        chosen = chosen_run(run, "device", "precision", "tiles")
        current = current_detector(detector, exact=True, **chosen)
        with running(current, chosen_run(run, "threads")) as measured:
            of_project = evaluate_project(detector, measured, changes)
            return last(of_project, Measurement, progress=progress).evaluation
    if frames is None:
        raise InputError("There is nothing to measure on; give pairs of picture and boxes.")
    plain = made(EvaluationSettings, changes, noun="evaluation")
    total = len(frames) if isinstance(frames, Sized) else None
    with (
        running(detector, run) as measured,
        contextlib.closing(labelled_items(frames)) as items,  # type: ignore[type-var]
    ):
        records = evaluating(measured, items, plain, total=total)
        return last(records, Evaluation, progress=progress)
