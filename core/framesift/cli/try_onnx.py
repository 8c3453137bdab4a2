"""Tries an ONNX file from stdin under limits of memory; whatever loads such files starts it in
a child process, nobody else needs to."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(args: argparse.Namespace) -> int:
    from framesift.detectors.onnx.attempt import main

    return main()
