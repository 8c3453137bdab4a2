"""The interface of the engines that run a dense network in torch's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor, nn

    from framesift.detectors.backends.eight_bit import Ranges


class Runner(Protocol):
    """A network made ready by an engine, for one thread at a time."""

    def __call__(self, pictures: NDArray[np.uint8]) -> tuple[Tensor, ...]:
        """The network's outputs, float32, N first, for pictures uint8 N×h×w×3 (RGB, at a padded
        working size). A picture's outputs do not depend on the others."""
        ...


class Backend(Protocol):
    """A member of the family.

    name: its key in BACKENDS. title: for lists. precisions: the number formats it computes in.
    by_itself: whether `auto` may choose it.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def precisions(self) -> tuple[str, ...]: ...
    @property
    def by_itself(self) -> bool: ...

    def why_unavailable(self) -> str | None:
        """Why it cannot be used here, one sentence; None where it can."""
        ...

    def version(self) -> str:
        """The engine's version; it is part of a recipe."""
        ...

    def prepare(
        self, network: nn.Module, step: int, precision: str, ranges: Ranges | None = None
    ) -> Runner:
        """A network ready to run, with as many threads as torch has now.

        `network`: what `Detector.network` gives; `step`: sizes are multiples of it; `ranges`:
        of its convolutions, to compute in 8 bits. Raises EnvironmentProblem for a network that
        the engine cannot take, and for ranges of another one.
        """
        ...
