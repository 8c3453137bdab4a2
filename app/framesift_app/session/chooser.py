"""Choosing without letting a slider wait: at once where that is quick, else on a thread.

It is done in two halves, so that a slider of one need not wait for the other: smoothing, which
is slow, and choosing, which is quick. Both are the engine's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from framesift.errors import FramesiftError
from framesift.selection import Choice, Pool, Rules, choose_smoothed, smoothed
from framesift.selection.choosing import carried
from framesift_app.workers.threads import Worker

DIRECT_S = 0.03
"""A selection that took longer than this is made on its own thread the next time."""
SMOOTHING = frozenset({"half_window", "sigma", "smoothing", "strategy"})
"""The rules whose change needs the slow half again."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to choose from. `before`: the pool whose smoothing still counts; None: none does."""

    pool: Pool
    rules: Rules
    before: Pool | None


class Chooser:
    """Knows how long the latest selections took, with and without smoothing."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._seconds = {True: 0.0, False: 0.0}

    @property
    def pause(self) -> float:
        """Seconds to wait between two selections that nobody asked for."""
        return 4 * self._seconds[True]

    def run(self, function: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Runs a function on the thread."""
        self._worker.submit(function, done)

    def choose(
        self,
        request: Request,
        done: Callable[[Choice | None], None],
        failed: Callable[[BaseException], None],
        *,
        later: bool = False,
    ) -> None:
        """Calls `done` (None without drives) or `failed` on the GUI thread, before it returns
        where the latest was quick and it may not be `later`; a newer request replaces one that
        waits."""
        rules, ready = request.rules, carried(request.pool, request.before)
        smooth = ready is None

        def run() -> tuple[Choice | None, float]:
            began, choice = time.perf_counter(), None
            if len(request.pool):
                choice = choose_smoothed(ready or smoothed(request.pool, rules), rules)
            return choice, time.perf_counter() - began

        def timed(result: tuple[Choice | None, float]) -> None:
            self._seconds[smooth] = result[1]
            done(result[0])

        if later or self._seconds[smooth] > DIRECT_S:
            self._worker.submit(run, timed, failed, key="select")
            return
        try:
            result = run()
        except FramesiftError as error:
            failed(error)
        else:
            timed(result)
