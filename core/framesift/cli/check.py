"""Lists the labels that the current detector disagrees with, the most doubtful first: labels
that it does not find, boxes of which it is sure and that no label has, and labels that lie
elsewhere than its boxes. With --part measuring, its false positives (--kind unmatched_box) and
false negatives (--kind unmatched_label) on the measuring set. Nothing is changed."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options, projects
from framesift.cli.settings import add_options, given_options

if TYPE_CHECKING:
    from framesift.loop import Checked, Doubt


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.evaluation.check_settings import KINDS, PARTS, CheckSettings

    parser.add_argument("project", metavar="DIR")
    parser.add_argument(
        "--part", choices=PARTS, default="all", help="which labels (default: %(default)s)"
    )
    parser.add_argument(
        "--kind", choices=KINDS, action="append", help="of one kind only (may be repeated)"
    )
    parser.add_argument(
        "--count", type=int, default=20, metavar="N", help="how many to list (default: 20)"
    )
    options.add_map_option(parser)
    parser.add_argument("--json", action="store_true", help="answer in JSON, with all of them")
    add_options(parser.add_argument_group("settings"), CheckSettings, "check")
    options.add_detector_options(parser, default="")


def run(args: argparse.Namespace) -> int:
    from framesift.errors import InputError
    from framesift.evaluation.check_settings import KINDS, CheckSettings
    from framesift.loop import Checked, check_labels
    from framesift.records.settings import made

    if args.count < 1:
        raise InputError(f"{args.count} labels cannot be listed; give a number from 1 up.")
    chosen = made(CheckSettings, given_options(args, CheckSettings), noun="check")
    with projects.reading(args.project) as project, console.Shown() as shown:
        detector = projects.open_detector(project, args, exact=True)
        class_map = options.renamed(args.map)
        names = {record.id: record.name for record in project.videos.all()}
        for record in shown.drain(
            check_labels(project, detector, chosen, part=args.part, class_map=class_map)
        ):
            assert isinstance(record, Checked)
            doubts = [d for d in record.doubts if d.disagreement.kind in (args.kind or KINDS)]
            if args.json:
                console.say(json.dumps(_document(record, doubts, names), indent=1))
            else:
                _show(record, doubts, names, args.count)
    return 0


def _document(checked: Checked, doubts: list[Doubt], names: dict[str, str]) -> dict[str, Any]:
    return {
        "detector": checked.detector,
        "frames": checked.frames,
        "labels": checked.labels,
        "out_of_reach": checked.out_of_reach,
        "settled": checked.settled,
        "doubts": [_plain(doubt, names) for doubt in doubts],
    }


def _plain(doubt: Doubt, names: dict[str, str]) -> dict[str, Any]:
    from framesift.boxes import corners_of

    about, box = doubt.disagreement, doubt.disagreement.box
    return {
        "video": doubt.key.video,
        "name": names[doubt.key.video],
        "frame": doubt.key.frame,
        "kind": about.kind,
        "class": box.category,
        "severity": about.severity,
        "label": None if doubt.label is None else corners_of(box),
        "detected": None if about.detected is None else corners_of(about.detected),
        "score": about.score,
        "iou": about.iou,
        "measuring": doubt.measuring,
    }


def _show(checked: Checked, doubts: list[Doubt], names: dict[str, str], count: int) -> None:
    if doubts:
        console.table(
            ["video", "frame", "kind", "class", "severity", "score", "IoU"],
            [_row(doubt, names) for doubt in doubts[:count]],
        )
    kinds = Counter(doubt.disagreement.kind.replace("_", " ") for doubt in doubts)
    told = ", ".join(f"{number} × {kind}" for kind, number in kinds.items()) or "no doubt"
    console.say(f"{checked.frames} frames, {checked.labels} labels checked: {told}.")
    if len(doubts) > count:
        console.say(f"{count} of {len(doubts)} are listed; --count or --json lists more.")
    if checked.out_of_reach:
        console.say(
            f"{checked.out_of_reach} labels are of sizes that no box of the detector matches; "
            "they were not checked."
        )
    if checked.settled:
        console.say(f"{checked.settled} disagreements were decided on before.")


def _row(doubt: Doubt, names: dict[str, str]) -> tuple[str, int, str, str, str, str, str]:
    about = doubt.disagreement
    return (
        names[doubt.key.video],
        doubt.key.frame,
        about.kind.replace("_", " "),
        about.box.category,
        f"{about.severity:.3f}",
        f"{about.score:.3f}" if about.detected is not None else "",
        f"{about.iou:.3f}" if about.iou else "",
    )
