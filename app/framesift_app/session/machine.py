"""What this machine has and lacks, asked in a process of its own: a broken driver may take
down whoever calls it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from framesift.errors import EnvironmentProblem
from framesift.records import Progress
from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.workers.threads import Worker

POLL_S = 0.2
PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class Examined:
    """What `framesift doctor` says, as text."""

    text: str


class Machine(QObject):
    """Reports of the machine, and the licences of what Framesift runs on."""

    licencesRead = Signal(object)  # noqa: N815 (Qt's way of naming)

    def __init__(self, jobs: Jobs, files: Worker, messages: Messages) -> None:
        super().__init__()
        self._jobs, self._files, self._messages = jobs, files, messages

    def examine(self) -> None:
        """Has `framesift doctor` look at this machine: jobs.finished("examine", Examined)."""
        # Neither this nor the licences' reader is worth a later window.
        from framesift.training.process import command_for

        if self._jobs.active("examine") is None:
            self._jobs.start(
                "examine",
                self.tr("Looking at this machine"),
                lambda: examining(command_for("doctor")),
                self._files,
                pausable=False,
            )

    def read_licences(self) -> None:
        """Reads the licences of third parties: `licencesRead`."""
        from framesift.product.licences import third_party

        self._files.submit(third_party, self.licencesRead.emit, self._messages.fail)


def examining(command: Sequence[str]) -> Iterator[Progress | Examined]:
    """Runs the command and yields what it says; Progress meanwhile.

    Raises EnvironmentProblem when it cannot be started, fails, or says nothing for three
    minutes. Closing kills it.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise EnvironmentProblem(
                f"This machine cannot be looked at ({error.strerror or error}); install "
                "Framesift again."
            ) from error
        try:
            end = time.monotonic() + PATIENCE_S
            while child.poll() is None:
                if time.monotonic() > end:
                    raise EnvironmentProblem(
                        "Looking at this machine came to no end; a driver may be stuck. "
                        "Restart the computer and try again."
                    )
                yield Progress(0, None, unit="", stage="")
                time.sleep(POLL_S)
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        err.seek(0)
        text = out.read().decode("utf-8", "replace").strip()
        if child.returncode or not text:
            last = err.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise EnvironmentProblem(
                "Looking at this machine failed"
                + (f" ({last[0]})" if last else "")
                + "; run `framesift doctor` in a terminal to see more."
            )
        yield Examined(text)
