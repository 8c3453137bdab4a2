"""Workers as actors of Ray Core. Only names of units travel; results are files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from framesift.cluster.board import Board
from framesift.cluster.units import Handler
from framesift.cluster.where import Where
from framesift.errors import EnvironmentProblem, first_line
from framesift.records import Notice

POLL_S = 0.1
RESTARTS = 10
CPUS = 0.5
"""What an actor asks for: two workers fit on a machine of one core."""


def waiting(
    board: Board, where: Where, handlers: Mapping[str, Handler]
) -> Iterator[Notice | None]:
    """Works at a board with actors; yields while it waits. Raises EnvironmentProblem without
    Ray, or where its cluster does not answer."""
    ray = _ray()
    mine = not ray.is_initialized()
    try:
        if mine:
            _connect(ray, where)
        yield from _actors(ray, board, where, handlers)
    finally:
        if mine:
            ray.shutdown()


def _ray() -> Any:
    # Ray reports its use unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise EnvironmentProblem(
            'Ray is not installed; install it with pip install "framesift[cluster]", or choose '
            "--cluster local:2."
        ) from error
    return ray


def _connect(ray: Any, where: Where) -> None:
    try:
        ray.init(
            address=where.address or None,
            include_dashboard=False if not where.address else None,
            log_to_driver=False,
            configure_logging=False,
        )
    except Exception as error:  # whatever Ray raises
        raise EnvironmentProblem(
            f"The Ray cluster {where.address or 'on this machine'} cannot be used "
            f"({first_line(error).rstrip('.')}); see `ray status`."
        ) from error


def _actors(
    ray: Any, board: Board, where: Where, handlers: Mapping[str, Handler]
) -> Iterator[Notice | None]:
    count = where.count or max(1, int(ray.cluster_resources().get("CPU", 1)))
    actor = ray.remote(num_cpus=CPUS, max_restarts=RESTARTS, max_task_retries=RESTARTS)(_Worker)
    crew = [
        actor.remote(str(board.folder), dict(handlers))
        for _ in range(min(count, len(board.left())))
    ]
    running = [worker.work.remote() for worker in crew]
    while board.left():
        ended, running = ray.wait(running, timeout=POLL_S)
        for answer in ended:
            try:
                ray.get(answer)
            except Exception as error:  # whatever Ray raises
                yield Notice(f"A worker of Ray ended: {first_line(error)}")
        if not running and board.left():
            raise EnvironmentProblem(
                f"The workers of Ray have ended with {len(board.left())} units left; give the "
                "command again to go on."
            )
        time.sleep(POLL_S)
        yield None


class _Worker:
    """What an actor does: the same as a worker by hand."""

    def __init__(self, folder: str, handlers: Mapping[str, Handler]) -> None:
        self._folder, self._handlers = Path(folder), handlers

    def work(self) -> int:
        from framesift.cluster.working import work

        return sum(1 for _ in work(Board.open(self._folder), self._handlers))
