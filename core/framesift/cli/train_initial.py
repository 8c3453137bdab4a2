"""Trains a first detector from nothing, on driving scenes that are drawn while it trains. The
bundled weights were made by this command. A killed run goes on where it was."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="FILE.safetensors", help="the checkpoint to write")
    parser.add_argument(
        "--look",
        default="source",
        choices=["source", "target"],
        help="which of the two drawn worlds (default: %(default)s)",
    )
    parser.add_argument(
        "--width",
        type=float,
        default=0.5,
        help="channels as a share of the paper's (default: %(default)s)",
    )
    parser.add_argument(
        "--steps", type=options.whole(1), default=9000, help="updates (default: %(default)s)"
    )
    parser.add_argument(
        "--batch",
        type=options.whole(1),
        default=12,
        help="crops per update (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="end after so many minutes at the latest; the learning rate "
        "then falls with the clock",
    )
    parser.add_argument("--device", default="auto", choices=["auto", "cuda", "mps", "cpu"])
    parser.add_argument("--restart", action="store_true", help="do not go on, begin anew")


def run(args: argparse.Namespace) -> int:
    from framesift.training import Step
    from framesift.training.initial import train_initial

    last: Step | None = None
    with console.Shown() as shown:
        for record in shown.drain(
            train_initial(
                Path(args.out),
                device=args.device,
                resume=not args.restart,
                budget_s=None if args.minutes is None else 60 * args.minutes,
                look=args.look,
                width=args.width,
                steps=args.steps,
                batch=args.batch,
                seed=args.seed,
            )
        ):
            last = record if isinstance(record, Step) else last
    done = "" if last is None else f", last loss {last.loss:.4f}"
    console.say(f"{args.out}: {args.look} look, seed {args.seed}{done}")
    return 0
