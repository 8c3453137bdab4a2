"""Evaluation frames drawn again, so that intervals speak of other drives, too, and not of other
repeats alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.evaluation.bootstrap import Prepared, draw, reweighted

if TYPE_CHECKING:
    from framesift.evaluation import Evaluation

RESAMPLES = 400
DRIVES, SECONDS = "drives", "seconds"
"""What is drawn: drives; of a single one its seconds, which speaks for that street only."""


def blocks_of(
    keys: list[tuple[str, int]], rates: Mapping[str, float]
) -> tuple[NDArray[np.int64], str]:
    """int64 F, the block that each frame (drive, number) is drawn with, and what blocks are.
    rates: frames a second by drive; what has none (stills) is drawn frame by frame."""
    drives = dict.fromkeys(drive for drive, _ in keys)
    places: list[tuple[str, int]] = [(drive, 0) for drive, _ in keys]
    if len(drives) < 2:
        rate = rates.get(next(iter(drives), ""), 1.0)
        length = max(1, round(rate)) if np.isfinite(rate) else 1
        places = [(drive, number // length) for drive, number in keys]
    numbers = {place: n for n, place in enumerate(dict.fromkeys(places))}
    kind = DRIVES if len(drives) > 1 else SECONDS
    return np.array([numbers[place] for place in places], np.int64), kind


def resampled(
    evaluation: Evaluation, rates: Mapping[str, float]
) -> tuple[tuple[float | None, ...], str]:
    """The headline miss rate of RESAMPLES draws (None: of one without a label), and what was
    drawn. The draws are the same for every detector that is measured on these frames; none
    where there is one block."""
    blocks, kind = blocks_of([(str(d), int(n)) for d, n in evaluation.keys], rates)
    classes = [
        Prepared.of(result.matches)
        for result in evaluation.at(evaluation.headline)
        if result.labels
    ]
    rates_drawn: list[NDArray[np.float64]] = []
    for weights in draw(blocks, RESAMPLES, 0):
        of_class = np.stack(
            [reweighted(prepared, weights)[0] for prepared in classes] or [np.empty(0)]
        )
        there = ~np.isnan(of_class)
        total = np.where(there, of_class, 0.0).sum(0)
        with np.errstate(invalid="ignore"):
            rates_drawn.append(total / there.sum(0))
    if not classes or not rates_drawn:
        return (), kind
    return tuple(
        None if np.isnan(rate) else round(float(rate), 6)
        for rate in np.concatenate(rates_drawn)
    ), kind
