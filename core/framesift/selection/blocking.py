"""What keeps which frame from being picked, quickly enough to follow a slider.

The same answers as Selection.blocked and Selection.bands, found from the picks instead of by
going through every frame.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.selection.pick import Pick
from framesift.selection.reasons import CODES, RULES, lowest
from framesift.selection.request import Reach
from framesift.selection.result import Selection


@dataclass(frozen=True, slots=True, eq=False)
class Blocking:
    """One drive under one selection. rules: uint8 per frame, see CODES."""

    rules: NDArray[np.uint8]
    picks: tuple[Pick, ...]
    taken: NDArray[np.int64]
    resembled: NDArray[np.int64] | None
    delta1: Reach
    delta2: Reach

    def at(self, frame: int) -> tuple[str, int] | None:
        """(rule, by) as in Selection.blocked; None where no rule blocks."""
        code = int(self.rules[frame]) if 0 <= frame < len(self.rules) else 0
        if not code:
            return None
        rule = RULES[code - 1]
        if rule in ("taken", "delta2"):
            times = self.delta2.times
            place = np.arange(len(self.rules)) if times is None else times
            distance = np.abs(place[self.taken] - place[frame])
            return rule, int(self.taken[int(np.argmin(distance))])
        if rule == "delta1":
            start, stop = self.delta1.window(frame)
            near = [
                p.rank for p in self.picks if p.waived != "delta1" and start <= p.frame < stop
            ]
            return rule, min(near)
        assert self.resembled is not None
        source = int(self.resembled[frame])
        if source < len(self.taken):
            return rule, int(self.taken[source])
        return rule, self.picks[source - len(self.taken)].rank

    def columns(self, start: float, stop: float, count: int) -> NDArray[np.uint8]:
        """What `count` columns over frames [start, stop) show: uint8 codes, in each column
        that of the rule that comes first in RULES; 0 for none and outside the drive."""
        columns = np.zeros(max(0, count), np.uint8)
        if count <= 0 or stop <= start:
            return columns
        edges = np.floor(start + (stop - start) / count * np.arange(count + 1)).astype(np.int64)
        inside = (edges[:-1] >= 0) & (edges[:-1] < len(self.rules))
        where = edges[:-1][inside]
        if len(where):
            first, last = int(where[0]), min(len(self.rules), int(edges[-1]) + 1)
            # The first rule has the lowest number; "none" becomes the highest.
            ranked = self.rules[first:last] - np.uint8(1)
            columns[inside] = np.minimum.reduceat(ranked, where - first) + np.uint8(1)
        return columns


def blocking(selection: Selection, drive: str) -> Blocking:
    """What is blocked in a drive, picks inside their own bands; KeyError for a drive that the
    selection does not know."""
    request = selection.request
    values = request.series[drive]
    picks = tuple(selection.of(drive))
    taken = request.taken.get(drive, np.zeros(0, np.int64))
    rules = np.zeros(len(values), np.uint8)
    delta1, delta2 = request.delta1[drive], request.delta2[drive]
    for pick in picks:
        if pick.waived != "delta1":
            start, stop = delta1.window(pick.frame)
            rules[max(0, start) : stop] = CODES["delta1"]
    for start, stop in zip(*delta2.windows(taken), strict=True):
        rules[max(0, start) : stop] = CODES["delta2"]
    rules[taken] = CODES["taken"]
    alike = selection.resembled.get(drive)
    if alike is not None:
        _mark_alike(rules, selection, drive, values, alike, len(taken))
    return Blocking(rules, picks, taken, alike, delta1, delta2)


def _mark_alike(
    rules: NDArray[np.uint8],
    selection: Selection,
    drive: str,
    values: NDArray[np.float64],
    alike: NDArray[np.int64],
    taken: int,
) -> None:
    """Look-alikes that came before the last pick by all rules; those below lost by score."""
    over = np.flatnonzero((alike >= 0) & (rules == 0) & ~np.isnan(values))
    by_rules = [pick for pick in selection.picks if not pick.waived]
    if by_rules and len(by_rules) == selection.requested:
        order = list(selection.request.series)
        last = lowest(by_rules, order)
        here, there = order.index(drive), order.index(last.video)
        tie = (here < there) | ((here == there) & (over < last.frame))
        score = values[over]
        over = over[(score > last.score) | ((score == last.score) & tie)]
    picked = [pick.frame for pick in selection.of(drive)]
    over = over[~np.isin(over, picked)]
    rules[over] = np.where(alike[over] < taken, CODES["look-alike-taken"], CODES["look-alike"])


def counts(selection: Selection) -> Counter[str]:
    """How many scored frames, over all drives, lost to each rule; "scored": all scored ones,
    "picked": the picks, "score": those that only their score kept away."""
    tally: Counter[str] = Counter()
    for drive, values in selection.request.series.items():
        rules = blocking(selection, drive).rules.copy()
        scored = ~np.isnan(values)
        picked = [pick.frame for pick in selection.of(drive)]
        rules[picked] = 255
        amounts = np.bincount(rules[scored], minlength=256)
        for rule, code in CODES.items():
            tally[rule] += int(amounts[code])
        tally["score"] += int(amounts[0])
        tally["picked"] += len(picked)
        tally["scored"] += int(np.count_nonzero(scored))
    return tally


def place(selection: Selection, score: float) -> tuple[int, int]:
    """The place of a score among all that may be picked (1 = highest), and their number."""
    above = total = 0
    for values in selection.request.series.values():
        above += int(np.count_nonzero(values > score))
        total += int(np.count_nonzero(~np.isnan(values)))
    return above + 1, total
