"""How a run learns to say the same of a frame and its flipped picture, as plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass

from framesift.records.settings import check, setting


@dataclass(frozen=True, slots=True)
class Consistency:
    """Consistency regularization on frames that nobody has labelled (Jeong et al., NeurIPS
    2019, "CSD"); the table says what each setting does."""

    enabled: bool = setting(
        False,
        title="Consistency",
        help="learns to find the same in an unlabelled frame and in its flipped picture",
        option="consistency",
    )
    frames: int = setting(
        200,
        title="Unlabelled frames to agree on",
        help="how many unlabelled frames take part, spread evenly over the footage",
        unit="frames",
        low=1,
        high=100_000,
        option="consistency-frames",
        metavar="N",
    )
    share: float = setting(
        0.25,
        title="Share of consistency",
        help="share of each step's frames that are such ones",
        above=0.0,
        high=0.9,
        option="consistency-share",
        metavar="SHARE",
    )
    weight: float = setting(
        1.0,
        title="Weight of consistency",
        help="of the disagreement beside the loss of labels",
        above=0.0,
        high=1e4,
        option="consistency-weight",
        metavar="WEIGHT",
    )
    ramp: float = setting(
        0.3,
        title="Ramp of consistency",
        help="share of the steps over which the weight rises from nearly nothing",
        low=0.0,
        high=1.0,
        option="consistency-ramp",
        metavar="SHARE",
    )

    def __post_init__(self) -> None:
        check(self, "consistency")

    def of(self, batch: int) -> int:
        """How many frames of a batch are to agree with their flipped pictures."""
        return max(1, min(round(self.share * batch), batch - 1)) if self.enabled else 0

    def weight_at(self, step: int, steps: int) -> float:
        """The weight in step `step` (from 0) of `steps`: e^(−5 (1 − t)²) of the whole, where t
        goes from 0 to 1 over the ramp."""
        over = self.ramp * steps
        rest = max(0.0, 1 - step / over) if over else 0.0
        return self.weight * math.exp(-5 * rest**2)
