"""Step 4: the greedy selection under the two temporal rules and the look-alike rule."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.errors import InputError
from framesift.selection.descriptors.thumbnail import unlike
from framesift.selection.pick import Pick
from framesift.selection.ranking import Ranking
from framesift.selection.request import Distances, Reach, Request, make_request
from framesift.selection.result import Selection

_NEAR = 2048
"""Frames on either side that are compared at once when one is passed over: a stand at a red
light goes in a few steps, however long it is."""
_NOTHING: Mapping[str, Iterable[int]] = MappingProxyType({})


def select(
    series: Mapping[str, ArrayLike],
    budget: int,
    delta1: Distances = 15,
    delta2: Distances = 2,
    taken: Mapping[str, Iterable[int]] = _NOTHING,
    *,
    times: Mapping[str, ArrayLike] | None = None,
    raw: Mapping[str, ArrayLike] | None = None,
    fill: bool = False,
    thumbnails: Mapping[str, NDArray[np.uint8]] | None = None,
    look_alike: float | None = None,
    look_alike_last: bool = False,
) -> Selection:
    """Selects up to `budget` frames, the highest value first; on a tie the earlier drive in
    the mapping's order, then the earlier frame.

    series: per drive one value per frame, NaN = not to be picked. delta1: a pick blocks the
    frames within ±delta1 of it in the same drive. delta2: frames in `taken` (earlier cycles)
    block those within ±delta2, and are never picked again. Both in frames, inclusive, one
    for all drives or a mapping; with 0 (still images) only the frame itself is blocked. A
    Distance in seconds goes by the drive's `times`: seconds, one per frame, ascending.
    `taken` may name frames and drives that the series lack: they block nothing.

    thumbnails, look_alike: descriptors (uint8 n×T, see `thumbnail`) and threshold of the
    look-alike rule; a frame no more unlike than that to a pick, or to a taken frame, of the
    same drive is passed over. look_alike_last: such frames are taken when nothing else is
    left. fill: then, where Δt1 leaves the budget short, a last pass ignores Δt1 (not Δt2; and
    look-alikes only with look_alike_last). raw: unsmoothed scores, for the picks' `raw`.

    Stops when nothing is left: `Selection.why_short()` says why. Raises InputError for
    arguments that make no sense.
    """
    request = make_request(series, budget, delta1, delta2, taken, thumbnails, look_alike, times)
    greedy = _Greedy(request, raw)
    greedy.run(compare=True)
    if look_alike_last and request.look_alike is not None:
        greedy.run(waived="look-alike")
    if fill:
        greedy.run(waived="delta1", compare=not look_alike_last)
    return Selection(tuple(greedy.picks), request, greedy.resembled)


class _Greedy:
    def __init__(self, request: Request, raw: Mapping[str, ArrayLike] | None) -> None:
        self._request, self._raw = request, raw
        self._videos = list(request.series)
        self._place = {video: place for place, video in enumerate(self._videos)}
        lengths = [len(values) for values in request.series.values()]
        self._starts = np.concatenate([[0], np.cumsum(lengths)]).astype(int).tolist()
        self._values = _flat(request)
        self._compared: dict[str, list[int]] = {
            video: request.taken.get(video, np.zeros(0, int)).tolist()
            for video in request.thumbnails
        }
        self.picks: list[Pick] = []
        self.resembled: dict[str, NDArray[np.int64]] = {}

    def run(self, waived: str = "", compare: bool = False) -> None:
        """One pass over what the earlier ones left, until the budget is met or nothing is."""
        if len(self.picks) >= self._request.budget:
            return
        ranking = Ranking(self._values)
        for pick in self.picks:
            self._block(ranking, self._place[pick.video], pick.frame, waived)
        while len(self.picks) < self._request.budget:
            index = ranking.best()
            if index is None:
                return
            drive = bisect_right(self._starts, index) - 1
            frame = index - self._starts[drive]
            if compare and self._passed_over(ranking, drive, frame):
                continue
            self._take(drive, frame, index, waived)
            self._block(ranking, drive, frame, waived)

    def _take(self, drive: int, frame: int, index: int, waived: str) -> None:
        video = self._videos[drive]
        raw = float("nan") if self._raw is None else float(np.asarray(self._raw[video])[frame])
        self.picks.append(
            Pick(video, frame, float(self._values[index]), len(self.picks) + 1, raw, waived)
        )
        if video in self._compared:
            self._compared[video].append(frame)

    def _block(self, ranking: Ranking, drive: int, frame: int, waived: str) -> None:
        reach = Reach() if waived == "delta1" else self._request.delta1[self._videos[drive]]
        start, stop = self._starts[drive], self._starts[drive + 1]
        low, high = reach.window(frame)
        ranking.strike(max(start, start + low), min(stop, start + high))

    def _passed_over(self, ranking: Ranking, drive: int, frame: int) -> bool:
        """Whether the frame looks like one before; if so it is struck out, with all others
        near it that look like that one too."""
        video, threshold = self._videos[drive], self._request.look_alike
        before = self._compared.get(video)
        if threshold is None or not before:
            return False
        rows = self._request.thumbnails[video]
        alike = np.flatnonzero(unlike(rows[frame], rows[before]) <= threshold)
        if not len(alike):
            return False
        start, stop = self._starts[drive], self._starts[drive + 1]
        at = start + frame
        near = ranking.left(max(start, at - _NEAR), min(stop, at + _NEAR))
        near = near[unlike(rows[before[alike[0]]], rows[near - start]) <= threshold]
        ranking.strike_each(near)
        self.resembled.setdefault(video, np.full(stop - start, -1))[near - start] = alike[0]
        return True


def _flat(request: Request) -> NDArray[np.float64]:
    """All drives in a row; −inf where nothing may be picked: no score, taken or near it."""
    if not request.series:
        return np.zeros(0)
    values = np.concatenate(list(request.series.values()))
    if np.isinf(values).any():
        raise InputError("A score is infinite; scores are finite numbers or missing.")
    values[np.isnan(values)] = -np.inf
    start = 0
    for video, series in request.series.items():
        taken = request.taken.get(video)
        if taken is not None and len(taken):
            low, high = request.delta2[video].windows(taken)
            edges = np.zeros(len(series) + 1, np.int64)
            np.add.at(edges, np.maximum(low, 0), 1)
            np.add.at(edges, np.minimum(high, len(series)), -1)
            values[start : start + len(series)][np.cumsum(edges)[:-1] > 0] = -np.inf
        start += len(series)
    return values
