"""Opening what the user named: videos, folders of images, stills, drives of clips."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from framesift.errors import InputError
from framesift.video import Drive, Video, join_drives, open_stills, open_video, parse_distance


@contextlib.contextmanager
def opened(
    paths: Sequence[str],
    *,
    stills: bool = False,
    stream: int | None = None,
    fps: float | None = None,
) -> Iterator[list[Video]]:
    """Opens every path, and closes what was opened whatever happens."""
    with contextlib.ExitStack() as stack:
        videos: list[Video] = []
        seen: set[Path] = set()
        for name in paths:
            path = Path(name)
            if path.resolve() in seen:
                raise InputError(f"{name} is named twice; name each video once.")
            seen.add(path.resolve())
            video = open_stills(path) if stills else open_video(path, stream=stream, fps=fps)
            stack.callback(video.close)
            videos.append(video)
        yield videos


def drives_of(videos: Sequence[Video], *, separate: bool = False) -> list[Drive]:
    return join_drives(list(videos), join=not separate)


def frame_at(video: Video, text: str | None) -> int | None:
    """`--start`/`--end`: a frame number, or a time as 12.5s, as a frame of `video`."""
    if text is None:
        return None
    distance = parse_distance(text)
    if distance.unit == "frames" or video.kind == "stills":
        return int(distance.value)
    return video.index.at_seconds(distance.value)


def bounds(video: Video, args: argparse.Namespace) -> tuple[int, int | None]:
    start, stop = frame_at(video, args.start) or 0, frame_at(video, args.end)
    if stop is not None and stop <= start:
        raise InputError(
            f"--end {args.end} is not after --start {args.start}; nothing would be scored."
        )
    if start >= len(video):
        raise InputError(
            f"{video.name} has {len(video)} frames; --start {args.start} lies "
            "behind the last one."
        )
    return start, stop
