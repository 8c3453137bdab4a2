"""Opens the desktop application."""

from __future__ import annotations

import argparse
import importlib

from framesift.errors import EnvironmentProblem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", nargs="?", metavar="DIR", help="open this project")


def run(args: argparse.Namespace) -> int:
    # By name: the engine does not depend on the application, nor on Qt.
    try:
        application = importlib.import_module("framesift_app.__main__")
    except ImportError as error:
        raise EnvironmentProblem(
            f"The desktop application cannot be started ({error}); install it with "
            'pip install "framesift[app]".'
        ) from error
    status: int = application.main([args.project] if args.project else [])
    return status
