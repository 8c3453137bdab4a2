"""What counts as a disagreement between labels and a detector, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from framesift.records.settings import check, setting

Kind = Literal["unmatched_label", "unmatched_box", "low_iou"]
"""What a detector can disagree about."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Part = Literal["all", "training", "measuring"]
"""Which labels are checked."""
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """When a label is doubted; the table says what each setting does."""

    confidence: float = setting(
        0.5,
        title="Sure from",
        help="score from which a box of the detector counts",
        above=0.0,
        below=1.0,
        metavar="SCORE",
    )
    iou: float = setting(
        0.3,
        title="Same object from",
        help="IoU from which a box of the detector and a label are of one object",
        above=0.0,
        below=1.0,
    )
    low_iou: float = setting(
        0.6,
        title="Loose below",
        help="a label is doubted where the detector's box overlaps it by less than this share "
        "of the best IoU that its boxes could have",
        low=0.0,
        high=1.0,
        metavar="SHARE",
    )

    def __post_init__(self) -> None:
        check(self, "check")
