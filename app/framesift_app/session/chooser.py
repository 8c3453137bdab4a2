"""Choosing without letting a slider wait: at once where that is quick, else on a thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import FramesiftError
from framesift.selection import Selection
from framesift.selection.rules import Rules
from framesift_app.session.selecting import Ingredients, selected, smoothed
from framesift_app.workers.threads import Worker

DIRECT_S = 0.03
"""A selection that took longer than this is made on its own thread the next time."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to choose from. `smoothed`: the series as they are, made anew where `smooth`."""

    made_from: Ingredients
    rules: Rules
    smoothed: dict[str, NDArray[np.float64]]
    smooth: bool


@dataclass(frozen=True, slots=True)
class Result:
    """The series that were ranked, by drive, and what was chosen (None without drives)."""

    smoothed: dict[str, NDArray[np.float64]]
    chosen: Selection | None


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
        done: Callable[[Result], None],
        failed: Callable[[BaseException], None],
        *,
        later: bool = False,
    ) -> None:
        """Calls `done` or `failed` on the GUI thread, before it returns where the latest was
        quick and it may not be `later`; a newer request replaces one that waits."""
        made_from, series = request.made_from, request.smoothed
        smooth = request.smooth or any(d.key not in series for d in made_from.drives)

        def run() -> tuple[Result, float]:
            began, curves = time.perf_counter(), series
            if smooth:
                curves = smoothed(made_from.drives, made_from.raw or {}, request.rules)
            result = Result(curves, selected(made_from, curves, request.rules))
            return result, time.perf_counter() - began

        def timed(result: tuple[Result, float]) -> None:
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
