"""Which rule each frame of a drive lost to, and to which pick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.selection.request import Reach, Request

if TYPE_CHECKING:
    from framesift.selection.pick import Pick

RULES = ("taken", "delta2", "delta1", "look-alike", "look-alike-taken")
TAKEN, DELTA2, DELTA1, ALIKE, ALIKE_TAKEN = range(1, 6)
CODES = {rule: code for code, rule in enumerate(RULES, start=1)}
"""Rule → its number in `Reasons.rules` and `Blocking.rules`; 0: no rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Per frame: rules uint8, 0 = none, else 1 + index into RULES; by int64, the rank of the
    pick or the number of the earlier cycle's frame (0 where there is no rule)."""

    rules: NDArray[np.uint8]
    by: NDArray[np.int64]


def reasons(
    request: Request,
    picks: Sequence[Pick],
    resembled: Mapping[str, NDArray[np.int64]],
    video: str,
) -> Reasons:
    """The reasons of one drive. Where several apply, the order of RULES decides, and the
    better pick or the nearer frame. `resembled`: see Selection."""
    values = request.series[video]
    marks = Reasons(np.zeros(len(values), np.uint8), np.zeros(len(values), np.int64))
    taken = request.taken.get(video, np.zeros(0, np.int64))
    near = [pick for pick in picks if pick.video == video]
    _mark_near_picks(marks, near, request.delta1[video])
    _mark_near_taken(marks, taken, request.delta2[video])
    if video in resembled:
        over = _passed_over(marks, request, picks, video)
        over = over[resembled[video][over] >= 0]
        sources = np.r_[taken, [pick.rank for pick in near]].astype(np.int64)
        source = resembled[video][over]
        marks.rules[over] = np.where(source < len(taken), ALIKE_TAKEN, ALIKE)
        marks.by[over] = sources[source]
        _bridge(marks, values)
    return marks


def _mark_near_picks(marks: Reasons, near: Sequence[Pick], delta1: Reach) -> None:
    for pick in reversed(near):
        if pick.waived != "delta1":
            start, stop = delta1.window(pick.frame)
            window = slice(max(0, start), stop)
            marks.rules[window] = DELTA1
            marks.by[window] = pick.rank


def _mark_near_taken(marks: Reasons, taken: NDArray[np.int64], delta2: Reach) -> None:
    if not len(taken):
        return
    frames = np.arange(len(marks.rules))
    after = np.searchsorted(taken, frames).clip(max=len(taken) - 1)
    before = (after - 1).clip(min=0)
    place = np.asarray(frames if delta2.times is None else delta2.times, np.float64)
    nearest = np.where(
        np.abs(place[taken[before]] - place) <= np.abs(place[taken[after]] - place),
        taken[before],
        taken[after],
    )
    start, stop = delta2.windows(nearest)
    near = (start <= frames) & (frames < stop)
    marks.rules[near] = DELTA2
    marks.by[near] = nearest[near]
    marks.rules[taken], marks.by[taken] = TAKEN, taken


def _passed_over(
    marks: Reasons,
    request: Request,
    picks: Sequence[Pick],
    video: str,
) -> NDArray[np.int64]:
    """Scored frames that no distance kept away, and that came before the last pick by all
    rules all the same: only look-alikes are left there."""
    values = request.series[video]
    free = ~np.isnan(values) & (marks.rules == 0)
    by_rules = [pick for pick in picks if not pick.waived]
    if len(by_rules) == request.budget and by_rules:
        order = list(request.series)
        last = lowest(by_rules, order)
        place = order.index(video) - order.index(last.video)
        ties = np.full(len(values), place < 0)
        if place == 0:
            ties = np.arange(len(values)) < last.frame
        free &= (values > last.score) | ((values == last.score) & ties)
    free[[pick.frame for pick in picks if pick.video == video]] = False
    return np.flatnonzero(free)


def lowest(picks: Sequence[Pick], drives: Sequence[str]) -> Pick:
    """The pick that would come last by its value alone: a spread's last one may be higher."""
    place = {drive: number for number, drive in enumerate(drives)}
    return max(picks, key=lambda pick: (-pick.score, place[pick.video], pick.frame))


def _bridge(marks: Reasons, values: NDArray[np.float64]) -> None:
    """Frames without a score between two look-alikes of one pick belong to their band."""
    scored = ~np.isnan(values)
    frames = np.arange(len(values))
    before = np.maximum.accumulate(np.where(scored, frames, 0))
    after = np.minimum.accumulate(np.where(scored, frames, len(values) - 1)[::-1])[::-1]
    gap = (
        (marks.rules == 0)
        & ~scored
        & (marks.rules[before] >= ALIKE)
        & (marks.rules[before] == marks.rules[after])
        & (marks.by[before] == marks.by[after])
    )
    marks.rules[gap], marks.by[gap] = marks.rules[before[gap]], marks.by[before[gap]]
