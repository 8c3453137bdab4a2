"""From the scores of drives to a selection: smoothing, strategy, rules in frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.selection import LOOK_ALIKE, Selection, select
from framesift.series import smooth
from framesift.strategies import STRATEGIES
from framesift.video import Distance, parse_distance

FloatSeries = NDArray[np.float64]
FAR_S, NEAR_S = (3.0, 1.0), (0.5, 0.067)
"""Δt1 and Δt2 where there is enough footage, and the least (the paper's 15 and 2 frames)."""
OF_METHOD = {strategy.score: name for name, strategy in STRATEGIES.items() if strategy.score}
"""The strategy that ranks by each score."""


class Clip(Protocol):
    """What has to be known of a video to select from its scores."""

    @property
    def kind(self) -> str: ...
    @property
    def fps(self) -> float: ...
    def __len__(self) -> int: ...


class Timeline(Protocol):
    """A drive, opened or only remembered."""

    @property
    def key(self) -> str: ...
    @property
    def clips(self) -> Sequence[Clip]: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """How a selection is made. Distances are inclusive; smoothing counts samples.

    `look_alike`: "on" passes over frames that look like a pick of the same drive as long as
    others remain, "strict" never takes them, "off" does not compare. `fill`: where Δt1
    leaves the budget short, a last pass ignores it.
    """

    budget: int = 20
    delta1: Distance = field(default_factory=lambda: parse_distance("0.5s"))
    delta2: Distance = field(default_factory=lambda: parse_distance("0.067s"))
    half_window: int = 5
    sigma: float = 3.0
    smoothing: bool = True
    look_alike: str = "on"
    look_alike_threshold: float = LOOK_ALIKE
    fill: bool = False
    strategy: str = "divergence"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.budget < 1:
            raise InputError(f"A budget of {self.budget} picks nothing; give 1 or more frames.")
        if self.sigma <= 0:
            raise InputError(f"σ = {self.sigma} cannot weigh anything; give a positive number.")
        if self.strategy not in STRATEGIES:
            raise InputError(
                f"There is no strategy {self.strategy!r}; "
                f"choose one of {', '.join(STRATEGIES)}."
            )

    def settings(self) -> dict[str, Any]:
        """The JSON form, for ledgers and reports."""
        return {
            "budget": self.budget,
            "strategy": self.strategy,
            "delta1": str(self.delta1),
            "delta2": str(self.delta2),
            "smoothing": self.smoothing,
            "half_window": self.half_window,
            "sigma": self.sigma,
            "look_alike": self.look_alike,
            "look_alike_threshold": self.look_alike_threshold,
            "fill": self.fill,
            "seed": self.seed,
        }

    @staticmethod
    def from_settings(settings: Mapping[str, Any]) -> Rules:
        """The inverse of `settings`; what else is in there is left alone."""
        known = {name: settings[name] for name in Rules.__slots__ if name in settings}
        for name in ("delta1", "delta2"):
            if name in known:
                known[name] = parse_distance(known[name])
        return Rules(**known)

    @property
    def needs_scores(self) -> bool:
        """Whether the strategy ranks by a score."""
        return STRATEGIES[self.strategy].score is not None


def fitting(
    drives: Sequence[Timeline],
    budget: int,
    taken: int = 0,
) -> tuple[Distance, Distance]:
    """Δt1 and Δt2 for footage and a budget, where nobody asked for others.

    They are 3 s and 1 s, or less, where picks so far apart might not fill the budget: Δt1 is
    half of the time that there is for each pick, in tenths of a second; a frame that an earlier
    cycle has taken (`taken` in all) needs a third of a pick's time. Δt2 goes with it, down to
    0.067 s at Δt1 = 0.5 s, the least. Stills do not count.
    """
    length = sum(
        len(clip) / clip.fps
        for drive in drives
        if not is_stills(drive)
        for clip in drive.clips
        if clip.fps > 0
    )
    delta1 = math.floor(10 * length / (2 * budget + 2 * taken / 3) + 1e-9) / 10
    found = np.interp(delta1, (NEAR_S[0], FAR_S[0]), (NEAR_S[1], FAR_S[1]))
    return (
        Distance(min(FAR_S[0], max(NEAR_S[0], delta1)), "seconds"),
        Distance(round(float(found), 3), "seconds"),
    )


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


def smoothed_series(values: NDArray[Any], rules: Rules) -> FloatSeries:
    """Eq. 6 over one drive; with every s-th frame scored, Δt and σ stretch by s."""
    if not rules.smoothing:
        return np.asarray(values, np.float64)
    step = spacing(values)
    return np.asarray(
        smooth(values, half_window=rules.half_window * step, sigma=rules.sigma * step),
        np.float64,
    )


def is_stills(drive: Timeline) -> bool:
    return drive.clips[0].kind == "stills"


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
    fps = {drive.key: drive.clips[0].fps for drive in drives}
    still = {drive.key: is_stills(drive) for drive in drives}
    temporal = strategy.temporal_rules
    smoothed, ranked = {}, {}
    for drive in drives:
        key = drive.key
        one = np.asarray(raw[key], np.float64)
        plain = still[key] or not strategy.smoothing
        smoothed[key] = one if plain else smoothed_series(one, rules)
        ranked[key] = np.array(
            strategy.rank_values(key, smoothed[key], seed=rules.seed), np.float64
        )
        ranked[key][list((excluded or {}).get(key, ()))] = np.nan

    def frames(distance: Distance) -> dict[str, int]:
        return {
            key: distance.frames(rate) if temporal and not still[key] else 0
            for key, rate in fps.items()
        }

    compared = None
    if rules.look_alike != "off" and thumbnails is not None and temporal:
        compared = {key: one for key, one in thumbnails.items() if not still[key]}
    selection = select(
        ranked,
        rules.budget,
        frames(rules.delta1),
        frames(rules.delta2),
        taken or {},
        raw={key: np.asarray(value, np.float64) for key, value in raw.items()},
        fill=rules.fill,
        thumbnails=compared,
        look_alike=rules.look_alike_threshold if compared is not None else None,
        look_alike_last=rules.look_alike == "on",
    )
    return Choice(selection, {k: np.asarray(v, np.float64) for k, v in raw.items()}, smoothed)
