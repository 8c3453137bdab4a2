"""A backend at work for one detector."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

if TYPE_CHECKING:
    from framesift.detectors.backends.base import Backend, Runner
    from framesift.detectors.backends.eight_bit import Ranges


class Listening(nn.Module):
    """A network that gives, behind its outputs, what its `trunk` gave: a Tensor, or one per
    level; `heard` of them."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.heard = network, 0
        self._last: list[Tensor] = []
        trunk = getattr(network, "trunk", None)
        if isinstance(trunk, nn.Module):
            trunk.register_forward_hook(self._hear)

    def _hear(self, module: nn.Module, given: Any, output: Any) -> None:
        self._last = [output] if isinstance(output, Tensor) else list(output.values())

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        outputs = self.network(images)
        self.heard = len(self._last)
        return (*outputs, *self._last)


class Engine:
    """Keeps a network ready in a backend; made ready anew when `state` is another. ranges: of
    its convolutions, to compute in 8 bits."""

    def __init__(self, backend: Backend, ranges: Ranges | None = None) -> None:
        self._backend, self.ranges = backend, ranges
        self._ready: tuple[Hashable, Runner] | None = None
        self._heard = 0
        self._one_at_a_time = threading.Lock()

    def __reduce__(self) -> tuple[type[Engine], tuple[Backend, Ranges | None]]:
        """A copy makes the network ready for itself."""
        return Engine, (self._backend, self.ranges)

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    @property
    def recipe(self) -> dict[str, str]:
        """The backend and its version, as recipes hold them, and what 8 bits were calibrated
        to."""
        eight = {} if self.ranges is None else {"eight_bit": self.ranges.identity}
        return {"backend": self.name, self.name: self._backend.version(), **eight}

    def release(self) -> None:
        """Lets the network go."""
        self._ready = None

    def run(
        self,
        pictures: NDArray[np.uint8],
        network: Callable[[], nn.Module],
        step: int,
        precision: str,
        state: Hashable,
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """The outputs for pictures uint8 N×h×w×3 at a padded working size, and what the
        network's `trunk` gave; the rest as `Backend.prepare` takes it."""
        with self._one_at_a_time:
            if self._ready is None or self._ready[0] != (state, precision):
                listening = Listening(network()).eval()
                made = self._backend.prepare(listening, step, precision, self.ranges)
                self._ready = ((state, precision), made)
                self._heard = listening.heard
            given = self._ready[1](pictures)
            end = len(given) - self._heard
            return given[:end], given[end:]
