"""The rules as they hold for one pool: distances in frames of each drive, look-alikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.selection.descent import Descent
from framesift.selection.draws import Draws
from framesift.selection.kept import Kept
from framesift.selection.pick import CHANCE
from framesift.selection.pool import Pool, PoolDrive
from framesift.selection.request import Request, make_request
from framesift.selection.result import Selection
from framesift.selection.row import Row
from framesift.selection.rules import Rules
from framesift.selection.walk import MakeOrder, Walk
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
    fill: a last pass ignores Δt1. random_share: of the budget, picked at random; draws: what
    by, drawn_by: the name that a drive's random numbers depend on. kept: of the pool.
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
    random_share: float = 0.0
    draws: Draws = field(default_factory=Draws)
    drawn_by: Mapping[str, str] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)

    @property
    def by_strategy(self) -> int:
        """How many frames of the budget the strategy chooses; the others are random."""
        return self.budget - round(self.random_share * self.budget)

    def request(
        self, values: Mapping[str, NDArray[np.float64]], budget: int | None = None
    ) -> Request:
        """What is asked for: `values` by drive, NaN = not to be picked, under these rules.
        budget: None for that of the rules."""
        return make_request(
            values,
            self.budget if budget is None else budget,
            self.delta1,
            self.delta2,
            self.taken,
            self.compared or None,
            self.look_alike if self.compared else None,
            self.times,
        )

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
        walk = Walk(request := self.request(values), raw, self.kept)
        walk.run(compare=True, budget=self.by_strategy, reason=reason)
        return self.finished(walk, request, reason)

    def finished(
        self,
        walk: Walk,
        request: Request,
        reason: Mapping[str, Any] | None = None,
        notes: tuple[str, ...] = (),
    ) -> Selection:
        """The selection that a walk comes to, when the random share is picked, and what rules
        may be waived for is filled in."""
        if self.random_share:
            walk.run(compare=True, order=self._drawn(request), reason={"by": CHANCE})
        walk.waive(look_alike_last=self.look_alike_last, fill=self.fill, reason=reason)
        return Selection(walk.picks, request, walk.resembled, notes)

    def _drawn(self, request: Request) -> MakeOrder:
        """An order by chance."""
        lengths = [
            (self.drawn_by.get(key) or key, len(values))
            for key, values in request.series.items()
        ]

        def draw() -> Row:
            return Row(
                [
                    self.draws.of(f"random share {name}").random(length)
                    for name, length in lengths
                ]
            )

        drawn = self.kept.get("random share", (self.draws.seed, *lengths), draw)
        return lambda row: Descent(drawn, row)


class Reads(Protocol):
    """What a strategy says of the descriptors that it reads."""

    @property
    def descriptors(self) -> tuple[str, ...]: ...
    @property
    def prefers(self) -> tuple[str, ...]: ...
    @property
    def temporal_rules(self) -> bool: ...
    def share_in(self, cycle: int) -> float: ...


def descriptors_of(strategy: Reads, rules: Rules) -> tuple[str, ...]:
    """The names of the descriptors that a selection reads: the strategy's own, and what
    look-alikes are told by where they are compared."""
    compared = strategy.temporal_rules and rules.look_alike != "off"
    read = [*strategy.descriptors, *strategy.prefers, *([LOOKS_BY] if compared else [])]
    return tuple(dict.fromkeys(read))


def frame_rules(pool: Pool, rules: Rules, strategy: Reads) -> FrameRules:
    """The rules for a pool under a strategy, which says whether distances and look-alikes apply
    at all; stills have neither. The rules' distances are filled in. Raises InputError for a
    distance in seconds where a drive has no rate."""
    temporal = strategy.temporal_rules

    def reach(distance: Distance) -> dict[str, int | Distance]:
        return {drive.key: reach_of(drive, distance) if temporal else 0 for drive in pool}

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
        random_share=(
            strategy.share_in(pool.cycle) if rules.random_share is None else rules.random_share
        ),
        draws=Draws(rules.seed),
        drawn_by={drive.key: drive.drawn_by for drive in pool},
        kept=pool.kept,
    )


def reach_of(drive: PoolDrive, distance: Distance) -> int | Distance:
    """A distance in a drive: in frames, or in seconds where the drive has times; 0 for stills.
    Raises InputError for one in seconds where the drive has no rate."""
    if drive.stills:
        return 0
    by_time = drive.times is not None and distance.unit == "seconds"
    return distance if by_time else distance.frames(drive.fps)


def in_seconds(reach: int | Distance, fps: float) -> float:
    """A drive's distance in seconds; 0 without a rate."""
    if isinstance(reach, Distance) and reach.unit == "seconds":
        return float(reach.value)
    frames = reach.value if isinstance(reach, Distance) else reach
    return frames / fps if fps > 0 else 0.0
