"""Fine-tunes the detector on all labels so far, in a process of its own, and adopts the
result. By default it starts again from the initial weights, as in the paper. Ctrl-C stops and
keeps the state: `--resume` goes on with it exactly."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options, projects
from framesift.cli.settings import add_options, given_options

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.training import TrainSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.training.settings import PRESETS, TrainSettings

    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "--from",
        dest="start",
        default="initial",
        metavar="WHICH",
        help="initial (default), current, or a checkpoint of the project",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with a run that was stopped or killed"
    )
    parser.add_argument(
        "--preset",
        choices=list(PRESETS),
        help="a set of defaults (default: torchvision's for its detectors; for others the "
        "paper's, labels that are too small being ignored instead of discarded)",
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
                    f"steps in {console.left(done.seconds)}; the current detector."
                )
    return 0


def _settings(args: argparse.Namespace, project: Project) -> TrainSettings:
    from framesift.loop import settings_for
    from framesift.training.settings import TrainSettings

    settings = (
        TrainSettings.preset(args.preset) if args.preset else settings_for(project, args.start)
    )
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
