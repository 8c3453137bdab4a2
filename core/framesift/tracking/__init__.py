"""Boxes over time: detections linked to tracks, single boxes followed, key boxes joined."""

from framesift.tracking.following import Followed, Lost, follow, follow_between, round_trip
from framesift.tracking.interpolation import interpolate
from framesift.tracking.linking import Linker, link
from framesift.tracking.settings import MOTIONS, FollowSettings, LinkSettings
from framesift.tracking.tracks import GAP, Detections, Track, Tracks

__all__ = [
    "GAP",
    "MOTIONS",
    "Detections",
    "FollowSettings",
    "Followed",
    "LinkSettings",
    "Linker",
    "Lost",
    "Track",
    "Tracks",
    "follow",
    "follow_between",
    "interpolate",
    "link",
    "round_trip",
]
