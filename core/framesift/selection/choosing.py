"""From the scores of drives to a selection: smoothing, strategy, rules in frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.selection import Selection, select
from framesift.selection.rules import Rules
from framesift.selection.strategies import STRATEGIES
from framesift.selection.timeline import Timeline, drive_times, is_stills
from framesift.series import smooth
from framesift.video import Distance

FloatSeries = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """A selection with the values it was made from, one per frame of each drive."""

    selection: Selection
    raw: Mapping[str, FloatSeries]
    smoothed: Mapping[str, FloatSeries]


def spacing(values: NDArray[Any]) -> int:
    """Distance between neighbouring scored frames: the `--every` of a series (1 where
    nothing is scored)."""
    scored = np.flatnonzero(~np.isnan(values))
    return int(np.diff(scored).min()) if len(scored) > 1 else 1


def smoothed_series(
    values: NDArray[Any], rules: Rules, times: FloatSeries | None = None
) -> FloatSeries:
    """Eq. 6 over one drive; with every s-th frame scored, Δt and σ stretch by s. `times`:
    seconds of the frames where the rate varies."""
    if not rules.smoothing:
        return np.asarray(values, np.float64)
    step = spacing(values)
    return np.asarray(
        smooth(values, rules.half_window * step, rules.sigma * step, times),
        np.float64,
    )


def choose(
    drives: Sequence[Timeline],
    raw: Mapping[str, NDArray[Any]],
    rules: Rules,
    *,
    taken: Mapping[str, Iterable[int]] | None = None,
    thumbnails: Mapping[str, NDArray[np.uint8]] | None = None,
    excluded: Mapping[str, Sequence[int]] | None = None,
) -> Choice:
    """Selects frames from scored drives.

    `raw` holds each drive's frame scores (NaN = not scored or not to be picked), `taken` the
    frames picked in earlier cycles, `excluded` frames that count for the smoothing but are
    not to be picked, `thumbnails` uint8 n×T per drive. Stills take part without smoothing,
    distances or look-alikes. Raises InputError for rules that make no
    sense.
    """
    if not drives:
        raise InputError("There is no footage to select from; give a video or a folder.")
    strategy = STRATEGIES[rules.strategy]
    times = {drive.key: drive_times(drive) for drive in drives}
    fps = {drive.key: drive.clips[0].fps for drive in drives}
    still = {drive.key: is_stills(drive) for drive in drives}
    temporal = strategy.temporal_rules
    smoothed, ranked = {}, {}
    for drive in drives:
        key = drive.key
        one = np.asarray(raw[key], np.float64)
        plain = still[key] or not strategy.smoothing
        smoothed[key] = one if plain else smoothed_series(one, rules, times[key])
        ranked[key] = np.array(
            strategy.rank_values(key, smoothed[key], seed=rules.seed), np.float64
        )
        ranked[key][list((excluded or {}).get(key, ()))] = np.nan

    def reach(distance: Distance) -> dict[str, int | Distance]:
        found: dict[str, int | Distance] = dict.fromkeys(fps, 0)
        for key, rate in fps.items():
            if temporal and not still[key]:
                by_time = times[key] is not None and distance.unit == "seconds"
                found[key] = distance if by_time else distance.frames(rate)
        return found

    compared = None
    if rules.look_alike != "off" and thumbnails is not None and temporal:
        compared = {key: one for key, one in thumbnails.items() if not still[key]}
    selection = select(
        ranked,
        rules.budget,
        reach(rules.delta1),
        reach(rules.delta2),
        taken or {},
        times={key: one for key, one in times.items() if one is not None},
        raw={key: np.asarray(value, np.float64) for key, value in raw.items()},
        fill=rules.fill,
        thumbnails=compared,
        look_alike=rules.look_alike_threshold if compared is not None else None,
        look_alike_last=rules.look_alike == "on",
    )
    return Choice(selection, {k: np.asarray(v, np.float64) for k, v in raw.items()}, smoothed)
