"""Finds the frames worth labelling.

With videos or folders: scores them, selects, and with --out writes the frames, selection.json,
picks.csv and report.html. With --project: selects from the project's scores; nothing is taken
(`framesift cycle` takes).
"""

from __future__ import annotations

import argparse

from framesift.cli import console, options
from framesift.cli.selecting import add_selection_options, check_out, deliver, rules_of
from framesift.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.selection.rules import PRESETS

    parser.add_argument(
        "videos", nargs="*", metavar="VIDEO", help="video files, or folders of numbered images"
    )
    parser.add_argument(
        "--stills",
        action="store_true",
        help="the folders hold unordered images: no time, no distances",
    )
    parser.add_argument("--project", metavar="DIR", help="select from a project's scores")
    parser.add_argument("--out", metavar="DIR", help="folder for the frames and the report")
    parser.add_argument("--json", metavar="FILE", help="write the selection as JSON")
    options.add_image_format(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    options.add_preset_option(parser, PRESETS)
    options.add_footage_options(parser)
    add_selection_options(parser)
    options.add_score_options(parser)
    options.add_detector_options(parser)


def run(args: argparse.Namespace) -> int:
    if bool(args.project) == bool(args.videos):
        raise InputError(
            "Name videos to select from, or a project with --project; one of the two."
        )
    check_out(args)
    if args.project:
        from framesift.cli.select_project import select_from_project

        return select_from_project(args)
    return _select_from_videos(args)


def _select_from_videos(args: argparse.Namespace) -> int:
    from framesift.cli import footage, projects
    from framesift.loop.drives import Scores, score_drives
    from framesift.report import SelectionReport
    from framesift.scores.strategies import reads, strategy_named
    from framesift.selection import choose

    rules, failed = rules_of(args), dict[str, str]()
    scoring = projects.score_settings(args, rules.strategy)
    with (
        footage.opened(
            args.videos, options.video_settings(args), stills=args.stills, failed=failed
        ) as videos,
        console.Shown() as shown,
    ):
        for video in videos:
            for text in video.warnings:
                console.warn(f"{video.name}: {text}")
        drives = footage.drives_of(videos, separate=args.separate or args.stills)
        signals = strategy_named(rules.strategy).signals
        detector = options.open_detector(args) if signals else None
        scorers = projects.scorers(scoring, rules.strategy)
        which = options.which_frames(args)
        records = score_drives(drives, detector, scorers, reads(rules), which)
        (scores,) = (r for r in shown.drain(records) if isinstance(r, Scores))
        chosen = choose(scores.pool(drives, damaged=args.damaged), rules)
        for text in chosen.selection.notes:
            shown.notice(text)
        report = SelectionReport(
            drives,
            chosen.selection,
            chosen.raw,
            chosen.smoothed,
            scores.maxima,
            {**chosen.rules.settings(), **scores.settings},
            tuple(shown.notices),
            by_score=chosen.signal is not None,
        )
        deliver(report, args, shown, detector, next(iter(scorers.values()), None))
    return footage.tell_failed(failed)
