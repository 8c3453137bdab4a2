"""The main job without footage: draws half a minute of driving, scores it with the bundled
detector, and writes a report of the frames worth labelling."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        default="demo-report",
        metavar="DIR",
        help="folder for the report (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    parser.add_argument(
        "--look",
        default="source",
        choices=["source", "target", "crowd"],
        help="source: what the bundled detector knows; target: what it does "
        "not (default: %(default)s)",
    )
    parser.add_argument(
        "--frames",
        type=options.whole(1),
        default=900,
        help="length of the drive at 30 frames/s (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=7, help="another drive")
    parser.add_argument("--keep", metavar="FILE", help="keep the drawn video as this .mp4")


def run(args: argparse.Namespace) -> int:
    import tempfile

    from framesift.cli import parser
    from framesift.synth import drive, write_drive

    with tempfile.TemporaryDirectory(prefix="framesift-demo-") as folder:
        path = Path(args.keep) if args.keep else Path(folder) / "drive.mp4"
        options.check_new(args, path)
        footage = drive(seed=args.seed, look=args.look, frames=args.frames)
        with console.Shown() as shown:
            for _ in shown.drain(write_drive(footage, path), path.name):
                pass
        command = ["select", str(path), "--budget", "12", "--every", "3", "--out", args.out]
        if args.overwrite:
            command.append("--overwrite")
        selected = parser.build_parser("select").parse_args(command)
        status: int = selected.run(selected)
        return status
