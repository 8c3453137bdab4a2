"""How far labels are carried along the video, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, setting


@dataclass(frozen=True, slots=True)
class Propagation:
    """Boxes of labelled frames followed into the frames around them; the table says what each
    setting does."""

    frames: int = setting(
        0,
        title="Labels carried",
        help="how many frames before and after each labelled one its boxes are followed into, "
        "to be learnt from, too; 0 for none",
        unit="frames",
        low=0,
        high=300,
        option="propagate",
        metavar="N",
    )
    share: float = setting(
        0.25,
        title="Share of carried labels",
        help="share of each step's frames that are such ones",
        above=0.0,
        high=0.9,
        option="propagate-share",
        metavar="SHARE",
    )
    half_life: float = setting(
        5.0,
        title="Half-life of carried labels",
        help="so many frames away a carried label is shown half as often",
        unit="frames",
        above=0.0,
        high=1e4,
        option="propagate-half-life",
        metavar="FRAMES",
    )
    max_error: float = setting(
        2.0,
        title="Largest error of carried labels",
        help="largest forward–backward error from frame to frame; beyond it the box is lost",
        unit="native pixels",
        low=0.0,
        high=1e3,
        option="propagate-error",
        metavar="PIXELS",
    )
    min_similarity: float = setting(
        0.4,
        title="Least likeness of carried labels",
        help="least correlation of what a box shows with what it showed in the labelled frame",
        low=-1.0,
        high=1.0,
        option="propagate-likeness",
        metavar="R",
    )

    def __post_init__(self) -> None:
        check(self, "propagation")

    def of(self, batch: int) -> int:
        """How many frames of a batch carry such labels; of none at all where there are none."""
        return max(1, min(round(self.share * batch), batch - 1)) if self.frames else 0
