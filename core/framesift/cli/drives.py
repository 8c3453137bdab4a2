"""Lists a project's drives, joins clips into one drive, parts clips from theirs (where names
and times do not tell what was recorded in one go, a person does), and removes clips. Labels
and cycles stay."""

from __future__ import annotations

import argparse

from framesift.cli import console, projects


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["list", "join", "part", "remove"],
        help="list; join: the videos, in this order, become one drive; part: each of the "
        "videos becomes a drive of its own; remove: the videos leave the project, their labels "
        "and cycles stay",
    )
    parser.add_argument("project", metavar="DIR")
    parser.add_argument("videos", nargs="*", metavar="VIDEO", help="ids, names or paths")


def run(args: argparse.Namespace) -> int:
    from framesift.errors import InputError
    from framesift.project.regrouping import join_clips, part_clips

    if (args.action == "list") == bool(args.videos):
        raise InputError(
            "Name the videos to join, part or remove; `framesift drives list` takes none."
        )
    opening = projects.reading if args.action == "list" else projects.writing
    with opening(args.project) as project:
        if args.action == "join":
            join_clips(project, args.videos)
        elif args.action == "part":
            part_clips(project, args.videos)
        elif args.action == "remove":
            project.videos.remove(*(project.videos.find(name).id for name in args.videos))
        console.table(
            ["drive", "clips", "frames", "role"],
            [
                (d.key, ", ".join(clip.id for clip in d.clips), len(d), d.clips[0].role)
                for d in project.videos.drives(None)
            ],
        )
    return 0
