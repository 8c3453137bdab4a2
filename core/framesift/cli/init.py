"""Makes a project: a folder that owns scores, labels, detectors and the ledger of cycles."""

from __future__ import annotations

import argparse

from framesift.cli import console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR", help="the folder to make")
    parser.add_argument(
        "--classes",
        nargs="+",
        default=["pedestrian"],
        metavar="NAME",
        help="what is labelled (default: pedestrian)",
    )
    parser.add_argument(
        "--detector",
        default="pedestrian",
        metavar="NAME",
        help="the detector to begin with: a bundled one or a checkpoint (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    from pathlib import Path

    from framesift.detectors.files.checkpoint import load_detector
    from framesift.project import Project

    classes = [name for text in args.classes for name in text.split(",") if name]
    # A detector that cannot be loaded is told now, not after the footage was added.
    load_detector(args.detector, device="cpu")
    detector = args.detector
    if Path(detector).exists():
        detector = str(Path(detector).resolve())
    with Project.create(args.project, classes=classes, detector=detector) as project:
        console.say(
            f"{project.folder}: {', '.join(project.classes)}; begins with {args.detector}."
        )
    return 0
