"""One batch learned from in several threads.

On a CPU, threads inside every layer meet at hundreds of barriers a step, and on a busy machine
the slowest of them sets the pace each time. Here each thread takes a part of the batch through
the whole network on its own, and they meet once a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import torch

from framesift.boxes import Box
from framesift.detectors import LossSettings, PaperDetector
from framesift.detectors.base import Frames


class Learners:
    """`parts` detectors that share their weights' memory, but not gradients and batch norm
    statistics. While it is open, torch computes with one thread per part."""

    def __init__(self, detector: PaperDetector, parts: int) -> None:
        self._threads = torch.get_num_threads()
        self._detectors = [detector]
        for _ in range(parts - 1):
            other = PaperDetector(detector.classes, detector.settings)
            other.to(detector.device, detector.precision)
            for copied, shared in zip(
                other.module.parameters(), detector.module.parameters(), strict=True
            ):
                copied.data = shared.data
            self._detectors.append(other)
        self._pool = ThreadPoolExecutor(parts, "framesift-learner") if parts > 1 else None
        if self._pool:
            torch.set_num_threads(1)

    def gradients(
        self, frames: Frames, labels: Sequence[Sequence[Box]], settings: LossSettings, seed: int
    ) -> float:
        """Sets the first detector's gradients and batch norm statistics to the mean of the
        parts'; returns the mean loss."""
        parts = len(self._detectors)

        def learn(index: int) -> float:
            detector = self._detectors[index]
            detector.module.zero_grad(set_to_none=True)
            loss = detector.loss(
                frames[index::parts],
                labels[index::parts],
                generator=torch.Generator().manual_seed(seed + index),
                settings=settings,
                at_working_scale=True,
            )
            loss.backward()  # type: ignore[no-untyped-call]
            return float(loss.detach())

        if self._pool is None:
            return learn(0)
        losses = list(self._pool.map(learn, range(parts)))
        self._unite()
        return sum(losses) / parts

    @torch.no_grad()
    def _unite(self) -> None:
        first, *others = [d.module for d in self._detectors]
        for parameters in zip(
            first.parameters(), *(o.parameters() for o in others), strict=True
        ):
            total = parameters[0].grad
            assert total is not None
            for part in parameters[1:]:
                assert part.grad is not None
                total += part.grad
            total /= len(parameters)
        for buffers in zip(first.buffers(), *(o.buffers() for o in others), strict=True):
            if buffers[0].is_floating_point():
                mean = torch.stack(buffers).mean(0)
                for part in buffers:
                    part.copy_(mean)

    @torch.no_grad()
    def share_buffers(self) -> None:
        """Gives all parts the first one's batch norm statistics (after they were loaded)."""
        for detector in self._detectors[1:]:
            for copied, first in zip(
                detector.module.buffers(), self._detectors[0].module.buffers(), strict=True
            ):
                copied.copy_(first)

    def close(self) -> None:
        """Ends the threads and gives torch its own back."""
        if self._pool:
            self._pool.shutdown(wait=True)
            torch.set_num_threads(self._threads)
