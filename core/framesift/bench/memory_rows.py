"""Rows about memory: that it does not grow with the length of a recording, nor with how often
something is opened, and what large frames take."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from framesift.bench.memory import (
    draw_large,
    growth,
    peak_of_reading,
    peak_of_scoring,
    repeat_video,
)
from framesift.bench.row import Row
from framesift.project import Project
from framesift.records import closing
from framesift.video import open_video
from framesift.video.decode import stream

_MEGABYTE = 1 << 20
_OPENINGS, _FIRST = 50, 10
_FRAMES = 36_000
"""Ten hours, one frame a second."""
_FEW, _MANY = 12, 48


@dataclass(frozen=True, slots=True)
class Large:
    """A size of frames, and how many MB reading them may take at most, in either direction."""

    name: str
    width: int
    height: int
    most_mb: int


_LARGE = (Large("4K", 3840, 2160, 750), Large("8K", 7680, 4320, 1250))


def memory_rows(clip: Path, quick: bool) -> Iterator[Row]:
    """All of them; `clip`: a short video, next to which longer ones are written."""
    yield from _length_rows(clip, quick)
    yield _stream_row(clip, quick)
    yield _openings_row(clip)
    # A packaged Framesift has no interpreter that could read in a process of its own.
    if not getattr(sys, "frozen", False):
        for large in _LARGE:
            yield _large_row(clip.parent, large, _FEW if quick else _MANY)


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


def _large_row(folder: Path, large: Large, frames: int) -> Row:
    clip, small = folder / f"{large.name}.mp4", folder / "small.mp4"
    draw_large(clip, large.width, large.height, frames)
    draw_large(small, 64, 64, 1)
    before = peak_of_reading(small, "nothing")
    forwards, backwards = (
        (peak_of_reading(clip, order) - before) / _MEGABYTE
        for order in ("forwards", "backwards")
    )
    return Row(
        f"memory: {large.name}",
        max(forwards, backwards),
        "MB",
        f"peak of opening and reading {frames} frames of {large.width}×{large.height} over "
        f"that of a small one: {forwards:.0f} MB forwards, {backwards:.0f} MB backwards frame "
        f"by frame; at most {large.most_mb} MB",
        max(forwards, backwards) / large.most_mb,
    )
