"""Trains heads of a detector and writes the detector with them: from a training set's labelled
frames, which the previous detector has not learnt from."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options
from framesift.cli.settings import add_options, given_options
from framesift.records.settings import made


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.training import TrainSettings

    parser.add_argument(
        "training_set",
        metavar="TRAINING_SET",
        help="the file of frames and labels, as a fine-tuning reads it; its validation frames "
        "say when to stop",
    )
    parser.add_argument(
        "--detector", required=True, metavar="NAME", help="the detector that gets the heads"
    )
    parser.add_argument(
        "--head",
        default="predicted_misses",
        metavar="NAME[,NAME…]",
        help="what they tell: predicted_misses, predicted_loss, mdn (how unsure places and "
        "classes of boxes are), difficulty (how easy each class was to learn); others that the "
        "detector has stay (default: predicted_misses)",
    )
    parser.add_argument(
        "--previous",
        metavar="NAME",
        help="whose misses, losses and boxes are learnt from: one that has not learnt from "
        "these frames, the detector of the cycle before (default: the detector itself)",
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="where the detector goes")
    options.add_device_option(parser)
    add_options(parser, TrainSettings, "training", only=["seed"])


def run(args: argparse.Namespace) -> int:
    from framesift.detectors.files.checkpoint import load_detector, save_checkpoint
    from framesift.training import TrainSettings
    from framesift.training.data import TrainingSet, VideoSource
    from framesift.training.heads import HeadTrained, train_heads

    path = Path(args.training_set)
    dataset = TrainingSet.load(path)
    device = options.run_settings(args).device
    chosen = made(
        TrainSettings, given_options(args, TrainSettings, only=["seed"]), noun="training"
    )
    detector = load_detector(args.detector, device, backend="torch")
    previous = load_detector(args.previous, device) if args.previous else None
    with (
        VideoSource(dataset, "train", folder=path.parent) as source,
        VideoSource(dataset, "validation", folder=path.parent) as held_out,
        console.Shown() as shown,
    ):
        records = train_heads(
            detector,
            source,
            held_out,
            names=[name.strip().replace("-", "_") for name in args.head.split(",")],
            previous=previous,
            seed=chosen.seed,
        )
        for record in shown.drain(records):
            if isinstance(record, HeadTrained):
                console.say(str(record))
        save_checkpoint(Path(args.out), detector)
    return 0
