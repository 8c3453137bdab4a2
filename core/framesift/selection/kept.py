"""What a choice from a pool works out and the next one from it takes as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")
_OF_EACH = 2
"""Results of a name that are kept: a strategy may rank two rows of values in turn."""


class Kept:
    """Results by a name and what they were made of. They are never changed, so who chooses
    again while somebody drags a slider may share them with who chose before."""

    def __init__(self) -> None:
        self._results: dict[str, list[tuple[tuple[object, ...], object]]] = {}

    def get(self, name: str, made_of: tuple[object, ...], make: Callable[[], T]) -> T:
        """What `make` gives. Nothing is made where it was made of the same before: of the very
        same arrays (and whatever else is compared by identity), and of equal plain values."""
        before = self._results.get(name, [])
        for known, result in before:
            if _same(known, made_of):
                return cast(T, result)
        made = make()
        self._results[name] = [(made_of, made), *before[: _OF_EACH - 1]]
        return made


def _same(some: Any, others: Any) -> bool:
    if some is others:
        return True
    if isinstance(some, tuple) and isinstance(others, tuple):
        return len(some) == len(others) and all(map(_same, some, others))
    # Arrays are never compared value by value: that takes as long as to work them out.
    return isinstance(some, _PLAIN) and isinstance(others, _PLAIN) and some == others


_PLAIN = (str, bytes, int, float, bool, type(None))
