"""Draws driving scenes as a video, with a COCO file of every frame's boxes beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options
from framesift.cli.settings import add_options, given_options
from framesift.records.settings import made


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.synth.settings import NOUN, DriveSettings

    parser.add_argument("out", metavar="FILE.mp4", help="the video to write")
    add_options(parser, DriveSettings, NOUN)
    options.add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    from framesift.synth import SynthDrive, labels_path, write_drive
    from framesift.synth.settings import NOUN, DriveSettings

    out = Path(args.out)
    options.check_new(args, out, labels_path(out))
    chosen = made(DriveSettings, given_options(args, DriveSettings), noun=NOUN)
    footage = SynthDrive.of(chosen)
    with console.Shown() as shown:
        for _ in shown.drain(write_drive(footage, out), args.out):
            pass
    console.say(f"{args.out}: {chosen.frames} frames")
    return 0
