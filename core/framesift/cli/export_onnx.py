"""Writes a detector as an ONNX file for other programs: the dense heads are kept as outputs,
and classes and settings go with it, so that Framesift scores with it as with the original. Give
a checkpoint, a bundled detector, or a project (its current detector)."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from framesift.cli import console, options
from framesift.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "detector",
        metavar="PROJECT|CHECKPOINT",
        help="a project's folder, a checkpoint, or a bundled detector's name",
    )
    parser.add_argument("out", metavar="OUT.onnx", help="the file to write")
    parser.add_argument(
        "--checkpoint",
        metavar="NAME",
        help="which of a project's checkpoints (default: the current detector)",
    )
    parser.add_argument(
        "--size",
        metavar="WIDTHxHEIGHT",
        help="the one size of all pictures, for programs that need it (default: any)",
    )
    options.add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    from framesift.detectors.onnx.export import Exported, export_onnx

    options.check_new(args, Path(args.out))
    size = None if args.size is None else _size(args.size)
    detector = _detector(args)
    with console.Shown() as shown:
        for record in shown.drain(export_onnx(detector, Path(args.out), size=size)):
            assert isinstance(record, Exported)
            sides = "any size" if record.size is None else f"{record.size[1]}×{record.size[0]}"
            console.say(
                f"{record.path}: {', '.join(detector.classes)}; pictures of {sides}, "
                f"{len(record.outputs)} outputs; probabilities differ from the "
                f"detector's by at most {record.difference:.1g}."
            )
    return 0


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text.strip())
    if match is None:
        raise InputError(f"--size {text!r} is no size; write width and height, e.g. 640x480.")
    return int(match[2]), int(match[1])


def _detector(args: argparse.Namespace) -> Any:
    from framesift.cli import projects
    from framesift.detectors.files.checkpoint import load_detector

    if Path(args.detector).is_dir():
        from framesift.loop import current_detector

        with projects.reading(args.detector) as project:
            return current_detector(
                project,
                device="cpu",
                precision="float32",
                backend="torch",
                tiles="1x1",
                name=args.checkpoint,
            )
    if args.checkpoint:
        raise InputError("--checkpoint names one of a project's; give a project's folder.")
    return load_detector(args.detector, device="cpu", precision="float32", backend="torch")
