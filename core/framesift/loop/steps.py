"""Each step in one call, for scripts and notebooks: score, select, train, evaluate.

The settings that these functions take are those of the command line; what somebody gives wins
over a preset, a preset over the defaults.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.detectors.run_settings import RunSettings
from framesift.errors import InputError
from framesift.evaluation import Evaluation, EvaluationSettings
from framesift.evaluation import evaluate as evaluating
from framesift.evaluation.settings import PRESETS as EVALUATION_PRESETS
from framesift.loop.choosing import choose_from, choose_from_series, score_options, series_of
from framesift.loop.detectors import current_detector
from framesift.loop.drives import Scores, score_drives, score_each
from framesift.loop.evaluating import Measurement, evaluate_project
from framesift.loop.given import (
    FramesLike,
    VideoLike,
    chosen_run,
    detector_of,
    labelled_items,
    listed,
    opened_drives,
    preset_of,
    running,
    sorted_out,
    source_of,
    taken_of,
)
from framesift.loop.training import MAKER, Trained, settings_for, train_project
from framesift.project import Project
from framesift.records.draining import last
from framesift.records.setting import Setting
from framesift.records.settings import made
from framesift.records.signatures import keywords, with_settings
from framesift.scores import ScoreSettings, score_params
from framesift.scores.strategies import strategy_named
from framesift.scores.which import Which
from framesift.selection import Rules, Selection
from framesift.selection.rules import NOUN
from framesift.selection.rules import PRESETS as SELECTION_PRESETS
from framesift.series import ScoreSeries
from framesift.training import Finished, TrainSettings, default_settings
from framesift.training import preset as training_preset
from framesift.training import train as training
from framesift.training.replay_settings import Replay
from framesift.training.schedule import Labels

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

FrameFunction = Callable[[NDArray[np.uint8]], float]
"""A number for a picture, uint8 H×W×3 (RGB); NaN: none."""


_RUN = (keywords(Which), keywords(RunSettings))
"""What every scoring takes: which frames, and how the detector runs."""


def _scoring() -> dict[str, Setting]:
    return keywords(ScoreSettings, family=score_params(), beside=keywords(Rules))


@with_settings(lambda: {**_scoring(), **keywords(Which, RunSettings)})
def score_video(
    video: VideoLike,
    detector: str | PathLike[str] | Detector = "pedestrian",
    method: str | FrameFunction = "divergence",
    *,
    mask: NDArray[np.bool_] | None = None,
    preset: str | None = None,
    progress: bool = False,
    **settings: Any,
) -> ScoreSeries:
    """One number for each frame of a video: how much labelling it would tell the detector.

    `framesift.score` does the same frame by frame.

    Args:
        video: a file or a folder of pictures, an opened video, or a drive of several clips.
        detector: a name, a checkpoint file, or what `framesift.load_detector` gave.
        method: a score by its name, or a function of your own that takes a picture, uint8
            H×W×3 (RGB), and gives a number: then there is no detector at work.
        mask: bool H×W of the frame's size, True where pixels take no part.
        preset: "paper" for the values of the paper where nothing else is given.
        progress: shows a bar, in a terminal or a notebook.

    Returns:
        A ScoreSeries: float32 values, one per frame (≥ 0, NaN = not scored), its recipe and
        times; it plots, becomes a table, and goes into `select_frames`.

    Raises:
        InputError: the video or the detector cannot be used, or a setting makes no sense.

    Example:
        >>> series = framesift.score_video("clip.mp4", detector, every=4, radius=3)
        >>> series
        <ScoreSeries 'clip.mp4': 3 of 12 frames scored by divergence>
        >>> brightness = framesift.score_video("clip.mp4", method=lambda image: image.mean())
        >>> int(brightness.scored.sum())
        12
    """
    scoring, frames, run = sorted_out(settings, "score", _scoring(), *_RUN)
    which = made(Which, frames, noun="scoring")
    with opened_drives(video) as drives:
        if len(drives) != 1:
            raise InputError("score_video scores one video; give several to select_frames.")
        if callable(method):
            sorted_out({**scoring, **run}, "score", {})
            name = getattr(method, "__name__", "function").strip("<>")
            scores = last(score_each(drives[0], method, name, which), Scores, progress=progress)
            return series_of(drives[0], name, scores)
        if not isinstance(method, str):
            raise InputError(
                "Give the name of a score, such as divergence, or a function that takes a "
                f"picture and gives a number, not a value of type {type(method).__name__}."
            )
        options = score_options(method.replace("_", "-"), scoring, preset, mask)
        scorers = options.scorers
        with running(detector, run) as chosen:
            records = score_drives(drives, chosen, scorers, (), which)
            scores = last(records, Scores, progress=progress)
        return series_of(drives[0], next(iter(scorers)), scores)


@with_settings(lambda: {**keywords(Rules), **_scoring(), **keywords(Which, RunSettings)})
def select_frames(
    videos: VideoLike | ScoreSeries | Iterable[VideoLike | ScoreSeries],
    detector: str | PathLike[str] | Detector = "pedestrian",
    *,
    mask: NDArray[np.bool_] | None = None,
    taken: Mapping[str, Sequence[int]] | None = None,
    damaged: bool = False,
    join: bool = True,
    preset: str | None = None,
    progress: bool = False,
    **settings: Any,
) -> Selection:
    """The frames that are worth labelling, the best first.

    Args:
        videos: a video (a file, a folder of pictures, an opened one) or several; or what
            `score_video` gave, so that other rules can be tried without scoring again.
        detector: a name, a checkpoint file, or what `framesift.load_detector` gave.
        mask: bool H×W of the frame's size, True where pixels take no part.
        taken: frame numbers that earlier cycles picked, by the drive's name; they and their
            neighbours up to Δt2 are not picked.
        damaged: whether frames that are known as damaged may be picked.
        join: whether clips that follow one another become one drive.
        preset: "paper" for the values of the paper where nothing else is given.
        progress: shows a bar, in a terminal or a notebook.

    Returns:
        A Selection: its picks in order, and why other frames are not among them. It plots,
        becomes a table, and shows thumbnails in a notebook.

    Raises:
        InputError: a video or the detector cannot be used, or a setting makes no sense.

    Example:
        >>> picks = framesift.select_frames("clip.mp4", detector, budget=2, delta1=1)
        >>> [pick.rank for pick in picks]
        [1, 2]
        >>> framesift.select_frames("clip.mp4", budget=3, strategy="uniform")
        <Selection: 3 of 3 frames of 'clip.mp4', by uniform>
    """
    taken = taken_of(taken)
    given, scoring, frames, run = sorted_out(settings, NOUN, keywords(Rules), _scoring(), *_RUN)
    items = listed(videos)
    defaults = preset_of(preset, SELECTION_PRESETS)
    if any(isinstance(item, ScoreSeries) for item in items):
        _refuse_scoring({**scoring, **frames, **run})
        return choose_from_series(items, {**defaults, **given}, taken=taken, damaged=damaged)
    rules = made(Rules, defaults, given, noun=NOUN)
    rules = replace(rules, strategy=strategy_named(rules.strategy).name)
    options = score_options(rules.strategy, scoring, preset, mask)
    which = made(Which, frames, noun="scoring")
    with opened_drives(items, join=join) as drives:
        with running(detector if options.scorers else None, run) as chosen:
            records = score_drives(drives, chosen, options.scorers, options.reads(rules), which)
            scores = last(records, Scores, progress=progress)
        return choose_from(drives, scores.pool(drives, damaged=damaged, taken=taken), rules)


def _refuse_scoring(given: Mapping[str, Any]) -> None:
    for name in given:
        raise InputError(
            f"{name} is a setting of the scoring, and the series are scored already; give it "
            "to score_video."
        )


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
    given, run = sorted_out(settings, "evaluation", keywords(EvaluationSettings), _RUN[1])
    changes = {**preset_of(preset, EVALUATION_PRESETS), **given}
    if isinstance(detector, Project):
        if frames is not None:
            raise InputError("A project is measured on its evaluation set; leave frames out.")
        current = current_detector(detector, **chosen_run(run, "device", "precision", "tiles"))
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
