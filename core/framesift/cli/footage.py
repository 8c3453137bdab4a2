"""Opening what the user named: videos, folders of images, stills, drives of clips."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from framesift.errors import InputError
from framesift.files.printable import printable
from framesift.video import Drive, Video, join_drives, open_stills, open_video
from framesift.video.settings import VideoSettings


@contextlib.contextmanager
def opened(
    paths: Sequence[str],
    reading: VideoSettings,
    *,
    stills: bool = False,
    failed: dict[str, str] | None = None,
) -> Iterator[list[Video]]:
    """Opens every path, and closes what was opened whatever happens.

    With `failed` a video that cannot be used does not cost the others: its path and sentence
    are put there. InputError where nothing is left.
    """
    with contextlib.ExitStack() as stack:
        videos: list[Video] = []
        seen: set[Path] = set()
        for name in paths:
            path = Path(name)
            if path.resolve() in seen:
                raise InputError(f"{name} is named twice; name each video once.")
            seen.add(path.resolve())
            try:
                video = (
                    open_stills(path)
                    if stills
                    else open_video(path, stream=reading.stream, fps=reading.fps)
                )
            except InputError as error:
                if failed is None or len(paths) == 1:
                    raise
                failed[name] = str(error)
                continue
            stack.callback(video.close)
            videos.append(video)
        if failed and not videos:
            raise InputError(" ".join(failed.values()))
        yield videos


def tell_failed(failed: Mapping[str, str]) -> int:
    """Says which videos could not be used; the exit status."""
    for sentence in failed.values():
        sys.stderr.write(f"framesift: {printable(sentence)}\n")
    if failed:
        sys.stderr.write(f"framesift: {len(failed)} could not be used; the others were.\n")
    return 2 if failed else 0


def drives_of(videos: Sequence[Video], *, separate: bool = False) -> list[Drive]:
    return join_drives(list(videos), join=not separate)
