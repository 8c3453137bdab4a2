"""Reading and augmenting batches ahead of the network."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ALL_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from framesift.training.data import Sample

PATIENCE_S = 0.2
"""How long to wait for pictures before saying that one is waiting."""
_AHEAD = 2

Place = TypeVar("Place")


def load(
    batch: Callable[[int], Sequence[Place]],
    sample: Callable[[Place], Sample],
    steps: range,
    workers: int,
) -> Generator[list[Sample] | None, None, None]:
    """The batches of `steps`, in order; None whenever the next one is not there yet.

    `batch(step)` says which places a step learns from, `sample(place)` gives the view of one
    and runs in the `workers` threads (0: in the caller's). What comes out does not depend on
    their number. Closing the iterator ends the threads. Errors of reading surface here.
    """
    if workers == 0:
        yield from _load_here(batch, sample, steps)
        return
    pool = ThreadPoolExecutor(workers, "framesift-loader")
    waiting: deque[list[Future[Sample]]] = deque()
    left = iter(steps)
    try:
        for _ in steps:
            while len(waiting) <= _AHEAD and (step := next(left, None)) is not None:
                waiting.append([pool.submit(sample, place) for place in batch(step)])
            futures = waiting[0]
            while wait(futures, PATIENCE_S, ALL_COMPLETED).not_done:
                yield None
            yield [future.result() for future in waiting.popleft()]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _load_here(
    batch: Callable[[int], Sequence[Place]],
    sample: Callable[[Place], Sample],
    steps: range,
) -> Generator[list[Sample] | None, None, None]:
    last = time.monotonic()
    for step in steps:
        samples = []
        for place in batch(step):
            samples.append(sample(place))
            if time.monotonic() - last > PATIENCE_S:
                yield None
                last = time.monotonic()
        yield samples
        last = time.monotonic()
