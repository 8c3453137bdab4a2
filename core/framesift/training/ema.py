"""The weights that a training results in: the exponential moving average that a noisy descent
hovers around, and how far from the start on the line to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn


class Ema:
    """The exponential moving average of a module's weights and buffers, forgetting by `decay`
    per step; with decay 0 there is none, and the module itself is what counts.

    `way`: the result lies so far on the line from the weights that the module has now to those
    (weight-space ensembling: Wortsman et al., CVPR 2022); 1 is those themselves."""

    def __init__(self, module: nn.Module, decay: float, way: float = 1.0) -> None:
        self._module, self._decay, self._way = module, decay, way
        self.tensors: dict[str, Tensor] = {} if decay <= 0 else _copied(module)
        self._start: dict[str, Tensor] = {} if way == 1 else _copied(module)

    @torch.no_grad()
    def add(self, step: int) -> None:
        """Takes in the weights after step `step` (from 0)."""
        # A short memory at first, or the start would weigh on a short run's end.
        weight = max(1 - self._decay, 1 / (step + 2))
        new = self._module.state_dict() if self.tensors else {}
        for name, value in self.tensors.items():
            if value.is_floating_point():
                value.lerp_(new[name], weight)
            else:
                value.copy_(new[name])

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes saved tensors over; KeyError or RuntimeError where they do not fit."""
        for name, value in self.tensors.items():
            value.copy_(tensors[name])

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """The module holds the average; afterwards its own weights again, bit for bit."""
        with self._holding(self.tensors):
            yield

    @contextlib.contextmanager
    def resulting(self) -> Iterator[None]:
        """The module holds the result; afterwards its own weights again, bit for bit."""
        with self._holding(self.result()):
            yield

    def result(self) -> dict[str, Tensor]:
        """The tensors that training results in; empty where they are the module's own."""
        if not self._start:
            return self.tensors
        return {
            name: self._start[name].lerp(value, self._way)
            if value.is_floating_point()
            else value
            for name, value in (self.tensors or self._module.state_dict()).items()
        }

    @contextlib.contextmanager
    def _holding(self, tensors: Mapping[str, Tensor]) -> Iterator[None]:
        if not tensors:
            yield
            return
        kept = _copied(self._module)
        self._module.load_state_dict(tensors)
        try:
            yield
        finally:
            self._module.load_state_dict(kept)


def _copied(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}
