"""Starting this program again, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path


def command_for(subcommand: str) -> list[str]:
    """How this installation calls its own subcommand in a new process: the frozen executable
    again (where it has a twin without a console, the one with), or the interpreter, which
    must not import from the current folder."""
    if getattr(sys, "frozen", False):
        mine = Path(sys.executable)
        twin = mine.with_name(f"framesift{mine.suffix}")
        return [str(twin if twin.exists() else mine), subcommand]
    return [sys.executable, "-P", "-m", "framesift", subcommand]
