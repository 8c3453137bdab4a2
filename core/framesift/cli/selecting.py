"""What commands that select share: the rules that options say, and what comes of picks."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.cli import console
from framesift.cli.settings import add_option, add_options, describe, given_options
from framesift.errors import InputError
from framesift.records.aliases import old_name
from framesift.records.settings import made, settings_of

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.report import SelectionReport
    from framesift.selection import Rules


def add_selection_options(parser: argparse.ArgumentParser) -> None:
    from framesift.selection.rules import NOUN, Rules

    group = parser.add_argument_group("selection")
    names = [setting.name for setting in settings_of(Rules) if setting.name != "strategy"]
    add_options(group, Rules, NOUN, only=names)
    add_strategy_option(group)
    group.add_argument("--separate", action="store_true", help="do not join clips of one drive")
    group.add_argument(
        "--damaged", action="store_true", help="frames that are known as damaged may be picked"
    )


def add_strategy_option(group: argparse._ActionsContainer) -> None:
    """`--strategy`, and its name of before."""
    from framesift.scores.strategies import every_strategy
    from framesift.selection.rules import NOUN, Rules

    (setting,) = (setting for setting in settings_of(Rules) if setting.name == "strategy")
    add_option(group, setting, NOUN)
    group._actions[
        -1
    ].help = f"{', '.join(every_strategy())}, or a TOML file of your own: {describe(setting)}"
    group.add_argument(
        "--method", "--score", dest="method", default=None, help=argparse.SUPPRESS
    )


def strategy_of(args: argparse.Namespace, project: Project | None = None) -> str:
    """The strategy that the options say, or else the project's usual one, or the default. Its
    key: of a file all that it says. Raises InputError as `named_strategy` does."""
    from framesift.project.strategy import usual_strategy_of
    from framesift.selection import Rules

    named = named_strategy(args)
    if named is not None:
        return named
    default = Rules().strategy
    usual = default if project is None else usual_strategy_of(project)
    if usual != default:
        console.warn(
            f"This project is scored by the {usual} and goes on with it; new projects choose "
            f"by the {default} (`framesift score --strategy {default}`)."
        )
    return usual


def named_strategy(args: argparse.Namespace) -> str | None:
    """The strategy that the options say: by its name, by a preset, or by settings that the
    default lacks; None: they say nothing of it. The score's name of before, --method, is
    understood with a notice; InputError where both are given and contradict each other, and for
    a strategy that there is not."""
    from framesift.scores.family import score_params
    from framesift.scores.strategies import (
        every_strategy,
        strategy_named,
        strategy_of_signal,
        usual_strategy,
    )
    from framesift.selection import Rules
    from framesift.selection.rules import PRESETS

    named = given_options(args, Rules, only=["strategy"]).get("strategy")
    if args.method is not None:
        old = args.method.replace("_", "-")
        old = old if old in every_strategy() else strategy_of_signal(args.method)
        if named not in (None, old):
            raise InputError(
                f"--strategy {named} and --method {args.method} contradict each other; "
                "give --strategy alone, it says how frames are scored, too."
            )
        console.warn(old_name("--method", "--strategy"))
        named = old
    if named is None:
        named = PRESETS.get(getattr(args, "preset", None) or "", {}).get("strategy")
    if named is None:
        particular = given_options(args, *score_params().values())
        usual = usual_strategy(particular)
        if usual == Rules().strategy:
            return None
        named = usual
        console.warn(f"Frames are chosen by the {named}, of which a setting is given.")
    return strategy_named(named).key


def rules_of(args: argparse.Namespace, project: Project | None = None) -> Rules:
    """The Rules that the options say; a preset says what they leave open, and a project which
    strategy is its usual one."""
    from framesift.selection.rules import NOUN, PRESETS, Rules

    return made(
        Rules,
        PRESETS.get(getattr(args, "preset", None) or "", {}),
        {**given_options(args, Rules), "strategy": strategy_of(args, project)},
        noun=NOUN,
    )


def check_out(args: argparse.Namespace) -> None:
    """Raises InputError where --out names a folder that cannot be written: before the work."""
    from framesift.files.folders import check_free

    if args.out:
        check_free(Path(args.out), overwrite=args.overwrite)


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
        page = next(record.page for record in written if isinstance(record, Written))
    scores = ("score", "smoothed") if report.by_score else ()
    console.table(
        ["rank", "video", "frame", "time", *scores],
        [
            (
                row.rank,
                report.videos[row.video].name,
                row.frame,
                clock(row.time_s),
                *(
                    ("no boxes" if row.boxless else f"{row.score:.5f}", f"{row.smoothed:.5f}")
                    if report.by_score
                    else ()
                ),
            )
            for row in picked
        ],
    )
    console.say(report.selection.why_short())
    if page is not None:
        console.say(f"Report: {page}")
