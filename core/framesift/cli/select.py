"""Finds the frames worth labelling.

With videos or folders: scores them, selects, and with --out writes the frames, selection.json,
picks.csv and report.html. With --project: selects from the project's scores; nothing is taken
(`framesift cycle` takes).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options
from framesift.errors import InputError

if TYPE_CHECKING:
    from framesift.picking import Rules, Timeline
    from framesift.report import SelectionReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument(
        "--image-format",
        choices=["png", "jpg"],
        default="png",
        help="of the frames in --out (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    parser.add_argument("--preset", choices=["paper"], help="paper: every setting as published")
    parser.add_argument(
        "--stream",
        type=options.whole(0),
        metavar="N",
        help="which video stream (default: the best one)",
    )
    options.add_selection_options(parser)
    options.add_score_options(parser)
    options.add_detector_options(parser)


def rules_of(args: argparse.Namespace, drives: Sequence[Timeline], taken: int = 0) -> Rules:
    """The Rules that the options say; distances that they leave open fit the drives, of which
    `taken` frames were picked before."""
    from framesift.picking import OF_METHOD, Rules, fitting
    from framesift.video import parse_distance

    strategy = args.strategy or OF_METHOD.get(args.method.replace("-", "_"), args.method)
    delta1, delta2 = fitting(drives, args.budget, taken)
    return Rules(
        budget=args.budget,
        delta1=parse_distance(args.delta1 or delta1),
        delta2=parse_distance(args.delta2 or delta2),
        half_window=args.half_window,
        sigma=args.sigma,
        smoothing=not args.no_smoothing,
        look_alike=args.look_alike,
        fill=args.fill,
        strategy=strategy,
        seed=args.seed,
    )


def run(args: argparse.Namespace) -> int:
    options.apply_preset(args)
    if bool(args.project) == bool(args.videos):
        raise InputError(
            "Name videos to select from, or a project with --project; one of the two."
        )
    if args.project:
        from framesift.cli.from_project import select_from_project

        return select_from_project(args)
    return _select_from_videos(args)


def _select_from_videos(args: argparse.Namespace) -> int:
    from framesift.cli import footage
    from framesift.cli.scoring import make_scorer, score_drives
    from framesift.picking import choose
    from framesift.report import SelectionReport

    with (
        footage.opened(args.videos, stills=args.stills, stream=args.stream) as videos,
        console.Shown() as shown,
    ):
        for video in videos:
            for text in video.warnings:
                console.warn(f"{video.name}: {text}")
        drives = footage.drives_of(videos, separate=args.separate or args.stills)
        rules = rules_of(args, drives)
        detector = options.open_detector(args) if rules.needs_scores else None
        scorer = make_scorer(args, detector)
        scores = score_drives(drives, detector, scorer, args, shown)
        chosen = choose(drives, scores.raw, rules, thumbnails=scores.thumbnails)
        report = SelectionReport(
            drives,
            chosen.selection,
            chosen.raw,
            chosen.smoothed,
            scores.maxima,
            {**rules.settings(), **scores.settings},
            tuple(shown.notices),
        )
        deliver(report, args, shown, detector, scorer)
    return 0


def deliver(
    report: SelectionReport,
    args: argparse.Namespace,
    shown: console.Shown,
    detector: Any,
    scorer: Any,
) -> None:
    """Prints the picks, and writes --json and --out."""
    from framesift.files import write_text
    from framesift.report import Written, clock, rows, selection_document, write_selection

    picked = rows(report)
    if args.json:
        write_text(Path(args.json), json.dumps(selection_document(report), indent=1))
    page = None
    if args.out:
        written = shown.drain(
            write_selection(
                report,
                Path(args.out),
                detector=detector,
                scorer=scorer,
                suffix=f".{args.image_format}",
                overwrite=args.overwrite,
            )
        )
        page = next(one.page for one in written if isinstance(one, Written))
    console.table(
        ["rank", "video", "frame", "time", "score", "smoothed"],
        [
            (
                row.rank,
                report.videos[row.video].name,
                row.frame,
                clock(row.time_s),
                f"{row.score:.5f}",
                f"{row.smoothed:.5f}",
            )
            for row in picked
        ],
    )
    console.say(report.selection.why_short())
    if page is not None:
        console.say(f"Report: {page}")
