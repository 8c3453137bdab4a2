"""Videos: files, folders of pictures, drives; frames by number, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.video.base import Frame as Frame
    from framesift.video.base import Kind as Kind
    from framesift.video.base import Passing as Passing
    from framesift.video.base import Video as Video
    from framesift.video.cache import file_state as file_state
    from framesift.video.distance import Distance as Distance
    from framesift.video.distance import parse_distance as parse_distance
    from framesift.video.distance import rate_text as rate_text
    from framesift.video.drives import Drive as Drive
    from framesift.video.drives import join_drives as join_drives
    from framesift.video.file import FileVideo as FileVideo
    from framesift.video.file import Verified as Verified
    from framesift.video.file import verify as verify
    from framesift.video.images import Stills as Stills
    from framesift.video.images import open_stills as open_stills
    from framesift.video.index import FrameIndex as FrameIndex
    from framesift.video.opening import Indexed as Indexed
    from framesift.video.opening import index_video as index_video
    from framesift.video.opening import open_video as open_video
    from framesift.video.probing import Choices as Choices
    from framesift.video.probing import choices as choices
else:
    __getattr__ = lazily(
        __name__,
        {
            "Choices": "probing",
            "Distance": "distance",
            "Drive": "drives",
            "FileVideo": "file",
            "Frame": "base",
            "FrameIndex": "index",
            "Indexed": "opening",
            "Kind": "base",
            "Passing": "base",
            "Stills": "images",
            "Verified": "file",
            "Video": "base",
            "choices": "probing",
            "file_state": "cache",
            "index_video": "opening",
            "join_drives": "drives",
            "open_stills": "images",
            "open_video": "opening",
            "parse_distance": "distance",
            "rate_text": "distance",
            "verify": "file",
        },
    )

__all__ = [
    "Choices",
    "Distance",
    "Drive",
    "FileVideo",
    "Frame",
    "FrameIndex",
    "Indexed",
    "Kind",
    "Passing",
    "Stills",
    "Verified",
    "Video",
    "choices",
    "file_state",
    "index_video",
    "join_drives",
    "open_stills",
    "open_video",
    "parse_distance",
    "rate_text",
    "verify",
]
