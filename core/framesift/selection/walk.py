"""Frames taken one after the other under the two temporal rules and the look-alike rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.selection.descent import Descent
from framesift.selection.descriptors.thumbnail import unlike
from framesift.selection.kept import Kept
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


class _Picked(NamedTuple):
    drive: int
    place: int
    waived: str
    reason: Mapping[str, Any]


_NOWHERE = Reach()


class Walk:
    """The picks so far and what they block. row: the values of all drives, NaN or −inf where
    nothing may be picked: no score, taken or near it."""

    def __init__(
        self,
        request: Request,
        raw: Mapping[str, ArrayLike] | None = None,
        kept: Kept | None = None,
    ) -> None:
        """`raw`: unsmoothed scores by drive, for the picks' `raw`; `kept`: of the pool."""
        self._request, self._raw = request, raw
        self._videos = list(request.series)
        self.row = request.row(kept or Kept())
        self._starts = self.row.starts
        self._compared: dict[str, list[int]] = {
            video: request.taken.get(video, np.zeros(0, int)).tolist()
            for video in request.thumbnails
        }
        self._picks: list[_Picked] = []
        self._reach = [request.delta1[video] for video in self._videos]
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
        if len(self._picks) >= budget:
            return
        compare = compare and self._request.look_alike is not None
        left = order(self.row)
        for pick in self._picks:
            left.took(pick.place)
            self._block(left, pick.drive, pick.place, waived)
        while len(self._picks) < budget:
            index = left.best()
            if index is None:
                return
            drive = self.row.drive(index)
            if compare and self._passed_over(left, drive, index):
                continue
            self._take(_Picked(drive, index, waived, reason or {}))
            left.took(index)
            self._block(left, drive, index, waived)

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
        return np.array([pick.place for pick in self._picks], np.int64)

    def __len__(self) -> int:
        """How many picks there are."""
        return len(self._picks)

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The picks in their order."""
        return tuple(self._told(rank, pick) for rank, pick in enumerate(self._picks, 1))

    def _take(self, pick: _Picked) -> None:
        self._picks.append(pick)
        compared = self._compared.get(self._videos[pick.drive])
        if compared is not None:
            compared.append(pick.place - self._starts[pick.drive])

    def _told(self, rank: int, pick: _Picked) -> Pick:
        video, value = self._videos[pick.drive], self.row.value(pick.place)
        frame = pick.place - self._starts[pick.drive]
        raw = float("nan") if self._raw is None else float(np.asarray(self._raw[video])[frame])
        return Pick(video, frame, value, rank, raw, pick.waived, dict(pick.reason))

    def _block(self, order: Order, drive: int, index: int, waived: str) -> None:
        reach = _NOWHERE if waived == "delta1" else self._reach[drive]
        start, stop = self._starts[drive], self._starts[drive + 1]
        low, high = reach.window(index - start)
        order.strike(max(start, start + low), min(stop, start + high))

    def _passed_over(self, order: Order, drive: int, index: int) -> bool:
        """Whether a frame looks like one before; if so it is struck out, with all others
        near it that look like that one too."""
        video, threshold = self._videos[drive], self._request.look_alike
        before = self._compared.get(video)
        if threshold is None or not before:
            return False
        rows = self._request.thumbnails[video]
        start, stop = self._starts[drive], self._starts[drive + 1]
        frame = index - start
        alike = np.flatnonzero(unlike(rows[frame], rows[before]) <= threshold)
        if not len(alike):
            return False
        near = order.left(max(start, index - _NEAR), min(stop, index + _NEAR))
        near = near[unlike(rows[before[alike[0]]], rows[near - start]) <= threshold]
        order.strike_each(near)
        self.resembled.setdefault(video, np.full(stop - start, -1))[near - start] = alike[0]
        return True
