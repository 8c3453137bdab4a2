"""A backend at work for one detector."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor, nn

    from framesift.detectors.backends.base import Backend, Runner


class Engine:
    """Keeps a network ready in a backend; made ready anew when `state` is another."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._ready: tuple[Hashable, Runner] | None = None

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    @property
    def recipe(self) -> dict[str, str]:
        """The backend and its version, as recipes hold them."""
        return {"backend": self.name, self.name: self._backend.version()}

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
    ) -> tuple[Tensor, ...]:
        """The outputs for pictures uint8 N×h×w×3 at a padded working size; the rest as
        `Backend.prepare` takes it."""
        if self._ready is None or self._ready[0] != (state, precision):
            made = self._backend.prepare(network(), step, precision)
            self._ready = ((state, precision), made)
        return self._ready[1](pictures)
