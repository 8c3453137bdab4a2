"""The rules as they hold for one pool: distances in frames of each drive, look-alikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.selection.greedy import select
from framesift.selection.pool import Pool
from framesift.selection.result import Selection
from framesift.selection.rules import Rules
from framesift.video import Distance

LOOKS_BY = "thumbnail"
"""The descriptor that the look-alike rule compares by."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameRules:
    """What a strategy keeps to. budget: frames to pick. delta1, delta2: distances by drive,
    inclusive, in frames, or in seconds where the drive has times; 0 where there are none.
    times: seconds of the frames of drives without one rate. taken: frames of earlier cycles by
    drive. compared: the descriptor's rows by drive, empty where look-alikes are not compared;
    look_alike: its threshold. look_alike_last: look-alikes are taken when nothing else is left.
    fill: a last pass ignores Δt1.
    """

    budget: int
    delta1: Mapping[str, int | Distance]
    delta2: Mapping[str, int | Distance]
    times: Mapping[str, NDArray[np.float64]]
    taken: Mapping[str, Sequence[int]]
    compared: Mapping[str, NDArray[np.uint8]]
    look_alike: float
    look_alike_last: bool
    fill: bool

    def select(
        self,
        values: Mapping[str, NDArray[np.float64]],
        *,
        raw: Mapping[str, NDArray[Any]] | None = None,
        reason: Mapping[str, Any] | None = None,
    ) -> Selection:
        """The highest values first, under all of these rules (see framesift.selection.select).
        `values` by drive, NaN = not to be picked; `raw`: for the picks' `raw`; `reason`: why
        each of them was picked."""
        selection = select(
            values,
            self.budget,
            self.delta1,
            self.delta2,
            self.taken,
            times=self.times,
            raw=raw,
            fill=self.fill,
            thumbnails=self.compared or None,
            look_alike=self.look_alike if self.compared else None,
            look_alike_last=self.look_alike_last,
        )
        if not reason:
            return selection
        picks = tuple(replace(pick, reason=dict(reason)) for pick in selection.picks)
        return replace(selection, picks=picks)


class Reads(Protocol):
    """What a strategy says of the descriptors that it reads."""

    @property
    def descriptors(self) -> tuple[str, ...]: ...
    @property
    def temporal_rules(self) -> bool: ...


def descriptors_of(strategy: Reads, rules: Rules) -> tuple[str, ...]:
    """The names of the descriptors that a selection reads: the strategy's own, and what
    look-alikes are told by where they are compared."""
    compared = strategy.temporal_rules and rules.look_alike != "off"
    return tuple(dict.fromkeys([*strategy.descriptors, *([LOOKS_BY] if compared else [])]))


def frame_rules(pool: Pool, rules: Rules, *, temporal: bool) -> FrameRules:
    """The rules for a pool. `temporal`: whether distances and look-alikes apply at all; stills
    have neither. The rules' distances are filled in. Raises InputError for a distance in
    seconds where a drive has no rate."""

    def reach(distance: Distance) -> dict[str, int | Distance]:
        reaches: dict[str, int | Distance] = {}
        for drive in pool:
            by_time = drive.times is not None and distance.unit == "seconds"
            if not temporal or drive.stills:
                reaches[drive.key] = 0
            else:
                reaches[drive.key] = distance if by_time else distance.frames(drive.fps)
        return reaches

    compared: dict[str, NDArray[np.uint8]] = {}
    if temporal and rules.look_alike != "off":
        compared = {
            drive.key: rows
            for drive in pool
            if isinstance(rows := drive.descriptors.get(LOOKS_BY), np.ndarray)
            and not drive.stills
        }
    return FrameRules(
        budget=rules.budget,
        delta1=reach(rules.distances[0]),
        delta2=reach(rules.distances[1]),
        times={drive.key: drive.times for drive in pool if drive.times is not None},
        taken={drive.key: drive.taken for drive in pool},
        compared=compared,
        look_alike=rules.look_alike_threshold,
        look_alike_last=rules.look_alike == "on",
        fill=rules.fill,
    )
