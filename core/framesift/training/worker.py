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
from framesift.training.job import TrainJob, to_line

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
            channel.send({"result": _run(TrainJob.load(Path(arguments[0])), channel)})
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


def _run(job: TrainJob, channel: _Channel) -> dict[str, Any] | None:
    if channel.stopped():
        return None
    # What cuBLAS needs to repeat itself; it looks at it when it starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    from framesift.detectors.files.checkpoint import load_detector
    from framesift.training.data import TrainingSet, VideoSource
    from framesift.training.fitting import (
        with_classes_of,
        with_fitted_boxes,
        with_random_weights,
    )
    from framesift.training.loop import train
    from framesift.training.state import outcome

    if job.settings.threads is not None:
        torch.set_num_threads(job.settings.threads)
    dataset = TrainingSet.load(job.training_set)
    folder, memory = job.training_set.parent, job.cache_mb << 20
    # By size, so that neither part starves the other.
    share = len(dataset.part("train")) / max(1, len(dataset.entries))
    with (
        VideoSource(dataset, "train", folder=folder, cache_bytes=int(memory * share)) as source,
        VideoSource(
            dataset, "validation", folder=folder, cache_bytes=int(memory * (1 - share))
        ) as validation,
    ):
        detector = load_detector(job.detector, job.device, backend="torch")
        if job.fresh:
            detector = with_random_weights(detector, job.settings.seed)
        detector = with_classes_of(detector, source, job.settings.seed)
        if job.fit_boxes:
            detector = with_fitted_boxes(detector, source)
        previous = None
        if job.previous and job.settings.box_loss == "huale":
            previous = load_detector(job.previous, job.device, backend="torch")
        measured = validation if job.validate and len(validation) else None
        records = train(
            detector,
            source,
            job.settings,
            job.out,
            validation=measured,
            resume=job.resume,
            lineage=job.lineage,
            previous=previous,
        )
        with contextlib.closing(records):
            for record in records:
                channel.send(to_line(record))
                if channel.stopped():
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
