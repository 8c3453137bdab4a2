"""The exponential moving average of the weights: what a noisy descent hovers around."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn


class Ema:
    """The exponential moving average of a module's weights and buffers, forgetting by `decay`
    per step; with decay 0 there is none, and the module itself is what counts."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._module, self._decay = module, decay
        self.tensors: dict[str, Tensor] = (
            {}
            if decay <= 0
            else {name: value.detach().clone() for name, value in module.state_dict().items()}
        )

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
        if not self.tensors:
            yield
            return
        kept = {
            name: value.detach().clone() for name, value in self._module.state_dict().items()
        }
        self._module.load_state_dict(self.tensors)
        try:
            yield
        finally:
            self._module.load_state_dict(kept)
