"""Boxes over time: detections linked to tracks, single boxes followed, key boxes joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.tracking.following import Followed as Followed
    from framesift.tracking.following import Lost as Lost
    from framesift.tracking.following import follow as follow
    from framesift.tracking.following import follow_between as follow_between
    from framesift.tracking.following import round_trip as round_trip
    from framesift.tracking.interpolation import interpolate as interpolate
    from framesift.tracking.interpolation import smooth as smooth
    from framesift.tracking.linking import Linker as Linker
    from framesift.tracking.linking import link as link
    from framesift.tracking.settings import MATCHES as MATCHES
    from framesift.tracking.settings import MOTIONS as MOTIONS
    from framesift.tracking.settings import FollowSettings as FollowSettings
    from framesift.tracking.settings import LinkSettings as LinkSettings
    from framesift.tracking.tracks import GAP as GAP
    from framesift.tracking.tracks import Detections as Detections
    from framesift.tracking.tracks import Track as Track
    from framesift.tracking.tracks import Tracks as Tracks
else:
    __getattr__ = lazily(
        __name__,
        {
            "Detections": "tracks",
            "FollowSettings": "settings",
            "Followed": "following",
            "GAP": "tracks",
            "LinkSettings": "settings",
            "Linker": "linking",
            "Lost": "following",
            "MATCHES": "settings",
            "MOTIONS": "settings",
            "Track": "tracks",
            "Tracks": "tracks",
            "follow": "following",
            "follow_between": "following",
            "interpolate": "interpolation",
            "link": "linking",
            "round_trip": "following",
            "smooth": "interpolation",
        },
    )

__all__ = [
    "GAP",
    "MATCHES",
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
    "smooth",
]
