"""Tries how a project's detector scores in 8 bits: calibrated on some of the project's own
frames, it scores others both ways, and says how many picks are the same and what a frame takes.
With --use the project scores so from then on, until the detector is trained again."""

from __future__ import annotations

import argparse
import json

from framesift.cli import console, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--use", action="store_true", help="keep it, where nine of ten picks are the same"
    )
    what.add_argument("--off", action="store_true", help="score without 8 bits again")
    parser.add_argument(
        "--compare",
        type=options.whole(10),
        default=96,
        metavar="N",
        help="frames to score both ways (96)",
    )
    options.add_detector_options(parser, default="")
    parser.add_argument("--json", action="store_true", help="as JSON, on stdout")


def run(args: argparse.Namespace) -> int:
    from framesift.cli import projects
    from framesift.loop import EightBits, keep_eight_bits, try_eight_bits

    opened = projects.writing if args.use or args.off else projects.reading
    with opened(args.project) as project, console.Shown() as shown:
        if args.off:
            project.settings.set_eight_bits(None)
            console.say("The project's detector scores without 8 bits.")
            return 0
        detector = projects.open_detector(project, args, exact=True)
        records = shown.drain(try_eight_bits(project, detector, compare=args.compare))
        (tried,) = [record for record in records if isinstance(record, EightBits)]
        if args.json:
            console.say(json.dumps(tried.document(), indent=1))
        else:
            console.say(
                f"{tried.same} of {tried.picks} picks are the same among {tried.compared} "
                f"frames; rank correlation {tried.rank_correlation:.3f}, scores differ by "
                f"{tried.difference:.1%} (median)"
            )
            console.say(
                f"{tried.ms:.0f} ms a frame in 8 bits, {tried.ms_before:.0f} ms without: "
                f"{tried.ms_before / tried.ms:.2g} times as quick"
            )
        if args.use:
            keep_eight_bits(project, tried)
            console.say("The project's detector scores in 8 bits now.")
    return 0
