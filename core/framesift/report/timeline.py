"""Score timelines as SVG coordinates: curves of any length in about a thousand columns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.report.model import SelectionReport, clock, seconds_of
from framesift.series.value_scale import ValueScale, extent
from framesift.video import Drive

WIDTH, HEIGHT, COLUMNS = 1120.0, 96.0, 1120
TOP, GROUND = 14.0, HEIGHT - 8
"""Where the highest and the lowest value of the scale lie."""
NOTCH = 5.0
"""Height of a mark where a curve is lower than the drawing, and half its width."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A pick on the timeline: x, y in SVG units, its rank and the text under the pointer."""

    x: float
    y: float
    rank: int
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of frames that a rule blocked."""

    x: float
    width: float
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One drive's drawing: `raw` is a closed path (the envelope of the raw score), `smooth`
    polylines of the smoothed score, `ticks` pairs of x and text, `levels` pairs of y and text
    of the scale's ends; `below`: x where the raw score is lower than the drawing."""

    key: str
    frames: int
    scored: int
    raw: str
    smooth: str
    bands: list[Band]
    marks: list[Mark]
    ticks: list[tuple[float, str]]
    levels: list[tuple[float, str]]
    below: list[float]


def timelines(report: SelectionReport) -> list[Timeline]:
    """One drawing per drive, all on the same vertical scale, that of the window's timeline."""
    # Smoothed scores are means of raw ones: they lie between them.
    values = ValueScale.over(extent(report.raw[drive.key]) for drive in report.drives)
    return [_timeline(report, drive, values) for drive in report.drives]


def _timeline(report: SelectionReport, drive: Drive, values: ValueScale) -> Timeline:
    raw, smooth = report.raw[drive.key], report.smoothed[drive.key]
    if not report.by_score:
        # There is but zero all along, which says nothing.
        raw = smooth = np.full(len(raw), np.nan)
    scale = WIDTH / max(1, len(raw))

    def x(frame: float) -> float:
        return round((frame + 0.5) * scale, 2)

    def y(value: float) -> float:
        return round(GROUND - (GROUND - TOP) * float(values.shares(np.asarray(value))), 2)

    picks = [p for p in report.selection if p.video == drive.key]
    marks = [
        Mark(
            x(p.frame),
            y(float(smooth[p.frame])) if report.by_score else GROUND,
            p.rank,
            f"pick {p.rank} · {_where(drive, p.frame)}"
            + (f" · score {p.score:.4f}" if report.by_score else ""),
        )
        for p in picks
    ]
    bands = [
        Band(
            round(start * scale, 2),
            max(1.0, round((stop - start) * scale, 2)),
            rule,
            _band_text(rule, by),
        )
        for start, stop, rule, by in report.selection.bands(drive.key)
    ]
    scored = int((~np.isnan(raw)).sum())
    return Timeline(
        drive.key,
        len(raw),
        scored,
        _envelope(raw, x, y),
        _line(smooth, x, y),
        bands,
        marks,
        _ticks(drive, len(raw), x),
        list(zip((GROUND, TOP), values.words(), strict=True)) if scored else [],
        _below(raw, x, values.below),
    )


def _where(drive: Drive, frame: int) -> str:
    clip, number = drive.locate(frame)
    video = drive.clips[clip]
    time = clock(seconds_of(video, number))
    return f"{video.name} · frame {number}" + (f" · {time}" if time else "")


def _band_text(rule: str, by: int) -> str:
    return {
        "delta1": f"blocked by Δt1 around pick {by}",
        "delta2": f"blocked by Δt2 around frame {by} of an earlier cycle",
        "taken": "taken in an earlier cycle",
        "look-alike": f"looks like pick {by}",
        "look-alike-taken": f"looks like frame {by} of an earlier cycle",
    }.get(rule, rule)


def _columns(values: NDArray[Any]) -> list[tuple[float, float, float]]:
    """(middle frame, minimum, maximum) of each column that holds a scored frame."""
    edges = np.linspace(0, len(values), min(len(values), COLUMNS) + 1).astype(int)
    columns = []
    for first, last in itertools.pairwise(edges):
        part = values[first:last]
        part = part[~np.isnan(part)]
        if len(part):
            columns.append(((first + last - 1) / 2, float(part.min()), float(part.max())))
    return columns


def _envelope(values: NDArray[Any], x: Any, y: Any) -> str:
    columns = _columns(values)
    if not columns:
        return ""
    there = [f"{x(f)},{y(high)}" for f, _, high in columns]
    back = [f"{x(f)},{y(low)}" for f, low, _ in reversed(columns)]
    return "M" + " L".join(there + back) + " Z"


def _line(values: NDArray[Any], x: Any, y: Any) -> str:
    columns = _columns(values)
    if not columns:
        return ""
    return "M" + " L".join(f"{x(f)},{y((low + high) / 2)}" for f, low, high in columns)


def _below(values: NDArray[Any], x: Any, below: float) -> list[float]:
    """Where values are lower than `below`; one place for all whose marks would overlap."""
    places: list[float] = []
    for frame, low, _ in _columns(values):
        if low < below and (not places or x(frame) - places[-1] >= 2 * NOTCH):
            places.append(x(frame))
    return places


def _ticks(drive: Drive, frames: int, x: Any) -> list[tuple[float, str]]:
    if frames < 2:
        return []
    picked = np.linspace(0, frames - 1, 6).astype(int)
    stills = drive.clips[0].kind == "stills"
    texts = []
    for frame in picked:
        clip, number = drive.locate(int(frame))
        time = "" if stills else clock(seconds_of(drive.clips[clip], number))
        texts.append((x(int(frame)), f"{int(frame)}" + (f" · {time}" if time else "")))
    return texts
