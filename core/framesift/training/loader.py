"""Reading and augmenting batches ahead of the network."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ALL_COMPLETED, Future, ThreadPoolExecutor, wait

from framesift.training.data import Sample, Source
from framesift.training.sampling import batch

PATIENCE_S = 0.2
"""How long to wait for pictures before saying that one is waiting."""
_AHEAD = 2

Prepare = Callable[[Sample, int, int], Sample]


def load(
    source: Source, prepare: Prepare, seed: int, size: int, steps: range, workers: int
) -> Generator[list[Sample] | None, None, None]:
    """The batches of `steps`, in order; None whenever the next one is not there yet.

    `prepare(sample, epoch, index)` runs in the `workers` threads (0: in the caller's). What
    comes out does not depend on their number. Closing the iterator ends the threads. Errors
    of reading surface here.
    """
    if workers == 0:
        yield from _load_here(source, prepare, seed, size, steps)
        return

    def sample(epoch: int, index: int) -> Sample:
        return prepare(source.sample(index), epoch, index)

    pool = ThreadPoolExecutor(workers, "framesift-loader")
    waiting: deque[list[Future[Sample]]] = deque()
    left = iter(steps)
    try:
        for _ in steps:
            while len(waiting) <= _AHEAD and (step := next(left, None)) is not None:
                waiting.append(
                    [
                        pool.submit(sample, *place)
                        for place in batch(seed, step, size, len(source))
                    ]
                )
            futures = waiting[0]
            while wait(futures, PATIENCE_S, ALL_COMPLETED).not_done:
                yield None
            yield [future.result() for future in waiting.popleft()]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _load_here(
    source: Source, prepare: Prepare, seed: int, size: int, steps: range
) -> Generator[list[Sample] | None, None, None]:
    last = time.monotonic()
    for step in steps:
        samples = []
        for epoch, index in batch(seed, step, size, len(source)):
            samples.append(prepare(source.sample(index), epoch, index))
            if time.monotonic() - last > PATIENCE_S:
                yield None
                last = time.monotonic()
        yield samples
        last = time.monotonic()
