"""Where the executables begin: the window when started plainly or with a project, the command
line with a command, and whatever child process re-enters them."""

from __future__ import annotations

import multiprocessing
import os
import sys


def main() -> int:
    """Runs what the arguments ask for; the exit status."""
    # First of all: a child of multiprocessing is this executable, too.
    multiprocessing.freeze_support()
    for name in ("stdout", "stderr"):
        # The Windows executable without a console has none; its output goes nowhere.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    arguments = sys.argv[1:]
    if asks_for_window(arguments):
        from framesift_app.__main__ import main as window

        return window(arguments)
    from framesift.cli import main as command

    return command(arguments)


def asks_for_window(arguments: list[str]) -> bool:
    """Whether these arguments mean the window: none, or the path of a project."""
    if not arguments:
        return True
    from framesift.cli.parser import COMMANDS

    first = arguments[0]
    return first not in COMMANDS and not first.startswith("-") and os.path.exists(first)


if __name__ == "__main__":
    sys.exit(main())
