"""Runs the units of a board somewhere, and tells which results have come."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from framesift.cluster.board import Board
from framesift.cluster.units import Handler
from framesift.cluster.where import Where
from framesift.cluster.working import handler_of
from framesift.errors import EnvironmentProblem
from framesift.records import Notice, Progress, RateMeter, closing

POLL_S = 0.1
RESTARTS = 20
"""How often a local worker that died is started again."""


@dataclass(frozen=True, slots=True)
class Landed:
    """The result of a unit has come."""

    key: str


def run_units(
    board: Board, where: Where, command: Sequence[str], handlers: Mapping[str, Handler]
) -> Iterator[Landed | Progress | Notice]:
    """Has the units of a board worked at. With Slurm a job script is written, and a Notice says
    how to submit it. Closing the generator ends the workers that it started.

    Args:
        board: the run: its folder, which all workers see, and its units.
        where: local processes, Ray or Slurm, and how many workers.
        command: what starts a worker, to which the board's folder is appended.
        handlers: by kind of unit, what works at one.

    Yields:
        Landed for each result, those first that lay there already; Progress and Notices in
        between.

    Raises:
        InputError: nothing here works at units of the board's kind.
        EnvironmentProblem: workers cannot be had, or they end with units left.

    Example:
        >>> from pathlib import Path
        >>> from framesift.cluster import Board, Landed, Made, Unit, Where, run_units
        >>> def upper(shared, task):
        ...     yield Made(task["text"].upper().encode())
        >>> unit = Unit.of({"text": "a"}, {})
        >>> board = Board.create(Path("run-2"), "upper", {}, [unit])
        >>> board.put(unit.key, b"A")
        >>> records = run_units(board, Where("local", 1), ["false"], {"upper": upper})
        >>> [record.key == unit.key for record in records if isinstance(record, Landed)]
        [True]
    """
    told: set[str] = set()
    meter = RateMeter(len(board.units), "units", "units")
    yield meter.progress()
    with closing(_waiting(board, where, command, handlers)) as waits:
        for notice in waits:
            if notice is not None:
                yield notice
            for key in sorted(board.done() - told):
                told.add(key)
                yield Landed(key)
                yield meter.advance()
            yield meter.progress()


def _waiting(
    board: Board, where: Where, command: Sequence[str], handlers: Mapping[str, Handler]
) -> Iterator[Notice | None]:
    """Yields now and then, for the last time when nothing is left to wait for."""
    handler_of(board, handlers)
    yield None
    if not board.left():
        return
    if where.kind == "slurm":
        from framesift.cluster.slurm import write_script

        script = write_script(board, where.count or 1, command)
        yield Notice(
            f"{len(board.left())} units are to be worked at: give them to `sbatch {script}` "
            "and give this command again when the jobs have ended; it takes in what they made."
        )
    elif where.kind == "ray":
        from framesift.cluster.by_ray import waiting

        yield from waiting(board, where, handlers)
    else:
        with closing(_local(board, where.count or 1, command)) as waits:
            yield from waits
    yield None


def _local(board: Board, count: int, command: Sequence[str]) -> Iterator[Notice | None]:
    crew = _Crew(board, [*command, str(board.folder)])
    try:
        for _ in range(min(count, len(board.left()))):
            crew.start()
        while board.left():
            yield from crew.look()
            time.sleep(POLL_S)
            yield None
    finally:
        crew.end()


@dataclass(slots=True)
class _Crew:
    """Worker processes on this machine."""

    board: Board
    command: list[str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    restarts: int = 0

    def start(self) -> None:
        log = self.board.folder / "worker.log"
        with log.open("ab") as errors:
            self.running.append(
                subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                )
            )

    def look(self) -> Iterator[Notice]:
        """Starts workers again that are gone while units are left."""
        for child in [process for process in self.running if process.poll() is not None]:
            self.running.remove(child)
            self._clear(child)
            if not self.board.left():
                continue
            if child.returncode == 0 and self.running:
                continue  # It found nothing free: the others have it.
            self.restarts += 1
            if self.restarts > RESTARTS:
                raise EnvironmentProblem(
                    f"The workers end again and again (status {child.returncode}); "
                    f"{_last_line(self.board.folder / 'worker.log')}"
                )
            if child.returncode != 0:
                yield Notice(
                    f"A worker ended with status {child.returncode} and is started again; "
                    "its unit is worked at once more."
                )
            self.start()

    def _clear(self, child: subprocess.Popen[bytes]) -> None:
        import socket

        self.board.release_all_of(f"{socket.gethostname()}:{child.pid}")

    def end(self) -> None:
        for child in self.running:
            child.kill()
        for child in self.running:
            child.wait()
            self._clear(child)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return f"the last word of one: {lines[-1][:300]}" if lines else f"see {log}."
