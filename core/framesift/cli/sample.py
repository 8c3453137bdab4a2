"""Draws random frames for measuring only: they are never selected and never train. Label them
like any other; `framesift evaluate` measures on them."""

from __future__ import annotations

import argparse

from framesift.cli import console, options, projects


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "--evaluation",
        type=options.whole(1),
        default=100,
        metavar="N",
        help="how many frames (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    with projects.writing(args.project) as project:
        keys = project.evaluation.sample(args.evaluation, seed=args.seed)
        console.table(["video", "frame"], [(key.video, key.frame) for key in sorted(keys)])
    return 0
