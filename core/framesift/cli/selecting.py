"""What commands that select share: the rules that options say, and what comes of picks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.cli import console

if TYPE_CHECKING:
    from framesift.report import SelectionReport
    from framesift.selection.rules import Rules
    from framesift.selection.timeline import Timeline


def rules_of(args: argparse.Namespace, drives: Sequence[Timeline], taken: int = 0) -> Rules:
    """The Rules that the options say; distances that they leave open fit the drives, of which
    `taken` frames were picked before."""
    from framesift.selection.rules import OF_METHOD, Rules, fitting
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
