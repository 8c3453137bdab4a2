"""Fine-tunes the detector on all labels so far, in a process of its own, and goes on with the
result unless it is measurably worse than the detector in use: then both are kept, and
`--use CHECKPOINT` takes the new one. By default it starts again from the initial weights, as in
the paper. Ctrl-C stops and keeps the state: `--resume` goes on with it exactly. Started by
torchrun, several processes share every step's frames; see the page Past one machine."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options, projects
from framesift.cli.settings import add_options, given_options

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.training import TrainSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.training import PRESETS, TrainSettings

    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "--from",
        dest="start",
        default="initial",
        metavar="WHICH",
        help="initial (default), current, random (weights that have learnt nothing), or a "
        "checkpoint of the project",
    )
    parser.add_argument(
        "--use",
        metavar="WHICH",
        help="train nothing; go on with this detector: a checkpoint of the project by its "
        "number or name, initial, or a file",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with a run that was stopped or killed"
    )
    parser.add_argument(
        "--preset",
        choices=list(PRESETS),
        help="a set of defaults (default: torchvision for its detectors, steady for others; "
        "what steady does follows from the number of labels)",
    )
    parser.add_argument(
        "--fit-boxes",
        action="store_true",
        help="fit the detector's box sizes to the labels first",
    )
    options.add_device_option(parser)
    settings = parser.add_argument_group("settings (what is not said is the preset's)")
    add_options(settings, TrainSettings, "training")


def run(args: argparse.Namespace) -> int:
    from framesift.loop import Trained, train_project
    from framesift.training import Validated
    from framesift.training.following import followed

    if args.use is not None:
        return _use(args)
    if followed():
        return 0
    with projects.writing(args.project) as project, console.Shown() as shown:
        settings = _settings(args, project)
        for record in shown.drain(
            _as_progress(
                train_project(
                    project,
                    settings,
                    start=args.start,
                    resume=args.resume,
                    device=options.run_settings(args).device,
                    fit_boxes=args.fit_boxes,
                )
            )
        ):
            if isinstance(record, Validated):
                rate = (
                    "undefined"
                    if record.miss_rate is None
                    else f"{100 * record.miss_rate:.1f} %"
                )
                console.say(
                    f"epoch {record.epoch}: loss {record.loss:.4f}, validation miss "
                    f"rate {rate}{' (best)' if record.best else ''}"
                )
            elif isinstance(record, Trained):
                done = record.finished
                console.say(
                    f"{record.checkpoint.path.name}: {done.step} of {done.steps} "
                    f"steps in {console.left(done.seconds)}."
                )
                console.say(record.verdict.sentence())
                if record.verdict.worse:
                    console.say(
                        f"`framesift train {args.project} --use {record.checkpoint.number}` "
                        "takes the new one all the same."
                    )
    return 0


def _use(args: argparse.Namespace) -> int:
    """Chooses what the project goes on with."""
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.loop import detector_source

    with projects.writing(args.project) as project:
        source = detector_source(project, args.use)
        load_detector(source, "cpu", backend="torch")  # says what is wrong with it
        project.choose_detector(source)
        console.say(f"The project goes on with {Path(source).name}.")
    return 0


def _settings(args: argparse.Namespace, project: Project) -> TrainSettings:
    from framesift.loop import settings_for
    from framesift.training.settings import TrainSettings

    settings = settings_for(project, args.start, args.preset)
    return settings.with_given(given_options(args, TrainSettings))


def _as_progress(records: Iterator[Any]) -> Iterator[Any]:
    """Steps shown as progress, with the loss in the place of the stage."""
    from framesift.records import Progress, closing
    from framesift.training import Step

    with closing(records):
        for record in records:
            if isinstance(record, Step):
                yield Progress(
                    record.step,
                    record.steps,
                    "steps",
                    record.frames_per_s,
                    record.remaining_s,
                    f"training, loss {record.loss:.4f}",
                )
            else:
                yield record
