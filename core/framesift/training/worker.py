"""The child's side of training in a process of its own: `framesift train-worker JOB`.

JSON lines on stdout: the records of `train` (their kind under "record"), a heartbeat at least
every second, and at the end {"result": …} or {"error": sentence, "kind": …}. A line "stop" on
stdin, the end of stdin (the parent is gone) or SIGTERM: the run stops and keeps what it has.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framesift.errors import EnvironmentProblem, InputError
from framesift.records import closing
from framesift.training.job import TrainJob, to_line
from framesift.training.ranks import Ranks

HEARTBEAT_S = 0.3
_STATUS = {"input": 2, "environment": 3, "bug": 1}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the job whose file is the only argument; 0 for finished or stopped, 2 for unusable
    input, 3 for a machine that refuses, 1 for a bug."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # A crash of a library writes where it happened to the log.
    faulthandler.enable(2, all_threads=True)
    with _Channel() as channel:
        try:
            if len(arguments) != 1:
                raise InputError("The training worker takes one argument, its job file.")
            lower_priority()
            channel.send({"result": _run(Path(arguments[0]), channel)})
            return 0
        except InputError as error:
            kind, text, details = "input", str(error), ""
        except EnvironmentProblem as error:
            kind, text, details = "environment", str(error), ""
        except Exception as error:
            kind, details = "bug", traceback.format_exc()
            text = (
                f"Training failed through an error of Framesift itself "
                f"({type(error).__name__}: {error})."
            )
            sys.stderr.write(details)
        channel.send({"error": text, "kind": kind, "details": details})
        return _STATUS[kind]


def _run(path: Path, channel: _Channel) -> dict[str, Any] | None:
    job, ranks = TrainJob.load(path), Ranks.of_environment()
    # Several stop together, after a step: one that never came would be waited for.
    if ranks.alone and channel.stopped():
        return None
    from framesift.training.job_run import ends_with, trained
    from framesift.training.state import outcome

    with ranks.joined():
        ranks.told(str(path.absolute()))
        with closing(trained(job, ranks)) as records:
            for record in records:
                channel.send(to_line(record))
                if ends_with(record, channel.stopped(), ranks):
                    break
    left = outcome(job.out)
    return None if left is None else to_line(left)


def lower_priority() -> None:
    """Makes room for the window and whatever else the user is doing."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process().nice(
            psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10
        )


class _Channel:
    """The wire to the parent: lines out, heartbeats, and the wish to stop.

    It keeps the process's standard output for itself and points the number 1 at stderr, so
    that whatever a library prints cannot break a line. Its threads read and write the bare
    file descriptors: Python's buffered streams would lock up at exit.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._out = os.dup(1)
        os.dup2(2, 1)

    def stopped(self) -> bool:
        """Whether the parent wants an end, or is gone."""
        return self._stop.is_set()

    def __enter__(self) -> _Channel:
        with contextlib.suppress(ValueError, OSError):
            signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        for work in (self._listen, self._beat):
            threading.Thread(target=work, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def send(self, data: dict[str, Any]) -> None:
        line = (json.dumps(data) + "\n").encode()
        with self._lock:
            try:
                while line:
                    line = line[os.write(self._out, line) :]
            except OSError:
                # Nobody reads any more.
                self._stop.set()

    def _beat(self) -> None:
        start = time.monotonic()
        while not self._ended.wait(HEARTBEAT_S):
            self.send({"heartbeat": round(time.monotonic() - start, 3)})

    def _listen(self) -> None:
        text = b""
        while not self._ended.is_set():
            try:
                got = os.read(0, 4096)
            except OSError:
                got = b""
            text += got
            if not got or b"stop" in text.split(b"\n"):
                self._stop.set()
                return


if __name__ == "__main__":
    sys.exit(main())
