"""The parent's side of training in a child process; imports no torch."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from framesift.errors import EnvironmentProblem, FramesiftError, InputError
from framesift.files import cannot_write, make_folder
from framesift.product.processes import command_for as command_for
from framesift.records import Progress
from framesift.training.job import Record, TrainJob, from_line
from framesift.training.records import Finished
from framesift.training.state import outcome

_POLL_S = 0.2


class WorkerError(FramesiftError):
    """The child met a bug; `details` is its traceback, for a report."""

    def __init__(self, sentence: str, details: str) -> None:
        super().__init__(sentence)
        self.details = details


def run_worker(job: TrainJob) -> Iterator[Record]:
    """Trains in a child process and relays its records; see TrainWorker. Closing the generator
    stops the child.

    Args:
        job: what to train, on what, and where the result goes.

    Yields:
        The records of the training.

    Raises:
        InputError: as `train`.
        EnvironmentProblem: as `train`, and where the child dies.

    Example:
        >>> from framesift.training import TrainJob, TrainSettings
        >>> job = TrainJob("pedestrian", Path("set.json"), Path("out"), TrainSettings())
        >>> run_worker(job).close()
    """
    return TrainWorker(job).records()


class TrainWorker:
    """A training run in a child process, in a process group of its own.

    `records()` starts it and yields what `train` yields, Finished last, never silent for more
    than a quarter of a second. `stop()`, from any thread, asks it to end early: Finished then
    says `stopped` (no Finished when it had not begun). Closing the iterator asks too, waits
    up to `grace_s` and then kills. The child's stderr goes to worker.log in the job's folder.

    Raises the child's InputError or EnvironmentProblem, WorkerError for a bug in it, and
    EnvironmentProblem when it died or gave no sign of life for `silence_s`, neither a word nor
    a moment of computing; what it had saved is then still there
    (`framesift.training.outcome(job.out)`).
    """

    def __init__(
        self,
        job: TrainJob,
        *,
        command: Sequence[str] | None = None,
        grace_s: float = 30.0,
        silence_s: float = 60.0,
    ) -> None:
        self.job = job
        self.pid: int | None = None
        self._command = list(command or command_for("train-worker"))
        self._grace_s, self._silence_s = grace_s, silence_s
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._last = Progress(0, None, "steps", stage="starting")

    def stop(self) -> None:
        """Asks the child to stop and keep what it has."""
        self._stopping.set()
        self._ask()

    def _ask(self) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            # It may just have ended by itself.
            with contextlib.suppress(OSError, ValueError):
                os.write(process.stdin.fileno(), b"stop\n")

    def records(self) -> Iterator[Record]:
        """Starts the child and yields its records."""
        out = make_folder(Path(self.job.out))
        path = out / "job.json"
        self.job.save(path)
        try:
            # Made anew: an old one may be a link to somewhere else.
            (out / "worker.log").unlink(missing_ok=True)
            log = (out / "worker.log").open("xb")
        except OSError as error:
            raise cannot_write(out / "worker.log", error) from error
        with log:
            process = _start([*self._command, str(path)], log)
        self._process, self.pid = process, process.pid
        lines: queue.Queue[bytes | None] = queue.Queue()
        reader = threading.Thread(
            target=_read, args=(process.stdout, lines), name="framesift-train-worker"
        )
        reader.start()
        try:
            if self._stopping.is_set():
                self._ask()
            yield self._last
            yield from self._relay(lines)
        finally:
            self._end(process)
            reader.join()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _relay(self, lines: queue.Queue[bytes | None]) -> Iterator[Record]:
        heard, computed = time.monotonic(), 0.0
        while True:
            try:
                line = lines.get(timeout=_POLL_S)
            except queue.Empty:
                # It gives way to others: on a busy machine it may be minutes until it speaks.
                if (spent := self._computed()) > computed:
                    heard, computed = time.monotonic(), spent
                if time.monotonic() - heard > self._silence_s:
                    raise EnvironmentProblem(
                        "The training process gives no sign of life and was ended. "
                        + self._left()
                    ) from None
                yield self._last
                continue
            if line is None:
                raise self._death()
            heard = time.monotonic()
            data = _parsed(line)
            if "error" in data:
                raise self._error(data)
            if "result" in data:
                result = data["result"] and from_line(data["result"])
                if isinstance(result, Finished):
                    yield result
                return
            record = from_line(data)
            # The child's own Finished comes again as its result.
            if record is not None and not isinstance(record, Finished):
                self._last = record if isinstance(record, Progress) else self._last
                yield record

    def _computed(self) -> float:
        """The seconds of processor time that the child has had so far."""
        assert self.pid is not None
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(self.pid).cpu_times()
            return float(times.user + times.system)
        return 0.0

    def _death(self) -> EnvironmentProblem:
        assert self._process is not None
        code = self._process.wait()
        how = f"ended unexpectedly (status {code})"
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            how = f"was killed ({name}"
            how += ", often for want of memory)" if name == "SIGKILL" else ")"
        return EnvironmentProblem(f"The training process {how}. {self._left()}")

    def _left(self) -> str:
        return self._kept() or "It had not saved anything yet; start the training anew."

    def _kept(self) -> str:
        with contextlib.suppress(InputError):
            left = outcome(self.job.out)
            if left is not None:
                return (
                    f"What it had learnt up to step {left.step} of {left.steps} is kept: "
                    "resume the training or use that checkpoint."
                )
        return ""

    def _error(self, data: dict[str, Any]) -> FramesiftError:
        text = str(data["error"])
        if data.get("kind") == "input":
            return InputError(text)
        if data.get("kind") == "environment":
            return EnvironmentProblem(f"{text} {self._kept()}".strip())
        return WorkerError(text, str(data.get("details", "")))

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            self._ask()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self._grace_s)
        if process.poll() is None:
            _kill(process)
            process.wait()


def _start(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {
            "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.CREATE_NO_WINDOW
            | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        }
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            **group,
        )
    except OSError as error:
        raise EnvironmentProblem(
            f"Cannot start the training process: {error.strerror or error}."
        ) from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _read(pipe: IO[bytes] | None, lines: queue.Queue[bytes | None]) -> None:
    assert pipe is not None
    rest = b""
    while got := pipe.read(65536):
        *whole, rest = (rest + got).split(b"\n")
        for line in whole:
            lines.put(line)
    lines.put(None)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
