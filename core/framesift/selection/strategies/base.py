"""What a strategy is: which frame values are ranked, and which rules apply to the picks."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Strategy(ABC):
    """A member of the family. Which frames it prefers is said by values: the frames with the
    highest ones are selected first (framesift.selection.select).

    name: its key in STRATEGIES. description: one line for lists. score: the score (a name of
    framesift.scores' SCORES or BOX_SCORES) that its values come from, None when it looks at
    no score and needs no detector. smoothing: whether eq. 6 applies before. temporal_rules:
    whether Δt1, Δt2 and the look-alike rule apply (a frame once taken stays taken anyway).
    """

    name: str
    description: str
    score: str | None = None
    smoothing: bool = False
    temporal_rules: bool = True

    @abstractmethod
    def rank_values(
        self,
        drive: str,
        values: ArrayLike,
        *,
        seed: int = 0,
    ) -> NDArray[np.float64]:
        """The values to rank the frames of one drive by: float64, NaN exactly where `values`
        is NaN (frames that may not be picked).

        drive: the drive's name. values: the frame scores, smoothed where `smoothing` says so;
        strategies without a score only look at which are NaN. seed: of the random ones. One
        drive's values do not depend on which other drives there are.
        """
