"""Rows about memory: that it does not grow with the length of a recording, nor with how often
something is opened."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from framesift.bench.memory import growth, peak_of_scoring, repeat_video
from framesift.bench.row import Row
from framesift.project import Project
from framesift.records import closing
from framesift.video import open_video
from framesift.video.decode import stream

_MEGABYTE = 1 << 20
_OPENINGS, _FIRST = 50, 10
_FRAMES = 36_000
"""Ten hours, one frame a second."""


def memory_rows(clip: Path, quick: bool) -> Iterator[Row]:
    """All of them; `clip`: a short video, next to which longer ones are written."""
    yield from _length_rows(clip, quick)
    yield _stream_row(clip, quick)
    yield _openings_row(clip)


def _length_rows(clip: Path, quick: bool) -> Iterator[Row]:
    short, long = clip.with_name("minute.mp4"), clip.with_name("twenty-minutes.mp4")
    repeat_video(clip, short, seconds=60)
    repeat_video(clip, long, seconds=1200)
    every = 600 if quick else 100
    peaks = {path: peak_of_scoring(path, every=every) for path in (short, long)}
    yield Row(
        "memory",
        (peaks[long] - peaks[short]) / _MEGABYTE,
        "MB",
        f"peak of scoring 20 minutes over 1 minute ({peaks[short] / _MEGABYTE:.0f} MB), "
        f"every {every}th frame; at most 60 MB",
        peaks[long] / peaks[short],
    )


def _stream_row(clip: Path, quick: bool) -> Row:
    """One stream of frames, as scoring reads them, over a clip that begins again and again."""
    with open_video(clip) as video:
        rounds = max(2 * _FIRST, (_FRAMES // 30 if quick else _FRAMES) // len(video))
        numbers = list(range(len(video))) * rounds
        with closing(stream(video, numbers)) as frames:

            def read() -> None:
                for _ in itertools.islice(frames, len(video)):
                    pass

            grown = growth(read, rounds, _FIRST)
        count, before = len(numbers), _FIRST * len(video)
    return Row(
        "memory: stream",
        grown / _MEGABYTE,
        "MB",
        f"more after {count:,} frames of one stream than after {before:,}; at most 20 MB",
        grown / (20 * _MEGABYTE),
    )


def _openings_row(clip: Path) -> Row:
    folder = clip.with_name("openings")
    with Project.create(folder) as project, open_video(clip) as video:
        project.videos.add(video)

    def open_both() -> None:
        with Project.open(folder) as project, open_video(clip) as video:
            project.status()
            video.frame(len(video) // 2)

    grown = growth(open_both, _OPENINGS, _FIRST)
    return Row(
        "memory: openings",
        grown / _MEGABYTE,
        "MB",
        f"more after {_OPENINGS} openings of a project and a video than after {_FIRST}; at "
        "most 20 MB",
        grown / (20 * _MEGABYTE),
    )
