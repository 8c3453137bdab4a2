"""Works at a run that `framesift score` or `simulate` wrote with --cluster: takes unit after
unit until none is left. Start it on every machine that sees the folder and the videos; it may
be killed at any time."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="the run's folder, on shared storage")
    parser.add_argument(
        "--footage",
        action="append",
        default=[],
        metavar="DIR",
        help="where videos lie on this machine, if not where the project has them; "
        "several times for several folders",
    )


def run(args: argparse.Namespace) -> int:
    from framesift.cluster import Board, Handler, work
    from framesift.loop.score_units import KIND, ScoreUnits
    from framesift.simulate import clustered
    from framesift.simulate.engine import perform

    board = Board.open(Path(args.folder))
    with console.Shown() as shown:
        footage = tuple(Path(folder) for folder in args.footage)
        handlers: dict[str, Handler] = {
            KIND: ScoreUnits(footage),
            clustered.KIND: clustered.SimulationUnits(perform),
        }
        for _ in shown.drain(work(board, handlers)):
            pass
    console.say(f"{len(board.done())} of {len(board.units)} units have a result.")
    return 0
