"""Takes the latest gesture of the project's journal back, whatever it changed, and says which;
with --redo, does the one again that was undone last."""

from __future__ import annotations

import argparse

from framesift.cli import console, projects
from framesift.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "--redo", action="store_true", help="do again what was undone last, instead"
    )


def run(args: argparse.Namespace) -> int:
    with projects.writing(args.project) as project:
        group = project.journal.redo() if args.redo else project.journal.undo()
    done = "done again" if args.redo else "undone"
    if group is None:
        raise InputError(f"Nothing in {args.project} can be {done}.")
    console.say(f"{done}: {group.text or group.kind}")
    return 0
