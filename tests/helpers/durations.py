"""How long something takes beside something else in one run: a busy machine slows both."""

from __future__ import annotations

import time
from collections.abc import Callable


def times_as_long(
    ours: Callable[[], object], theirs: Callable[[], object], repeats: int = 5
) -> float:
    """Processor time of `ours` over that of `theirs`, the least of each in turns."""
    least = [float("inf"), float("inf")]
    for _ in range(repeats):
        for place, work in enumerate((ours, theirs)):
            began = time.process_time()
            work()
            least[place] = min(least[place], time.process_time() - began)
    return least[0] / least[1]
