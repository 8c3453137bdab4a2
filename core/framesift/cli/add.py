"""Adds footage to a project; nothing is copied. Clips of one drive become one timeline."""

from __future__ import annotations

import argparse

from framesift.cli import console, options, projects


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "videos", nargs="+", metavar="VIDEO", help="video files, or folders of numbered images"
    )
    parser.add_argument(
        "--evaluation",
        action="store_true",
        help="only ever measured on, never selected or trained on",
    )
    parser.add_argument(
        "--stills", action="store_true", help="the folders hold unordered images"
    )
    parser.add_argument(
        "--separate", action="store_true", help="do not join clips of one drive"
    )
    options.add_footage_options(parser)


def run(args: argparse.Namespace) -> int:
    from framesift.cli import footage
    from framesift.video import rate_text

    failed: dict[str, str] = {}
    with projects.writing(args.project) as project:
        role = "evaluation" if args.evaluation else "pool"
        ids = projects.add_footage(
            project,
            args.videos,
            options.video_settings(args),
            stills=args.stills,
            separate=args.separate,
            role=role,
            failed=failed,
        )
        console.table(
            ["video", "drive", "frames", "frames/s", "role"],
            [
                (v.id, v.drive, v.frames, rate_text(v.fps, varies=v.times is not None), v.role)
                for v in map(project.videos.get, ids)
            ],
        )
    return footage.tell_failed(failed)
