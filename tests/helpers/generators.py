"""What generators give back at their end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any


def ended(records: Generator[Any, None, Any]) -> tuple[Any, list[Any]]:
    """What a generator returns, and the records before."""
    told = []
    while True:
        try:
            told.append(next(records))
        except StopIteration as end:
            return end.value, told


def returned(records: Generator[Any, None, Any]) -> Any:
    """What a generator returns."""
    return ended(records)[0]
