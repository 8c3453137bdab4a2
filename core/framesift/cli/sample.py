"""Draws random frames for measuring only: they are never selected and never train. Label them
like any other; `framesift evaluate` measures on them."""

from __future__ import annotations

import argparse

from framesift.cli import console, projects
from framesift.cli.settings import add_options, given_options
from framesift.records.settings import made


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.project.start import SampleSettings

    parser.add_argument("project", metavar="DIR")
    add_options(parser, SampleSettings, "sample")


def run(args: argparse.Namespace) -> int:
    from framesift.project.start import SampleSettings

    chosen = made(SampleSettings, given_options(args, SampleSettings), noun="sample")
    with projects.writing(args.project) as project:
        keys = project.evaluation.sample(chosen.count, seed=chosen.seed)
        console.table(["video", "frame"], [(key.video, key.frame) for key in sorted(keys)])
    return 0
