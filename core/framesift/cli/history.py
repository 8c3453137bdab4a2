"""The project's journal: what was done, undone and done again, in order."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING

from framesift.cli import console, projects

if TYPE_CHECKING:
    from framesift.project import Gesture

WORDS = {"undo": "undone: ", "redo": "done again: "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "--last", type=int, default=20, metavar="N", help="the latest N lines (default: 20)"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(args: argparse.Namespace) -> int:
    with projects.reading(args.project) as project:
        lines = project.journal.history(max(args.last, 0))
        undo, redo = project.journal.undo_text, project.journal.redo_text
    if args.json:
        document = {"undo": undo, "redo": redo, "lines": [line._asdict() for line in lines]}
        console.say(json.dumps(document, indent=1))
        return 0
    console.table(["", "when", "what", "frames", "now"], [_row(line) for line in lines])
    console.say(f"undo would take back: {undo or 'nothing'}")
    console.say(f"redo would do again: {redo or 'nothing'}")
    return 0


def _row(line: Gesture) -> tuple[int, str, str, str, str]:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(line.time))
    what = WORDS.get(line.verb, "") + (line.text or line.kind)
    return line.number, when, what, str(line.frames or ""), line.status
