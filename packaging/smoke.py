"""Tries a packaged Framesift as its users meet it: `python packaging/smoke.py BUNDLE`.

The bundle is copied to another place and runs with a bare environment: no Python on its path,
a home of its own. Any Python 3.11 or newer runs this; nothing needs to be installed for it but
Xvfb and xdotool, for the window. Ends with status 0 when everything held.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from smoking import commands, window
from smoking.subject import Subject


def main() -> int:
    """Runs the test; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, help="the built folder, or its archive")
    parser.add_argument(
        "--clip",
        type=Path,
        metavar="VIDEO",
        help="select from this video (default: a drawn one)",
    )
    parser.add_argument(
        "--awkward",
        action="store_true",
        help="a user name and paths with spaces and non-Latin letters",
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="the bundle cannot be written to, and its user is nobody special",
    )
    parser.add_argument("--no-window", action="store_true", help="the command line only")
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="DIR",
        help="where the screenshots go (default: a temporary folder)",
    )
    args = parser.parse_args()
    # A shell's background jobs ignore Ctrl-C, and what they start does, too; one step needs it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    pictures = args.pictures or Path(tempfile.mkdtemp(prefix="framesift-pictures-"))
    pictures.mkdir(parents=True, exist_ok=True)
    subject = Subject(args.bundle.resolve(), awkward=args.awkward, read_only=args.read_only)
    clip = args.clip.resolve() if args.clip else None
    steps: dict[str, Callable[[], str]] = {
        "version": lambda: commands.version(subject),
        "doctor": lambda: commands.doctor(subject),
        "licences": lambda: commands.licences(subject),
        "select": lambda: commands.select(subject, clip),
        "training": lambda: commands.training(subject),
    }
    if not args.no_window and window.possible():
        steps["window"] = lambda: window.window(subject, pictures)
    steps["untouched"] = subject.check_untouched
    failed = [name for name, step in steps.items() if not _holds(name, step)]
    subject.remove()
    sys.stdout.write(f"pictures: {pictures}\n" if "window" in steps else "")
    sys.stdout.write(f"failed: {', '.join(failed)}\n" if failed else "everything holds\n")
    return 1 if failed else 0


def _holds(name: str, step: Callable[[], str]) -> bool:
    began = time.monotonic()
    try:
        result, state = step(), "ok"
    except (AssertionError, OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
        result, state = f"{type(error).__name__}: {error}", "FAILED"
    sys.stdout.write(f"{name:10} {state:6} {time.monotonic() - began:6.1f} s  {result}\n")
    sys.stdout.flush()
    return state == "ok"


if __name__ == "__main__":
    raise SystemExit(main())
