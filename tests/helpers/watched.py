"""A child process that is given one input after another and is watched from outside: how it
takes each, how long that takes, and how much memory."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import psutil

Outcome = Literal["taken", "refused", "bug", "hang", "memory", "died"]
_START_S = 120.0
_PATIENCE = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an input was taken, what was said of it, and at what cost."""

    outcome: Outcome
    text: str
    seconds: float
    megabytes: float


class Watched:
    """Runs `command`, which answers each line of its stdin by a JSON line of its stdout:
    {"outcome": "taken", "refused" or "bug", "text": …}; its first line says that it is ready.
    A child that takes longer than `seconds` for an answer, or more memory than `megabytes`, is
    killed and started again for the next. Its seconds are those of a processor, so that a busy
    machine is not held against it; one that computes nothing may take `_PATIENCE` times as long
    by the clock."""

    def __init__(
        self, command: Sequence[str], *, seconds: float = 10.0, megabytes: float = 1024.0
    ) -> None:
        self._command, self._seconds, self._megabytes = list(command), seconds, megabytes
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def ask(self, line: str) -> Verdict:
        """Gives the child an input and waits for its answer."""
        if self._process is None:
            self._begin()
        assert self._process is not None
        assert self._process.stdin is not None
        watched = psutil.Process(self._process.pid)
        began, before = time.monotonic(), _computed(watched)
        with contextlib.suppress(OSError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        most = spent = 0.0
        while True:
            with contextlib.suppress(psutil.Error):
                most = max(most, watched.memory_info().rss / 1e6)
                spent = max(spent, _computed(watched) - before)
            waited = time.monotonic() - began
            answer = self._answer(0.02)
            if answer is not None:
                said = json.loads(answer or b'{"outcome": "died", "text": ""}')
                if not answer:
                    self._end()
                return Verdict(said["outcome"], said["text"], spent, most)
            if most > self._megabytes or max(spent, waited / _PATIENCE) > self._seconds:
                self._end()
                outcome: Outcome = "memory" if most > self._megabytes else "hang"
                return Verdict(outcome, "", max(spent, waited / _PATIENCE), most)

    def _begin(self) -> None:
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._reader = threading.Thread(
            target=_read, args=(self._process, self._lines), daemon=True
        )
        self._reader.start()
        assert self._answer(_START_S), "the child did not start"

    def _answer(self, patience: float) -> bytes | None:
        """A line of the child; b"" at its end, None when none came yet."""
        with contextlib.suppress(queue.Empty):
            return self._lines.get(timeout=patience)
        return None

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        assert self._reader is not None
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process = None


def _computed(process: psutil.Process) -> float:
    """Seconds of processors that a process and its ended children have had."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _read(process: subprocess.Popen[bytes], lines: queue.Queue[bytes]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(b"")
