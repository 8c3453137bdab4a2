"""The project at a glance, and the ledger of cycles."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from framesift.cli import console, projects

if TYPE_CHECKING:
    from framesift.project import Cycle, Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    parser.add_argument("--videos", action="store_true", help="list the videos")
    parser.add_argument(
        "--check",
        action="store_true",
        help="go through the whole database and say what is wrong",
    )


def run(args: argparse.Namespace) -> int:
    with projects.reading(args.project) as project:
        _at_a_glance(project)
        if args.videos:
            console.say()
            console.table(
                ["video", "drive", "frames", "role", "path"],
                [(v.id, v.drive, v.frames, v.role, v.path) for v in project.videos.all()],
            )
        console.say()
        _ledger(project)
        if args.check:
            for sentence in project.check() or ("The database is sound.",):
                console.say(sentence)
    return 0


def _at_a_glance(project: Project) -> None:
    status = project.status()
    states = ", ".join(f"{count} {state}" for state, count in status.states.items())
    console.say(f"{project.folder}: {', '.join(project.classes)}")
    console.say(
        f"{status.videos} videos in {status.drives} drives, {status.frames} frames, "
        f"{status.scored} scored; {status.evaluation_frames} for measuring only"
    )
    console.say(f"labels: {states or 'none'}; {status.boxes} boxes")
    kept = project.settings.eight_bits is not None
    console.say(f"detector: {project.detector}{'; 8 bits were calibrated' if kept else ''}")


def _ledger(project: Project) -> None:
    rows = [(0, "", "", "", *_measured(project, 0), "")]
    labels = project.labels.states()
    for cycle in project.ledger.cycles():
        done = sum(pick.key in labels for pick in cycle.picks)
        rows.append(
            (
                cycle.number,
                time.strftime("%Y-%m-%d %H:%M", time.localtime(cycle.time)),
                str(cycle.settings.get("strategy", "")),
                f"{done} of {len(cycle.picks)}",
                *_measured(project, cycle.number),
                _out(cycle),
            )
        )
    console.table(
        [
            "cycle",
            "taken",
            "strategy",
            "labelled",
            "miss rate at FPPI 1",
            "IoU",
            "detector out",
        ],
        rows,
    )


def _out(cycle: Cycle) -> str:
    return "" if cycle.detector_out is None else cycle.detector_out.path.name


def _measured(project: Project, number: int) -> tuple[str, str]:
    events = project.ledger.events(number, "evaluation")
    if not events:
        return "", ""
    summary = events[-1].data["summary"]
    rate = summary.get("miss_rate")
    return ("" if rate is None else f"{100 * rate:.1f} %"), str(summary.get("headline_iou", ""))
