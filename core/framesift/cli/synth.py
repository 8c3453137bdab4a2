"""Draws driving scenes as a video, with a COCO file of every frame's boxes beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="FILE.mp4", help="the video to write")
    parser.add_argument(
        "--frames",
        type=options.whole(1),
        default=900,
        help="at 30 frames/s (default: %(default)s)",
    )
    parser.add_argument(
        "--look",
        default="source",
        choices=["source", "target", "crowd"],
        help="two visibly different worlds (default: %(default)s)",
    )
    parser.add_argument(
        "--scenario",
        metavar="NAME",
        help="red-light, busy or empty (default: an ordinary drive)",
    )
    parser.add_argument("--seed", type=int, default=0, help="another drive")
    parser.add_argument("--width", type=options.whole(64), default=640)
    parser.add_argument("--height", type=options.whole(48), default=480)
    options.add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    from framesift.synth import drive, labels_path, write_drive

    out = Path(args.out)
    options.check_new(args, out, labels_path(out))
    footage = drive(
        seed=args.seed,
        look=args.look,
        frames=args.frames,
        scenario=args.scenario,
        size=(args.height, args.width),
    )
    with console.Shown() as shown:
        for _ in shown.drain(write_drive(footage, out), args.out):
            pass
    console.say(f"{args.out}: {args.frames} frames")
    return 0
