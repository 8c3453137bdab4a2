"""Which frames of a step each of several processes learns from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from framesift.errors import InputError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Division:
    """How a step's frames go to processes. A step has `labelled` frames first, then
    `unlabelled` ones; each kind goes through the network in parts of `micro_batch` frames, and
    of every part each process takes the same number, or one more."""

    labelled: int
    unlabelled: int
    micro_batch: int
    processes: int = 1

    def check(self) -> None:
        """Raises InputError where a part has fewer frames than there are processes."""
        least = min(sum(part) for part in self.parts())
        if least < self.processes:
            raise InputError(
                f"A step of {self.labelled + self.unlabelled} frames, of which {least} go "
                f"through the network at once, is too little for {self.processes} processes; "
                "give a larger --batch or --micro-batch, or start fewer processes."
            )

    def parts(self) -> Iterator[tuple[int, ...]]:
        """Of each part of a step, how many frames each process has."""
        for frames in (self.labelled, self.unlabelled):
            yield from self.of(frames)

    def of(self, frames: int) -> Iterator[tuple[int, ...]]:
        """The parts of frames of one kind."""
        size = max(1, min(self.micro_batch, frames))
        for first in range(0, frames, size):
            count = min(size, frames - first)
            cuts = [count * n // self.processes for n in range(self.processes + 1)]
            yield tuple(cuts[n + 1] - cuts[n] for n in range(self.processes))

    def own(self, step: Sequence[Item], rank: int) -> list[Item]:
        """Those of a step's items that are a process's."""
        chosen: list[Item] = []
        first = 0
        for part in self.parts():
            begin = first + sum(part[:rank])
            chosen += step[begin : begin + part[rank]]
            first += sum(part)
        return chosen
