"""One cycle: scores what is unscored, smooths, selects, and takes the picks. The only command
that takes frames. --dry-run takes nothing; --replay N makes cycle N's selection again and says
whether it is the same bit for bit; --compare A B says what lies between two cycles."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.cli import console, options, projects
from framesift.cli.selecting import add_selection_options, check_out, deliver, rules_of
from framesift.errors import EnvironmentProblem, InputError

if TYPE_CHECKING:
    from framesift.project import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.selection.rules import PRESETS

    parser.add_argument("project", metavar="DIR")
    parser.add_argument("--dry-run", action="store_true", help="take nothing")
    parser.add_argument(
        "--replay",
        type=options.whole(1),
        metavar="N",
        help="make the selection of cycle N again and compare",
    )
    parser.add_argument(
        "--compare",
        type=options.whole(0),
        nargs=2,
        metavar=("A", "B"),
        help="what the labels between two cycles fixed (0: the initial detector)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="write the report here (default: in the project's reports/)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    parser.add_argument("--no-report", action="store_true", help="write no report")
    parser.add_argument("--json", metavar="FILE", help="write the selection as JSON")
    options.add_image_format(parser)
    options.add_preset_option(parser, PRESETS)
    add_selection_options(parser)
    options.add_score_options(parser)
    options.add_detector_options(parser, default="")


def run(args: argparse.Namespace) -> int:
    if args.replay is not None:
        return _replay(args)
    if args.compare is not None:
        return _compare(args)
    return _cycle(args)


def _cycle(args: argparse.Namespace) -> int:
    from framesift.cli.select_project import project_report
    from framesift.loop import detector_source, score_strategy, selection, take
    from framesift.scores.strategies import reads

    with (
        projects.writing(args.project) as project,
        console.Shown() as shown,
        contextlib.ExitStack() as stack,
    ):
        rules = rules_of(args, project)
        number = len(project.ledger) + 1
        if not args.no_report and not args.dry_run and not args.out:
            args.out = str(project.reports / f"cycle-{number:03d}")
        check_out(args)
        detector = projects.open_detector(project, args)
        scoring = projects.project_score_settings(project, detector, args, rules.strategy)
        if not args.dry_run:
            projects.keep_options(project, args, detector)
        which = options.which_frames(args)
        start, stop = which.numbers()
        for _ in shown.drain(
            score_strategy(
                project,
                detector,
                rules.strategy,
                options=scoring,
                descriptors=reads(rules),
                every=which.every,
                start=start,
                stop=stop,
                progressive=which.progressive,
                batch=which.batch,
                unchanged=which.unchanged,
                hardware=which.hardware,
            )
        ):
            pass
        offer = selection(
            project,
            rules,
            detector=detector.identity(),
            scores=projects.plain_scores(scoring, rules.strategy, detector),
            grid=which.grid_of_all(),
            damaged=args.damaged,
        )
        if not args.dry_run:
            used = detector_source(project, args.detector or None)
            take(project, offer, checkpoint=Path(used).name)
        with contextlib.nullcontext() if args.dry_run else _taken(args, number):
            report = project_report(project, offer, stack, shown)
            scorers = projects.scorers(scoring, rules.strategy)
            deliver(report, args, shown, detector, next(iter(scorers.values()), None))
            if args.out and not args.dry_run:
                project.ledger.record(
                    "report", {"path": str(Path(args.out).resolve())}, cycle=number
                )
        console.say(
            "Nothing was taken."
            if args.dry_run
            else f"Cycle {number}: {len(offer.choice.selection)} frames are taken; label "
            f"them, then run `framesift train {args.project}`."
        )
    return 0


@contextlib.contextmanager
def _taken(args: argparse.Namespace, number: int) -> Iterator[None]:
    """Whatever fails from here on, the frames are taken, and that is said with it."""
    try:
        yield
    except (InputError, EnvironmentProblem) as error:
        raise type(error)(
            f"Cycle {number} is taken, only its report is missing: {error} `framesift cycle "
            f"{args.project} --replay {number}` lists its frames."
        ) from error


def _replay(args: argparse.Namespace) -> int:
    from framesift.loop import replay

    with projects.reading(args.project) as project:
        made = replay(project, args.replay)
        scored = made.choice.signal is not None
        console.table(
            ["rank", "video", "frame", *(("score",) if scored else ())],
            [
                (
                    pick.rank,
                    pick.key.video,
                    pick.key.frame,
                    *(("" if pick.score is None else f"{pick.score:.6g}",) if scored else ()),
                )
                for pick in made.cycle.picks
            ],
        )
        if not made.same:
            raise EnvironmentProblem(
                f"Cycle {args.replay} was selected by another version: the same scores give "
                "other picks now."
            )
        console.say(
            f"Cycle {args.replay} again: the same {len(made.choice.selection)} picks, "
            "bit for bit."
        )
    return 0


def _compare(args: argparse.Namespace) -> int:
    from framesift.loop import compare_cycles

    with projects.reading(args.project) as project:
        before, after = args.compare
        comparison = compare_cycles(project, before, after)
        _show(project, comparison)
    return 0


def _show(project: Project, comparison: object) -> None:
    from framesift.evaluation import Comparison

    assert isinstance(comparison, Comparison)
    console.table(
        ["class", "figure", "IoU", "before", "after", "change", "95 % interval"],
        [
            (
                d.category,
                d.figure.replace("_", " "),
                d.iou,
                f"{100 * d.before:.1f} %",
                f"{100 * d.after:.1f} %",
                f"{100 * d.change:+.1f}",
                ""
                if d.interval is None
                else f"{100 * d.interval.low:+.1f} … {100 * d.interval.high:+.1f}",
            )
            for d in comparison.differences
        ],
    )
    for name, count in comparison.totals().items():
        console.say(f"{name.replace('_', ' ')}: {count}")
