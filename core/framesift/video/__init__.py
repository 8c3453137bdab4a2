"""Videos: files, folders of pictures, drives; frames by number, exactly."""

from framesift.video.base import Frame, Kind, Video
from framesift.video.cache import file_state
from framesift.video.distance import Distance, parse_distance, rate_text
from framesift.video.drives import Drive, join_drives
from framesift.video.file import FileVideo, Verified, verify
from framesift.video.images import Stills, open_stills
from framesift.video.index import FrameIndex
from framesift.video.opening import Indexed, index_video, open_video

__all__ = [
    "Distance",
    "Drive",
    "FileVideo",
    "Frame",
    "FrameIndex",
    "Indexed",
    "Kind",
    "Stills",
    "Verified",
    "Video",
    "file_state",
    "index_video",
    "join_drives",
    "open_stills",
    "open_video",
    "parse_distance",
    "rate_text",
    "verify",
]
