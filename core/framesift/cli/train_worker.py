"""Trains in a child process: reads a job file, writes JSON lines; the application and
`framesift train` start it, nobody else needs to."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB.json")


def run(args: argparse.Namespace) -> int:
    from framesift.training.following import followed
    from framesift.training.worker import main

    return 0 if followed() else main([args.job])
