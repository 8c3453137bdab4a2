"""The parser, put together from the command modules; nothing heavy is imported for it."""

from __future__ import annotations

import argparse
import importlib

from framesift._version import __version__

COMMANDS: dict[str, str] = {
    "select": "find the frames worth labelling, and write a report",
    "score": "score videos into a project (resumable)",
    "rescore": "score by other settings from kept logits, without the network",
    "quantize": "score in 8 bits: calibrate, show what picks are the same, keep it",
    "inspect": "say what a video file really holds",
    "demo": "draw a drive and select from it: the main job without footage",
    "app": "open the desktop application",
    "doctor": "devices, versions, and what is unavailable and why",
    "bench": "measure this machine",
    "weights": "detectors that others trained: list, fetch, import",
    "init": "make a project",
    "add": "add footage to a project",
    "drives": "list, join and part a project's drives",
    "sample": "draw random frames for measuring only",
    "similar": "frames of a project that look like one of them",
    "map": "a project's frames in a plane, alike ones close",
    "strategies": "list the ways to choose frames: cost, needs, failures looked for",
    "cycle": "score, smooth, select and take: one cycle of a project",
    "labels": "export and import labels",
    "train": "fine-tune on the project's labels",
    "evaluate": "measure the detector on the evaluation set",
    "check": "list the labels that the detector disagrees with",
    "check-detector": "say whether the pixel score is meaningful for a detector",
    "export-onnx": "write a detector as an ONNX file",
    "plan": "what budget costs what time",
    "status": "the ledger of cycles",
    "history": "the journal of edits",
    "undo": "take the latest edit back, or do it again",
    "simulate": "replay the loop over labelled footage: does it choose better?",
    "synth": "draw labelled driving scenes as a video",
    "train-initial": "train a first detector on drawn scenes",
    "train-head": "train the head that predicts what a detector misses",
    "worker": "work at a scoring run of several machines",
    "train-worker": "train in a child process (used by the others)",
    "try-onnx": "try an ONNX file in a child process (used by the others)",
}
"""Name and summary by command; the module is named like the command."""


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The whole command line; documentation is made from it too. `only`: the command whose
    arguments are wanted ("" for none), so that the others need not be imported."""
    parser = argparse.ArgumentParser(
        prog="framesift",
        description="Finds the frames of a video that are worth labelling.",
        epilog="`framesift COMMAND --help` says more about a command.",
    )
    parser.add_argument("--version", action="version", version=f"framesift {__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        if only not in (None, name):
            commands.add_parser(name, help=summary)
            continue
        module = importlib.import_module(f"framesift.cli.{name.replace('-', '_')}")
        command = commands.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser
