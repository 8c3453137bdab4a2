"""Makes a project: a folder that owns scores, labels, detectors and the ledger of cycles."""

from __future__ import annotations

import argparse

from framesift.cli import console
from framesift.cli.settings import add_options, given_options
from framesift.records.settings import made


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.project.start import ProjectStart

    parser.add_argument("project", metavar="DIR", help="the folder to make")
    add_options(parser, ProjectStart, "project")


def run(args: argparse.Namespace) -> int:
    from pathlib import Path

    from framesift.detectors.files.checkpoint import load_detector
    from framesift.project import Project
    from framesift.project.start import ProjectStart

    begun = made(ProjectStart, given_options(args, ProjectStart), noun="project")
    # A detector that cannot be loaded is told now, not after the footage was added.
    load_detector(begun.detector, device="cpu", backend="torch")
    detector = begun.detector
    if Path(detector).exists():
        detector = str(Path(detector).resolve())
    with Project.create(args.project, classes=begun.classes, detector=detector) as project:
        console.say(
            f"{project.folder}: {', '.join(project.classes)}; begins with {begun.detector}."
        )
    return 0
