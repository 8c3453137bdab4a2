"""Gate, then spread, under the rules: how composed strategies choose."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.selection.field import Surroundings
from framesift.selection.frame_rules import FrameRules
from framesift.selection.gate import MOST, Gate, gate
from framesift.selection.pool import Pool
from framesift.selection.result import Selection
from framesift.selection.row import Row
from framesift.selection.spreads.base import Field, Spread
from framesift.selection.walk import Order, Walk

Floats = NDArray[np.float64]
Parts = tuple[Floats, ...]


def gated(
    pool: Pool,
    rules: FrameRules,
    gate_values: Parts,
    values: Callable[[NDArray[np.int64] | None], Parts],
    *,
    spread: Spread,
    gate_size: int,
    rng: np.random.Generator,
    raw: Mapping[str, NDArray[Any]],
    reason: Mapping[str, Any],
) -> Selection:
    """The frames that a spread chooses among those that pass the gate.

    The gate walks down `gate_values` (by drive, NaN = not to be picked) under taken,
    Δt2, Δt1 and the look-alike rule until `gate_size` budgets of frames fit, or the pool ends;
    the spread chooses among all frames not below the last of them. While the budget cannot be
    filled so, the gate is made twice as wide. `values`: what the spread goes by, by drive, when
    the frames at some places are inside (None: all). gate_size 0: no gate, the highest value
    first.
    """
    if not gate_size:
        return rules.select(_by_drive(pool, values(None)), raw=raw, reason=reason)
    around = Surroundings(pool, rules, spread, gate_values, rng)
    budget, wider = rules.by_strategy, 1
    by_drive = _by_drive(pool, gate_values)
    while True:
        width = wider * gate_size * rules.budget
        passed = gate(rules.request(by_drive, width), wider * MOST, rules.kept)
        parts = values(passed.index)
        request = rules.request(_by_drive(pool, parts))
        walk = Walk(request, raw, rules.kept)
        field = around.field(passed, parts, budget)
        walk.run(
            compare=True,
            budget=budget,
            order=functools.partial(_inside, spread, field, passed),
            reason=reason,
        )
        if len(walk) >= budget or passed.whole:
            return rules.finished(walk, request, reason, around.notes)
        wider *= 2


def _by_drive(pool: Pool, parts: Parts) -> dict[str, Floats]:
    return {drive.key: part for drive, part in zip(pool, parts, strict=True)}


def _inside(spread: Spread, field: Field, passed: Gate, row: Row) -> Order:
    return Inside(spread.order(field), passed)


class Inside:
    """The order of the frames that passed a gate, told by their places in the row of all."""

    def __init__(self, order: Order, passed: Gate) -> None:
        self._order, self._index = order, passed.index

    def best(self) -> int | None:
        position = self._order.best()
        return None if position is None else int(self._index[position])

    def took(self, index: int) -> None:
        self._order.took(int(np.searchsorted(self._index, index)))

    def strike(self, start: int, stop: int) -> None:
        first, last = np.searchsorted(self._index, (start, stop)).tolist()
        self._order.strike(first, last)

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        self._order.strike_each(np.searchsorted(self._index, indices))

    def left(self, start: int, stop: int) -> NDArray[np.int64]:
        first, last = np.searchsorted(self._index, (start, stop)).tolist()
        return self._index[self._order.left(first, last)]
