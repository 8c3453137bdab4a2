"""Scores a project's frames by other settings from the logits that `framesift score
--keep-logits` kept: another radius, region, reduction, mask or choice of classes, without the
network and without decoding."""

from __future__ import annotations

import argparse

from framesift.cli import console, options
from framesift.cli.selecting import add_strategy_option, strategy_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.scores.settings import PRESETS

    parser.add_argument("project", metavar="DIR")
    options.add_preset_option(parser, PRESETS)
    add_strategy_option(parser)
    options.add_score_options(parser, which=False)
    options.add_detector_options(parser, default="")


def run(args: argparse.Namespace) -> int:
    from framesift.cli import projects
    from framesift.loop import VideoScored, rescore_project
    from framesift.scores.strategies import strategy_named

    with projects.writing(args.project) as project, console.Shown() as shown:
        strategy = strategy_of(args, project)
        detector = projects.open_detector(project, args)
        scoring = projects.project_score_settings(project, detector, args, strategy)
        projects.keep_options(project, args, detector)
        for signal in strategy_named(strategy).signals:
            chosen = {**scoring, "method": signal}
            for record in shown.drain(rescore_project(project, detector, options=chosen)):
                if isinstance(record, VideoScored):
                    console.say(
                        f"{record.video}: {record.scored} frames scored, {record.new} of them "
                        "now"
                    )
    return 0
