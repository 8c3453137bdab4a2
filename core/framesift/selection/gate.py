"""The frames that a spread chooses from: the best that the rules let be taken together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.selection.kept import Kept
from framesift.selection.request import Request
from framesift.selection.walk import Walk

MOST = 50_000
"""Frames that a spread chooses from at most: where more are as high as the last one that fits,
they are thinned out evenly."""


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """index: int64, ascending: places in the row of all drives. walked: those of them that the
    rules let be taken together, the highest first. whole: the pool holds no more."""

    index: NDArray[np.int64]
    walked: NDArray[np.int64]
    whole: bool


def gate(request: Request, most: int = MOST, kept: Kept | None = None) -> Gate:
    """Walks down the values of a request, whose budget is how many frames are to fit, under all
    rules: the frames that are not below the last one. All of them, where the pool ends first.
    kept: of the pool.
    """
    walk = Walk(request, kept=kept)
    walk.run(compare=True)
    walked = walk.indices()
    whole = len(walked) < request.budget
    last = -np.inf if whole or not len(walked) else walk.row.value(walked[-1])
    inside, _ = walk.row.between(last, np.inf)
    if len(inside) > most:
        step = -(-len(inside) // most)
        inside = np.union1d(inside[::step], walked)
        whole = False
    return Gate(inside, walked, whole)
