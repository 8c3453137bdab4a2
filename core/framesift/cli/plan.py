"""Measures this machine and says what a budget costs in time, and how many frames to label a
cycle."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.cli import console, options, projects
from framesift.cli.settings import add_options, given_options
from framesift.errors import InputError
from framesift.records.settings import made

if TYPE_CHECKING:
    from framesift.bench.planner import PlanSettings
    from framesift.project import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.bench.planner.settings import PlanSettings

    parser.add_argument("project", metavar="DIR")
    add_options(parser, PlanSettings, "plan")
    parser.add_argument("--png", metavar="FILE", help="write the figure")
    options.add_detector_options(parser, default="")


def run(args: argparse.Namespace) -> int:
    from framesift.bench.planner import Plan, PlanSettings, plan_png
    from framesift.files import write_bytes
    from framesift.loop import measured_seconds, plan_project

    with projects.reading(args.project) as project, console.Shown() as shown:
        detector = projects.open_detector(project, args)
        frames = sum(len(video) for video in project.videos.all("pool"))
        # What somebody says goes before what was measured, and that before what is published.
        given = {**measured_seconds(project), **given_options(args, PlanSettings)}
        chosen = made(PlanSettings, given, noun="plan")
        for plan in shown.drain(
            plan_project(
                project,
                detector,
                budget=chosen.total(frames),
                epochs=chosen.epochs,
                hours=chosen.hours,
                every=chosen.every,
                label_seconds=_seconds(project, chosen),
            )
        ):
            assert isinstance(plan, Plan)
            costs = plan.costs
            console.say(
                f"{plan.frames} frames, {plan.budget} labels; {costs.score_ms:.0f} ms "
                f"to score a frame, {costs.step_ms:.0f} ms to train on one, "
                f"{costs.label_s:.0f} s to label one."
            )
            console.table(
                ["b", "cycles", "scoring", "training", "labelling"],
                [
                    (
                        ("→ " if option is plan.recommended else "") + str(option.per_cycle),
                        option.cycles,
                        console.left(option.scoring_s),
                        console.left(option.training_s),
                        console.left(option.labelling_s),
                    )
                    for option in plan.options
                ],
            )
            console.say(plan.reason)
            if args.png:
                write_bytes(Path(args.png), plan_png(plan))
                console.say(f"Figure: {args.png}")
    return 0


def _seconds(project: Project, chosen: PlanSettings) -> float | None:
    """Seconds of a person's work for a frame, where they are not to be measured."""
    if chosen.labels == "frames":
        return chosen.label_seconds
    states, boxes = project.labels.counts()
    frames = states["labelled"] + states["nothing"]
    if chosen.objects is None and not frames and chosen.labels != "tags":
        raise InputError(
            "The project has no labelled frame to count objects in; say with --objects how "
            "many a frame has."
        )
    return chosen.seconds_a_frame(boxes / max(1, frames), len(project.classes))
