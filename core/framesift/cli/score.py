"""Scores videos into a project, which is made if there is none: by whatever the strategy ranks
by. What is scored is never scored again: a killed run goes on at the next unscored frame."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framesift.cli import console, options
from framesift.cli.selecting import add_strategy_option, named_strategy, strategy_of
from framesift.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.scores.settings import PRESETS

    parser.add_argument(
        "videos",
        nargs="*",
        metavar="VIDEO",
        help="videos to add and score (default: what the project holds)",
    )
    parser.add_argument("--project", required=True, metavar="DIR")
    parser.add_argument(
        "--stills", action="store_true", help="the folders hold unordered images"
    )
    parser.add_argument(
        "--separate", action="store_true", help="do not join clips of one drive"
    )
    options.add_footage_options(parser)
    options.add_preset_option(parser, PRESETS)
    add_strategy_option(parser)
    options.add_score_options(parser)
    options.add_detector_options(parser, default="")
    parser.add_argument(
        "--cluster",
        type=_where,
        metavar="WHERE",
        help="score past one process: local:N, ray or ray://HOST:PORT, slurm:N; see the page "
        "Past one machine",
    )
    parser.add_argument(
        "--keep-logits",
        type=float,
        metavar="GB",
        help="keep what the network gives of each frame, up to so many gigabytes, so that "
        "`framesift rescore` can score by other settings without it (default: nothing is kept)",
    )


def _where(text: str) -> Any:
    from framesift.cluster import Where

    try:
        return Where.of(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(args: argparse.Namespace) -> int:
    from framesift.cli import footage, projects
    from framesift.loop import (
        VideoScored,
        detector_source,
        score_on_cluster,
        score_strategy,
    )
    from framesift.selection import DESCRIPTORS, Rules

    named, folder = named_strategy(args), Path(args.project)
    # Before a project is made: what cannot be read must not leave one behind.
    if not folder.exists():
        projects.score_settings(args, named or Rules().strategy)
    failed: dict[str, str] = {}
    reading = options.video_settings(args)
    with footage.opened(args.videos, reading, stills=args.stills, failed=failed):
        pass
    with (
        projects.writing(
            folder, create=True, detector=args.detector or "pedestrian"
        ) as project,
        console.Shown() as shown,
    ):
        strategy = named or strategy_of(args, project)
        ids = (
            projects.add_footage(
                project,
                args.videos,
                reading,
                stills=args.stills,
                separate=args.separate,
                failed=failed,
            )
            if args.videos
            else None
        )
        detector = projects.open_detector(project, args)
        scoring = projects.project_score_settings(project, detector, args, strategy)
        projects.keep_options(project, args, detector)
        which = options.which_frames(args)
        start, stop = which.numbers()
        how: dict[str, Any] = {
            "options": scoring,
            "videos": ids,
            "every": which.every,
            "start": start,
            "stop": stop,
            "batch": which.batch,
            "unchanged": which.unchanged,
        }
        if args.cluster is not None and which.progressive:
            raise InputError("--cluster has an order of its own; leave out --progressive.")
        if args.cluster is not None and args.keep_logits is not None:
            raise InputError("Workers keep no logits; leave out --keep-logits or --cluster.")
        if args.cluster is not None and which.hardware is not None:
            raise InputError("Workers decode by the processor; leave out --hardware.")
        source = detector_source(project, args.detector or None)
        records: Iterator[Any] = (
            score_strategy(
                project,
                detector,
                strategy,
                descriptors=DESCRIPTORS,
                progressive=which.progressive,
                keep_logits=args.keep_logits,
                hardware=which.hardware,
                **how,
            )
            if args.cluster is None
            else score_on_cluster(project, detector, source, strategy, args.cluster, **how)
        )
        for record in shown.drain(records):
            if isinstance(record, VideoScored):
                console.say(
                    f"{record.video}: {record.scored} frames scored, {record.new} of them now"
                )
    return footage.tell_failed(failed)
