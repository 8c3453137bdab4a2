"""The command line: `framesift COMMAND …`.

Exit status: 0 done, 1 a bug of ours, 2 unusable input, 3 the machine stands in the way, 130
interrupted (what was done until then is kept).
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from framesift.errors import EnvironmentProblem, FramesiftError, InputError

_BUG, _PROBLEM, _INPUT, _INTERRUPTED = 1, 3, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    from framesift.cli.parser import build_parser

    words = list(sys.argv[1:] if argv is None else argv)
    # Before the command there are only options of framesift itself, which take no value.
    parser = build_parser(next((word for word in words if not word.startswith("-")), ""))
    args = parser.parse_args(words)
    if args.run is None:
        parser.print_help()
        return 0
    # After --help has been answered: that needs neither.
    from framesift.cli.settings import old_names
    from framesift.files.printable import printable

    for sentence in old_names(args):
        sys.stderr.write(f"note: {printable(sentence)}\n")
    try:
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except FramesiftError as error:
        sys.stderr.write(f"framesift: {printable(str(error))}\n")
        if isinstance(error, EnvironmentProblem):
            return _PROBLEM
        return _INPUT if isinstance(error, InputError) else _BUG
    except KeyboardInterrupt:
        sys.stderr.write("framesift: interrupted; what was finished is kept.\n")
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong, and the
        # interpreter must not try to flush into the closed pipe when it ends.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
