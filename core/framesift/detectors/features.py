"""The backbone's last features, as inference comes by them: nothing is computed twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

LEAST = 3
"""Rows and columns that features need, to say where in the picture something is."""


@contextmanager
def tapping(trunk: nn.Module | None, take: Callable[[Tensor], None]) -> Iterator[None]:
    """While it is open, every pass of the module hands its last features to `take`."""
    if trunk is None:
        yield
        return

    def hook(module: nn.Module, given: Any, output: Any) -> None:
        take(last_features(output).detach())

    handle = trunk.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def last_features(output: Tensor | Mapping[Any, Tensor]) -> Tensor:
    """N×C×h×w out of what a backbone gives: of several levels the coarsest that has LEAST rows
    and columns; the finest, where none has."""
    if isinstance(output, Tensor):
        return output
    levels = list(output.values())
    large = [level for level in levels if min(level.shape[2:]) >= LEAST]
    return large[-1] if large else levels[0]
