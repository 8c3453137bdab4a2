"""How boxes are linked and followed, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.errors import InputError
from framesift.records.settings import check, setting

MOTIONS = {"velocity": "constant velocity", "none": "stays where it was"}
MATCHES = {
    "distance": "how far off it is for a track of this motion",
    "overlap": "how much it overlaps with where the track is expected",
}


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How detections become tracks. Raises InputError for values that cannot be."""

    match: str = setting(
        "distance",
        title="Compared by",
        help="what links a detection to a track: its distance, or its overlap",
        choices=MATCHES,
    )
    max_distance: float = setting(
        8.0,
        title="Largest distance",
        help="with distance: farthest that a detection may be from where a track is expected",
        unit="standard deviations",
        above=0,
        high=100,
    )
    min_iou: float = setting(
        0.3,
        title="Least overlap",
        help="with overlap: least overlap (IoU) of a detection with where a track is expected",
        above=0,
        high=1,
    )
    min_score: float = setting(
        0.3,
        title="Least score",
        help="detections with a lower score are left alone",
        low=0,
        high=1,
    )
    max_gap: int = setting(
        3,
        title="Longest gap",
        help="frames in a row that a track may miss and go on, counted in the frames that are "
        "linked, whatever their numbers",
        unit="frames",
        low=0,
    )
    reach: float = setting(
        0.5,
        title="Reach",
        help="with overlap: what is left over is compared again with boxes grown on every side "
        "by this share of their size (the root of their area); 0: never",
        unit="box sizes",
        low=0,
        high=100,
    )
    motion: str = setting(
        "velocity",
        title="Motion",
        help="where a track is expected: where constant velocity leads, or where it was last",
        choices=MOTIONS,
    )
    by_category: bool = setting(
        True, title="Class by class", help="only boxes of one class are linked"
    )

    smooth: bool = setting(
        False,
        title="Smooth",
        help="boxes of tracks lie on smooth curves near the detections; off: they are the "
        "detections, and interpolated in between",
    )

    def __post_init__(self) -> None:
        check(self, "linking")
        if self.match == "distance" and self.motion == "none":
            raise InputError(
                "Without motion nothing says how far from a track a detection may be; compare "
                'by overlap (match="overlap").'
            )


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """When a followed box counts as lost. Raises InputError for values that cannot be."""

    max_error: float = setting(
        2.0,
        title="Largest error",
        help="largest forward–backward error from frame to frame: the median distance "
        "between the box's points and where they come back to",
        unit="native pixels",
        low=0,
    )
    min_similarity: float = setting(
        0.4,
        title="Least similarity",
        help="least correlation of what the box shows with what it showed at first; "
        "-1: no check",
        low=-1,
        high=1,
    )
    min_inside: float = setting(
        0.5,
        title="Least part inside",
        help="least share of the box inside the picture",
        low=0,
        high=1,
    )
    min_side: float = setting(
        4.0,
        title="Least side",
        help="least width and height of the box",
        unit="native pixels",
        low=2,
    )

    def __post_init__(self) -> None:
        check(self, "following")
