"""Frames taken one after the other under the two temporal rules and the look-alike rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.selection.descent import Descent
from framesift.selection.descriptors.thumbnail import unlike
from framesift.selection.pick import Pick
from framesift.selection.request import Reach, Request
from framesift.selection.row import Row

_NEAR = 2048
"""Frames on either side that are compared at once when one is passed over: a stand at a red
light goes in a few steps, however long it is."""


class Order(Protocol):
    """What comes next among the frames of all drives in a row, while frames are struck out."""

    def best(self) -> int | None:
        """The frame that comes next; None when all are struck out."""

    def took(self, index: int) -> None:
        """Takes note of a pick."""

    def strike(self, start: int, stop: int) -> None:
        """Strikes out the frames of [start, stop)."""

    def strike_each(self, indices: NDArray[np.int64]) -> None:
        """Strikes out single frames (at least one), close to each other."""

    def left(self, start: int, stop: int) -> NDArray[np.int64]:
        """The frames in [start, stop) that are not struck out."""


MakeOrder = Callable[[Row], Order]
"""An order of frames by their values."""


class Walk:
    """The picks so far and what they block. row: the values of all drives, NaN or −inf where
    nothing may be picked: no score, taken or near it."""

    def __init__(self, request: Request, raw: Mapping[str, ArrayLike] | None = None) -> None:
        """`raw`: unsmoothed scores by drive, for the picks' `raw`."""
        self._request, self._raw = request, raw
        self._videos = list(request.series)
        self._place = {video: place for place, video in enumerate(self._videos)}
        self.row = _open_to_picks(request)
        self._starts = self.row.starts
        self._compared: dict[str, list[int]] = {
            video: request.taken.get(video, np.zeros(0, int)).tolist()
            for video in request.thumbnails
        }
        self.picks: list[Pick] = []
        self.resembled: dict[str, NDArray[np.int64]] = {}

    def run(
        self,
        waived: str = "",
        compare: bool = False,
        *,
        budget: int | None = None,
        order: MakeOrder = Descent,
        reason: Mapping[str, Any] | None = None,
    ) -> None:
        """One pass over what the earlier ones left, until the budget is met or nothing is.

        waived: the rule that does not hold; compare: whether look-alikes are passed over.
        budget: None for the request's. order: what makes it out of `row`.
        """
        budget = self._request.budget if budget is None else budget
        if len(self.picks) >= budget:
            return
        left = order(self.row)
        for pick in self.picks:
            place = self._place[pick.video]
            left.took(self._starts[place] + pick.frame)
            self._block(left, place, pick.frame, waived)
        while len(self.picks) < budget:
            index = left.best()
            if index is None:
                return
            drive = self.row.drive(index)
            frame = index - self._starts[drive]
            if compare and self._passed_over(left, drive, frame):
                continue
            self._take(drive, frame, index, waived, reason or {})
            left.took(index)
            self._block(left, drive, frame, waived)

    def waive(
        self, *, look_alike_last: bool, fill: bool, reason: Mapping[str, Any] | None = None
    ) -> None:
        """The last passes, the highest value first, where the rules left the budget short:
        look-alikes, then with `fill` what Δt1 kept away."""
        if look_alike_last and self._request.look_alike is not None:
            self.run("look-alike", reason=reason)
        if fill:
            self.run("delta1", compare=not look_alike_last, reason=reason)

    def indices(self) -> NDArray[np.int64]:
        """The picks as places in the row, in their order."""
        return np.array(
            [self._starts[self._place[pick.video]] + pick.frame for pick in self.picks],
            np.int64,
        )

    def _take(
        self, drive: int, frame: int, index: int, waived: str, reason: Mapping[str, Any]
    ) -> None:
        video = self._videos[drive]
        raw = float("nan") if self._raw is None else float(np.asarray(self._raw[video])[frame])
        rank, value = len(self.picks) + 1, self.row.value(index)
        self.picks.append(Pick(video, frame, value, rank, raw, waived, dict(reason)))
        if video in self._compared:
            self._compared[video].append(frame)

    def _block(self, order: Order, drive: int, frame: int, waived: str) -> None:
        reach = Reach() if waived == "delta1" else self._request.delta1[self._videos[drive]]
        start, stop = self._starts[drive], self._starts[drive + 1]
        low, high = reach.window(frame)
        order.strike(max(start, start + low), min(stop, start + high))

    def _passed_over(self, order: Order, drive: int, frame: int) -> bool:
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
        near = order.left(max(start, at - _NEAR), min(stop, at + _NEAR))
        near = near[unlike(rows[before[alike[0]]], rows[near - start]) <= threshold]
        order.strike_each(near)
        self.resembled.setdefault(video, np.full(stop - start, -1))[near - start] = alike[0]
        return True


def _open_to_picks(request: Request) -> Row:
    """The request's values without what is near a taken frame."""
    row = Row.of_scores(tuple(request.series.values()))
    if not any(map(len, request.taken.values())):
        return row
    return row.with_parts(
        _far_from(request.taken.get(video), values, request.delta2[video])
        for video, values in request.series.items()
    )


def _far_from(
    taken: NDArray[np.int64] | None, values: NDArray[np.float64], delta2: Reach
) -> NDArray[np.float64]:
    if taken is None or not len(taken):
        return values
    low, high = delta2.windows(taken)
    edges = np.zeros(len(values) + 1, np.int64)
    np.add.at(edges, np.maximum(low, 0), 1)
    np.add.at(edges, np.minimum(high, len(values)), -1)
    return np.where(np.cumsum(edges)[:-1] > 0, -np.inf, values)
