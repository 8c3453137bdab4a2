"""The paper's: the highest value first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.selection.spreads.base import Field, Spread

if TYPE_CHECKING:
    from framesift.selection.walk import Order


class Greedy(Spread):
    """The highest value first; only the rules keep picks apart (PAPER: step 4)."""

    name = "greedy"
    title = "the highest value first"

    def order(self, field: Field) -> Order:
        from framesift.selection.ranking import Ranking

        return Ranking(field.values)
