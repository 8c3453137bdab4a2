"""A measured figure, and how runs are measured side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure: `value` in `unit`, compared `against` a named reference value;
    `ratio` = value / reference, or how many times as quick as the reference, as `against` says
    (None where nothing is compared); `cpu_ratio`: the same of processor time, which other
    programs on the machine do not change; `bounded_by`: what it cannot be quicker than; `peer`:
    what of ours is `ratio` times as quick as whom, "" where `ratio` says something else."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    cpu_ratio: float | None = None
    bounded_by: str = ""
    peer: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(slots=True)
class Times:
    """Seconds of one run, repeat by repeat: on the clock, and of this process on all cores."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, run: Callable[[], Any]) -> None:
        """Runs once more."""
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)

    def ms(self, count: int = 1) -> float:
        """Median milliseconds on the clock, for each of `count`."""
        return 1000 * statistics.median(self.wall) / count

    def over(self, other: Times) -> tuple[float, float]:
        """How many times as long as another run it took: on the clock, and of the processor;
        medians over pairs that ran one after the other."""
        wall, cpu = (
            statistics.median(a / max(b, 1e-9) for a, b in zip(mine, theirs, strict=True))
            for mine, theirs in ((self.wall, other.wall), (self.cpu, other.cpu))
        )
        return wall, cpu


def interleaved(runs: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, Times]:
    """Times of runs that take turns, after one warm-up each."""
    for run in runs.values():
        run()
    times = {name: Times() for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            times[name].measure(run)
    return times
