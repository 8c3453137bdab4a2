"""Draws a project's frames in a plane, alike ones close, with what is labelled and picked: a
picture, a JSON file, or both."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.cli import console, projects
from framesift.errors import InputError

if TYPE_CHECKING:
    from framesift.loop import FrameMap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    parser.add_argument("--out", metavar="FILE.png", help="the picture")
    parser.add_argument("--json", metavar="FILE", help="every frame's place, as JSON")


def run(args: argparse.Namespace) -> int:
    from framesift.files import write_bytes, write_text
    from framesift.loop import frame_map

    if not args.out and not args.json:
        raise InputError("Say where the map goes: --out map.png, --json map.json, or both.")
    with projects.reading(args.project) as project:
        made = frame_map(project)
    if args.json:
        write_text(Path(args.json), json.dumps(_plain(made)))
    if args.out:
        write_bytes(Path(args.out), picture(made))
    thinned = f", every {made.every}th frame" if made.every > 1 else ""
    console.say(
        f"{len(made.keys)} frames by {made.by.replace('_', ' ')}{thinned}: "
        f"{int(made.labelled.sum())} labelled, {int(made.taken.sum())} picked."
    )
    return 0


def _plain(made: FrameMap) -> dict[str, Any]:
    rows = zip(made.keys, made.points.tolist(), made.labelled, made.taken, strict=True)
    return {
        "compared_by": made.by,
        "every": made.every,
        "frames": [
            {
                "video": key.video,
                "frame": key.frame,
                "x": x,
                "y": y,
                "labelled": bool(labelled),
                "taken": bool(taken),
            }
            for key, (x, y), labelled, taken in rows
        ],
    }


def picture(made: FrameMap) -> bytes:
    """The map as PNG: a color for each drive, rings around labels, crosses on picks."""
    from framesift.evaluation.plots import COLOURS, new_figure, plain_text, png

    drawn = new_figure(7.0, 6.0)
    axes = drawn.add_subplot()
    x, y = made.points.T
    names = list(dict.fromkeys(made.drives))
    for number, name in enumerate(names):
        here = [drive == name for drive in made.drives]
        color = COLOURS[number % len(COLOURS)]
        axes.scatter(x[here], y[here], s=6, color=color, label=plain_text(name), linewidths=0)
    ring = made.labelled
    axes.scatter(
        x[ring], y[ring], s=50, facecolors="none", edgecolors="black", label="labelled"
    )
    cross = made.taken
    axes.scatter(x[cross], y[cross], s=40, marker="x", color="black", label="picked")
    axes.set_xticks([])
    axes.set_yticks([])
    if len(names) <= len(COLOURS):
        axes.legend(fontsize=8)
    return png(drawn)
