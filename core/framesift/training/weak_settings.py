"""What is learnt of frames with weak labels, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, setting


@dataclass(frozen=True, slots=True)
class WeakLearning:
    """Points, answers to proposals and tags beside boxes; the table says what each setting
    does."""

    enabled: bool = setting(
        False,
        title="Weak labels",
        help="learns from frames with points, answers to proposals or tags, and from boxes "
        "that nobody said are all, too",
        option="weak-labels",
    )
    weight: float = setting(
        1.0,
        title="Weight of points and tags",
        help="of clicks that no proposal belongs to and of classes that a picture shows, "
        "beside the loss of boxes",
        low=0.0,
        high=1e4,
        option="weak-weight",
        metavar="WEIGHT",
    )
    least_score: float = setting(
        0.05,
        title="Least score of proposals",
        help="a click is given the nearest of the first detector's boxes with this score or "
        "more",
        above=0.0,
        below=1.0,
        option="weak-score",
        metavar="SCORE",
    )

    def __post_init__(self) -> None:
        check(self, "weak labels")
