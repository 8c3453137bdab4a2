"""How a run learns from what its own average finds, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.errors import InputError
from framesift.records.settings import check, setting

KEEPS = {
    "both": "Sure of the track",
    "tracks": "Seen in a track",
    "score": "Sure of the box",
}


@dataclass(frozen=True, slots=True)
class SelfTraining:
    """Boxes of a teacher, the average of the weights, on frames that nobody has labelled; the
    table says what each setting does."""

    enabled: bool = setting(
        False,
        title="Self-training",
        help="learns from what the average of the weights finds in unlabelled frames, too",
        option="self-training",
    )
    frames: int = setting(
        100,
        title="Unlabelled frames",
        help="how many unlabelled frames the teacher labels, spread evenly over the footage",
        unit="frames",
        low=1,
        high=100_000,
        option="self-training-frames",
        metavar="N",
    )
    share: float = setting(
        0.25,
        title="Share of self-training",
        help="share of each step's frames that the teacher labelled",
        above=0.0,
        high=0.9,
        option="self-training-share",
        metavar="SHARE",
    )
    keep: str = setting(
        "both",
        title="Boxes learnt from",
        help="which of the teacher's boxes are learnt from: score those above the score fitted "
        "to their class, tracks those above the lowest score that a track supports, both those "
        "that a track supports whose best score is above the fitted one",
        choices=KEEPS,
        option="self-training-keep",
    )
    precision: float = setting(
        0.9,
        title="Precision of the teacher",
        help="the score fitted to a class is the lowest at which so large a share of the "
        "teacher's boxes are labels; on the validation frames",
        above=0.0,
        high=1.0,
        option="self-training-precision",
        metavar="SHARE",
    )
    low_score: float = setting(
        0.1,
        title="Lowest score",
        help="boxes with a lower score are in no track",
        above=0.0,
        below=1.0,
        option="self-training-low",
        metavar="SCORE",
    )
    track: int = setting(
        3,
        title="Shortest track",
        help="frames that a track must be found in, to support its boxes",
        unit="frames",
        low=2,
        high=100,
        option="self-training-track",
        metavar="FRAMES",
    )
    reach: int = setting(
        2,
        title="Reach of tracks",
        help="how many frames before and after an unlabelled one the teacher looks at, too",
        unit="frames",
        low=1,
        high=50,
        option="self-training-reach",
        metavar="FRAMES",
    )
    renewals: int = setting(
        3,
        title="Labelled anew",
        help="how many times in a run the teacher labels the frames, the first at its start",
        low=1,
        high=1000,
        option="self-training-renewals",
        metavar="N",
    )

    def __post_init__(self) -> None:
        check(self, "self-training")
        if self.enabled and self.keep != "score" and self.track > 2 * self.reach + 1:
            raise InputError(
                f"A track of {self.track} frames cannot be found in the "
                f"{2 * self.reach + 1} frames that the teacher looks at; give a shorter track "
                "or a longer reach."
            )

    @property
    def around(self) -> int:
        """How many frames each side the teacher looks at."""
        return 0 if self.keep == "score" else self.reach

    def of(self, batch: int) -> int:
        """How many frames of a batch the teacher labelled."""
        return max(1, min(round(self.share * batch), batch - 1)) if self.enabled else 0

    def due(self, steps: int) -> tuple[int, ...]:
        """The steps, of so many, before which the teacher labels."""
        return tuple(sorted({k * steps // self.renewals for k in range(self.renewals)}))
