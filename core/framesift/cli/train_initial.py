"""Trains a first detector from nothing, on driving scenes that are drawn while it trains. The
bundled weights were made by this command. A killed run goes on where it was."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options
from framesift.cli.settings import add_options, given_options
from framesift.errors import InputError
from framesift.records.settings import made


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.training.initial_settings import InitialSettings

    parser.add_argument("out", metavar="FILE.safetensors", help="the checkpoint to write")
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="end after so many minutes at the latest; the learning rate "
        "then falls with the clock",
    )
    options.add_device_option(parser)
    parser.add_argument("--restart", action="store_true", help="do not go on, begin anew")
    settings = parser.add_argument_group("settings")
    add_options(settings, InitialSettings, "initial training")


def run(args: argparse.Namespace) -> int:
    from framesift.training import Step
    from framesift.training.initial import train_initial
    from framesift.training.initial_settings import InitialSettings

    chosen = made(
        InitialSettings, given_options(args, InitialSettings), noun="initial training"
    )
    out = Path(args.out)
    last: Step | None = None
    begun = out.with_name(f"{out.name}.state").exists()
    if out.exists() and not begun and not args.restart:
        raise InputError(f"There is a {out} already; name another, or say --restart.")
    with console.Shown() as shown:
        for record in shown.drain(
            train_initial(
                out,
                device=options.run_settings(args).device,
                resume=not args.restart,
                budget_s=None if args.minutes is None else 60 * args.minutes,
                settings=chosen,
            )
        ):
            last = record if isinstance(record, Step) else last
    done = "" if last is None else f", last loss {last.loss:.4f}"
    console.say(f"{args.out}: {chosen.look} look, seed {chosen.seed}{done}")
    return 0
