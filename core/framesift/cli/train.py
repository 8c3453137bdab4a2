"""Fine-tunes the detector on all labels so far, in a process of its own, and adopts the
result. By default it starts again from the initial weights, as in the paper. Ctrl-C stops and
keeps the state: `--resume` goes on with it exactly."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options, projects

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.training import TrainSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
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
        default=None,
        choices=["paper", "sgd", "adamw", "torchvision"],
        help="a set of settings (default: torchvision's for its detectors; "
        "for others the paper's, labels that are too small being ignored "
        "instead of discarded)",
    )
    parser.add_argument("--epochs", type=options.whole(1), metavar="T")
    parser.add_argument("--batch", type=options.whole(1), metavar="N")
    parser.add_argument("--learning-rate", type=float, metavar="R")
    parser.add_argument(
        "--warmup",
        type=options.whole(0),
        metavar="STEPS",
        help="steps over which the learning rate rises from nothing",
    )
    parser.add_argument(
        "--clip-norm",
        type=float,
        metavar="NORM",
        help="largest norm of the gradient (default: no limit)",
    )
    parser.add_argument("--optimiser", choices=["rmsprop", "sgd", "adamw"])
    parser.add_argument(
        "--norms",
        choices=["batch", "frozen"],
        help="batch normalisation by each batch's statistics (default), or by "
        "those that the detector has: for few labels or another look",
    )
    parser.add_argument(
        "--crop", metavar="H×W", help="train on crops of this size, in working pixels (320x320)"
    )
    parser.add_argument(
        "--adopt",
        choices=["last", "best"],
        help="which checkpoint is the result: the last, or the best of the validations",
    )
    parser.add_argument("--validate-every", type=options.whole(0), metavar="EPOCHS")
    parser.add_argument(
        "--min-height",
        type=float,
        metavar="PIXELS",
        help="labels lower than this (working pixels) are ignored",
    )
    parser.add_argument(
        "--fit-boxes",
        action="store_true",
        help="fit the detector's box sizes to the labels first",
    )
    parser.add_argument("--seed", type=int)
    parser.add_argument("--threads", type=options.whole(1), metavar="N")
    parser.add_argument("--device", default="auto", choices=["auto", "cuda", "mps", "cpu"])


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
                    device=args.device,
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
    from dataclasses import replace

    from framesift.loop import settings_for
    from framesift.training import TrainSettings

    settings = (
        TrainSettings.preset(args.preset) if args.preset else settings_for(project, args.start)
    )
    changes = {
        name: getattr(args, name)
        for name in (
            "epochs",
            "batch",
            "learning_rate",
            "warmup",
            "clip_norm",
            "optimiser",
            "adopt",
            "norms",
            "validate_every",
            "min_height",
            "seed",
            "threads",
        )
        if getattr(args, name) is not None
    }
    if "learning_rate" in changes:
        changes["final_learning_rate"] = changes["learning_rate"] / 10
    if args.crop:
        changes["augmentation"] = replace(settings.augmentation, crop=_crop(args.crop))
    return settings.with_(**changes)


def _crop(text: str) -> tuple[int, int]:
    from framesift.errors import InputError

    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise InputError(f"--crop {text} is no size; write height and width as 320x320.")
    return int(parts[0]), int(parts[1])


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
