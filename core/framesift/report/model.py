"""What a report is made of, with every frame said in the numbers of its own video."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.selection import Pick, Selection
from framesift.video import Drive, Video

Maxima = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class SelectionReport:
    """A selection with all that explains it.

    `raw` and `smoothed` hold one value per frame of each drive (NaN = not scored), `maxima`
    the region maxima by drive and frame, `settings` whatever made the scores and the
    selection (JSON-able), `notices` sentences the reader should see. by_score: whether the
    strategy ranks by scores; without, `raw` and `smoothed` are 0 for every candidate.
    """

    drives: Sequence[Drive]
    selection: Selection
    raw: Mapping[str, NDArray[Any]]
    smoothed: Mapping[str, NDArray[Any]]
    maxima: Mapping[str, Mapping[int, Maxima]]
    settings: Mapping[str, Any]
    notices: Sequence[str] = ()
    title: str = "Frames worth labelling"
    by_score: bool = True

    @property
    def videos(self) -> list[Video]:
        return [clip for drive in self.drives for clip in drive.clips]


@dataclass(frozen=True, slots=True)
class VideoRow:
    """One video's line in selection.json."""

    path: str
    frames: int
    fps: float | None


@dataclass(frozen=True, slots=True)
class PickRow:
    """One pick, in the numbers of its video: `video` indexes the report's videos, `frame` is
    0-based, `time_s` seconds from the video's first frame (None for stills). boxless: it has
    no boxes to be scored by, its `score` is the median of all others."""

    video: int
    frame: int
    time_s: float | None
    score: float
    smoothed: float
    rank: int
    maxima: Maxima = field(default=())
    drive: str = ""
    drive_frame: int = 0
    boxless: bool = False


def clock(seconds: float | None) -> str:
    """Seconds as mm:ss.cc, h:mm:ss.cc from an hour on.

    Args:
        seconds: ≥ 0; None or NaN where there is no time.

    Returns:
        The text; empty where there is no time.

    Example:
        >>> clock(75.5)
        '01:15.50'
    """
    if seconds is None or math.isnan(seconds):
        return ""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}"
    return f"{hours}:{tail}" if hours else tail


def first_video(report: SelectionReport, key: str) -> int:
    """Index among the report's videos of the first clip of drive `key`."""
    at = 0
    for drive in report.drives:
        if drive.key == key:
            return at
        at += len(drive.clips)
    raise KeyError(key)


def seconds_of(video: Video, frame: int) -> float | None:
    return None if video.kind == "stills" else video.index.seconds(frame)


def rows(report: SelectionReport) -> list[PickRow]:
    """The picks of a report, with what its tables say of each.

    Args:
        report: a selection with what explains it.

    Returns:
        A PickRow for each pick, in rank order.

    Example:
        >>> drive = Drive("clip", (video,))
        >>> picks = framesift.select_frames(drive, budget=2, strategy="uniform")
        >>> values = {"clip": np.zeros(12)}
        >>> [row.frame for row in rows(SelectionReport([drive], picks, values, values, {}, {}))]
        [0, 8]
    """
    drives = {drive.key: drive for drive in report.drives}
    return [_row(report, drives[pick.video], pick) for pick in report.selection]


def _row(report: SelectionReport, drive: Drive, pick: Pick) -> PickRow:
    clip, frame = drive.locate(pick.frame)
    raw = report.raw[pick.video][pick.frame]
    return PickRow(
        video=first_video(report, pick.video) + clip,
        frame=frame,
        time_s=seconds_of(drive.clips[clip], frame),
        score=float(np.float64(raw)),
        smoothed=float(pick.score),
        rank=pick.rank,
        maxima=report.maxima.get(pick.video, {}).get(pick.frame, ()),
        drive=pick.video,
        drive_frame=pick.frame,
        boxless=pick.reason.get("without_boxes") == "median",
    )
