"""What a file leaves to whoever opens it, from its header alone: which stream, which rate."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from framesift.video.container import open_container, video_streams
from framesift.video.image_names import numbered
from framesift.video.pictures import picture_files
from framesift.video.seq import is_seq
from framesift.video.stated import RAW, stated_rate, stream_name


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may have to say. `streams`: a file's video streams where there are several,
    as "0 (h264 640×360)"; `untimed`: nothing states a frame rate."""

    path: Path
    streams: tuple[str, ...] = ()
    untimed: bool = False

    def __bool__(self) -> bool:
        return bool(self.streams) or self.untimed


def choices(path: str | Path) -> Choices:
    """What is open about a video file or a folder of pictures, for a person to say.

    Args:
        path: the file or the folder.

    Returns:
        Choices: its streams, where there are several, and whether it has no rate of its own.

    Raises:
        InputError: it is no video, or does not exist.

    Example:
        >>> bool(choices("clip.mp4"))
        False
    """
    place = Path(path)
    if place.is_dir():
        return Choices(place, untimed=numbered(picture_files(place)))
    if is_seq(place):
        return Choices(place)
    with closing(open_container(place)) as opened:
        container = opened.container
        streams = video_streams(container)
        raw = container.format.name in RAW
        untimed = raw and all(stated_rate(container, stream) is None for stream in streams)
        names = tuple(map(stream_name, streams)) if len(streams) > 1 else ()
        return Choices(place, names, untimed)
