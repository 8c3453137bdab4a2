"""Measures the current detector on the evaluation set: miss rate against false positives per
image, mAP, curves, what the boxes can reach, and what changed since the cycle before."""

from __future__ import annotations

import argparse
import json
from typing import Any

from framesift.cli import console, options, projects
from framesift.cli.settings import add_options, given_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.evaluation.settings import PRESETS, EvaluationSettings

    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "--preset",
        choices=list(PRESETS),
        help="a set of defaults; paper: double evaluation, filtered labels discarded",
    )
    options.add_map_option(parser)
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    add_options(parser.add_argument_group("settings"), EvaluationSettings, "evaluation")
    options.add_detector_options(parser, default="")


def run(args: argparse.Namespace) -> int:
    from framesift.loop import Measurement, evaluate_project

    with projects.writing(args.project) as project, console.Shown() as shown:
        detector = projects.open_detector(project, args, exact=True)
        class_map = options.renamed(args.map)
        for record in shown.drain(
            evaluate_project(project, detector, _changes(args), class_map=class_map)
        ):
            assert isinstance(record, Measurement)
            if args.json:
                console.say(json.dumps(record.evaluation.summary(), indent=1))
            else:
                show(record)
    return 0


def _changes(args: argparse.Namespace) -> dict[str, Any]:
    from framesift.evaluation.settings import PRESETS, EvaluationSettings

    return {**PRESETS.get(args.preset or "", {}), **given_options(args, EvaluationSettings)}


def show(measured: Any) -> None:
    """Figures of a Measurement as a table."""
    evaluation = measured.evaluation

    def percent(value: float | None) -> str:
        return "" if value is None or value != value else f"{100 * value:.1f} %"

    def between(interval: Any) -> str:
        return (
            ""
            if interval is None
            else (f"{100 * interval.low:.1f}–{100 * interval.high:.1f} %")
        )

    console.say(f"{evaluation.frames} frames, {evaluation.labels} labels")
    console.table(
        ["class", "IoU", "miss rate at FPPI 1", "95 %", "log-average", "boxes reach"],
        [
            (
                r.category,
                r.iou,
                percent(r.miss_rate) + ("" if r.reached else " (curve ends)"),
                between(r.miss_rate_interval),
                percent(r.log_average_miss_rate),
                percent(r.reachable),
            )
            for r in evaluation.results
        ],
    )
    if len(evaluation.classes) > 1:
        at = evaluation.headline
        console.say(
            f"Mean of the classes with labels, IoU {at:g}: miss rate at FPPI 1 "
            f"{percent(evaluation.miss_rate())}, log-average "
            f"{percent(evaluation.log_average_miss_rate())}"
        )
        if evaluation.coco is not None:
            console.table(
                ["class", "mAP", "AP50", "AP75"],
                [(name, *map(percent, values)) for name, *values in evaluation.coco.per_class],
            )
    if evaluation.coco is not None:
        console.say(
            f"mAP {percent(evaluation.coco.map)} · AP50 {percent(evaluation.coco.ap50)} · "
            f"AP75 {percent(evaluation.coco.ap75)}"
        )
    if measured.before is not None:
        totals = measured.before.totals()
        console.say(
            "Since the detector before: "
            + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in totals.items())
        )
    console.say(f"Report: {measured.folder / 'report.html'}")
