"""The main job without footage: draws half a minute of driving, scores it with the bundled
detector, and writes a report of the frames worth labelling."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options
from framesift.cli.settings import add_options, given_options
from framesift.records.settings import made

CHOICES = ("look", "frames", "seed")
PRESET = {"seed": 7}
"""A drive with something to see."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.synth.settings import NOUN, DriveSettings

    parser.add_argument(
        "--out",
        default="demo-report",
        metavar="DIR",
        help="folder for the report (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    add_options(parser, DriveSettings, NOUN, only=CHOICES, preset=PRESET)
    parser.add_argument("--keep", metavar="FILE", help="keep the drawn video as this .mp4")


def run(args: argparse.Namespace) -> int:
    import tempfile

    from framesift.cli import parser
    from framesift.synth import SynthDrive, write_drive
    from framesift.synth.settings import NOUN, DriveSettings

    with tempfile.TemporaryDirectory(prefix="framesift-demo-") as folder:
        path = Path(args.keep) if args.keep else Path(folder) / "drive.mp4"
        options.check_new(args, path)
        given = given_options(args, DriveSettings, only=CHOICES)
        footage = SynthDrive.of(made(DriveSettings, PRESET, given, noun=NOUN))
        with console.Shown() as shown:
            for _ in shown.drain(write_drive(footage, path), path.name):
                pass
        command = ["select", str(path), "--budget", "12", "--every", "3", "--out", args.out]
        if args.overwrite:
            command.append("--overwrite")
        selected = parser.build_parser("select").parse_args(command)
        status: int = selected.run(selected)
        return status
