"""Finds the frames of a project that look most like one of them, and the labelled frame that
does; by the detector's own features where every scored frame has them, else by thumbnails."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from framesift.cli import console, projects

if TYPE_CHECKING:
    from framesift.loop import Similar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    parser.add_argument("video", metavar="VIDEO", help="its name, path or id in the project")
    parser.add_argument("frame", type=int, metavar="FRAME", help="frame number, from 0")
    parser.add_argument(
        "--count", type=int, default=10, metavar="N", help="frames to find (default: 10)"
    )
    parser.add_argument(
        "--apart",
        default="1s",
        metavar="DISTANCE",
        help="distance kept from the frame and each other in a drive, in frames (15) or "
        "seconds (default: 1s)",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(args: argparse.Namespace) -> int:
    from framesift.labels import FrameKey
    from framesift.loop import similar_frames
    from framesift.video import parse_distance

    with projects.reading(args.project) as project:
        video = project.videos.find(args.video)
        names = {record.id: record.name for record in project.videos.all()}
        nearby = similar_frames(
            project,
            FrameKey(video.id, args.frame),
            count=args.count,
            apart=parse_distance(args.apart),
        )
    nearest = nearby.nearest_labelled
    if args.json:
        document = {
            "compared_by": nearby.by,
            "frames": [_plain(frame, names) for frame in nearby.frames],
            "nearest_labelled": None if nearest is None else _plain(nearest, names),
        }
        console.say(json.dumps(document, indent=1))
        return 0
    console.table(
        ["video", "frame", "time", "likeness", ""],
        [_row(frame, names) for frame in nearby.frames],
    )
    console.say(f"Compared by {nearby.by.replace('_', ' ')}.")
    if nearest is not None:
        where = f"{nearest.key.frame} of {names[nearest.key.video]}"
        console.say(f"The most alike labelled frame: {where}, {nearest.likeness:.3f}.")
    return 0


def _plain(frame: Similar, names: dict[str, str]) -> dict[str, Any]:
    return {
        "video": frame.key.video,
        "name": names[frame.key.video],
        "frame": frame.key.frame,
        "time_s": frame.seconds,
        "likeness": frame.likeness,
        "labelled": frame.labelled,
        "taken": frame.taken,
    }


def _row(frame: Similar, names: dict[str, str]) -> tuple[str, int, str, str, str]:
    from framesift.report import clock

    marks = [
        word for word, holds in (("labelled", frame.labelled), ("taken", frame.taken)) if holds
    ]
    return (
        names[frame.key.video],
        frame.key.frame,
        clock(frame.seconds),
        f"{frame.likeness:.3f}",
        ", ".join(marks),
    )
