"""What a selection is: its picks, and for every frame that lost, the rule it lost to."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.selection.pick import SCORELESS, Pick, chosen_by
from framesift.selection.reasons import RULES, Reasons, reasons
from framesift.selection.request import Request
from framesift.selection.source import Source

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Band(NamedTuple):
    """Frames [start, stop) of a drive that one rule blocks; `by` as in Selection.blocked."""

    start: int
    stop: int
    rule: str
    by: int


class Blocked(Mapping[int, tuple[str, int]]):
    """Frame → (rule, by) of the scored frames of one drive that a rule kept from being
    picked; kept as arrays, so that it costs little for a long drive."""

    def __init__(self, marks: Reasons, open_to: NDArray[np.bool_]) -> None:
        """`open_to`: bool per frame, those that may be listed."""
        self._rules = np.where(open_to, marks.rules, 0)
        self._by = marks.by

    def __getitem__(self, frame: int) -> tuple[str, int]:
        if not 0 <= frame < len(self._rules) or not self._rules[frame]:
            raise KeyError(frame)
        return RULES[self._rules[frame] - 1], int(self._by[frame])

    def __iter__(self) -> Iterator[int]:
        return iter(np.flatnonzero(self._rules).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self._rules))

    def count(self, rule: str) -> int:
        """How many frames lost to `rule`."""
        return int(np.count_nonzero(self._rules == RULES.index(rule) + 1))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Selection(Sequence[Pick]):
    """The picks in order, and why the other frames are not among them.

    requested: the budget. selectable: how many frames all the rules let through, counted up
    to the budget; picks beyond it were allowed by waiving a rule. resembled: per drive and
    frame, the first of the taken frames and picks (counted in that order) that it was found
    to look like, −1 for none; drives without look-alikes are missing. notes: what the strategy
    has to say of it, a sentence each. source: what it was made from, where that is kept: for
    pictures and times.
    """

    picks: tuple[Pick, ...]
    request: Request = field(repr=False)
    resembled: Mapping[str, NDArray[np.int64]] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    _cache: dict[str, Reasons] = field(default_factory=dict, repr=False)
    source: Source | None = None

    @property
    def requested(self) -> int:
        return self.request.budget

    @property
    def selectable(self) -> int:
        return sum(not pick.waived for pick in self.picks)

    @property
    def short(self) -> bool:
        """Whether there are fewer picks than were asked for."""
        return len(self.picks) < self.requested

    def __len__(self) -> int:
        return len(self.picks)

    def __iter__(self) -> Iterator[Pick]:
        return iter(self.picks)

    @overload
    def __getitem__(self, index: int) -> Pick: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Pick, ...]: ...

    def __getitem__(self, index: int | slice) -> Pick | tuple[Pick, ...]:
        if not isinstance(index, slice) and not -len(self) <= operator.index(index) < len(self):
            raise IndexError(
                f"There is no pick {index}; the selection has {len(self)}, counted from 0."
            )
        return self.picks[index]

    def __repr__(self) -> str:
        drives = tuple(self.request.series)
        names = repr(drives[0]) if len(drives) == 1 else f"{len(drives)} drives"
        by = "" if self.source is None else f", by {self.source.rules.strategy}"
        return f"<Selection: {len(self)} of {self.requested} frames of {names}{by}>"

    def image(self, pick: Pick) -> NDArray[np.uint8]:
        """The picture of a pick at native size.

        Args:
            pick: one of this selection.

        Returns:
            uint8 H×W×3, RGB.

        Raises:
            InputError: it is no pick, or the selection was made from numbers alone.

        Example:
            >>> picks = framesift.select_frames("clip.mp4", budget=1, strategy="uniform")
            >>> picks.image(picks[0]).shape
            (96, 128, 3)
        """
        if not isinstance(pick, Pick):
            raise InputError(
                "Give a pick of this selection, such as picks[0], not a value of type "
                f"{type(pick).__name__}."
            )
        if self.source is None:
            raise InputError(
                "This selection was made from numbers alone; open the video to see its frames."
            )
        return self.source.image(pick.video, pick.frame)

    def to_dataframe(self) -> Any:
        """The picks as a pandas.DataFrame, best first.

        Returns:
            A table with the columns rank, video, frame, seconds (missing without time), score
            (what it was ranked by), raw (not smoothed), waived, by.

        Raises:
            EnvironmentProblem: pandas is not installed.

        Example:
            >>> picks = framesift.select_frames("clip.mp4", budget=2, strategy="uniform")
            >>> picks.to_dataframe()["rank"].tolist()
            [1, 2]
        """
        from framesift.selection.gallery import table

        return table(self)

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draws what was ranked over time, and the picks with their ranks.

        Args:
            axes: matplotlib axes to draw into; new ones by default.

        Returns:
            The axes.

        Example:
            >>> picks = framesift.select_frames("clip.mp4", budget=2, strategy="uniform")
            >>> picks.plot().get_xlabel()
            'seconds'
        """
        from framesift.selection.gallery import plot

        return plot(self, axes)

    def _repr_html_(self) -> str:
        from framesift.selection.gallery import html

        return html(self)

    def of(self, video: str) -> list[Pick]:
        """The picks of one drive.

        Args:
            video: the drive's name.

        Returns:
            Its picks, in order; empty where it has none.
        """
        return [pick for pick in self.picks if pick.video == video]

    def blocked(self, video: str) -> Blocked:
        """Scored frames of a drive that lost to a rule → (rule, by).

        Rules, the first that applies: "taken" (picked in an earlier cycle), "delta2" (near such
        a frame), "delta1" (near a pick), "look-alike" (was passed over: looks like a pick),
        "look-alike-taken" (looks like a frame of an earlier cycle). `by` is the rank of the
        pick for "delta1" and "look-alike", the earlier cycle's frame for the others. Frames
        that lost by their score alone are not listed.

        Args:
            video: the drive's name.

        Returns:
            Blocked: a mapping by frame number.

        Raises:
            KeyError: there is no such drive.
        """
        marks = self._reasons(video)
        open_to = ~np.isnan(self.request.series[video])
        open_to[[pick.frame for pick in self.of(video)]] = False
        return Blocked(marks, open_to)

    def bands(self, video: str) -> list[Band]:
        """The stretches of a drive that rules block, for drawing: as `blocked`, but with frames
        that have no score, and each pick inside its own band.

        Args:
            video: the drive's name.

        Returns:
            Bands, in the order of their frames.

        Raises:
            KeyError: there is no such drive.
        """
        marks = self._reasons(video)
        rules, by = marks.rules, marks.by
        if not len(rules):
            return []
        starts = np.flatnonzero(np.r_[True, (np.diff(rules) != 0) | (np.diff(by) != 0)])
        stops = np.r_[starts[1:], len(rules)]
        return [
            Band(int(start), int(stop), RULES[rules[start] - 1], int(by[start]))
            for start, stop in zip(starts, stops, strict=True)
            if rules[start]
        ]

    @property
    def by_score(self) -> bool:
        """Whether any pick was picked by a score; so it is said where there are none."""
        by = {chosen_by(pick.reason) for pick in self.picks}
        return not by or not by <= SCORELESS

    def why_short(self) -> str:
        """One or two sentences on why there are fewer picks than asked for, or which rule was
        waived to fill the budget; empty when the rules alone filled it."""
        waived = [self._waived(rule) for rule in ("look-alike", "delta1")]
        sentences = [self._shortage(), *waived]
        return " ".join(sentence for sentence in sentences if sentence)

    def _shortage(self) -> str:
        if not self.short:
            return ""
        request = self.request
        scored = sum(int(np.count_nonzero(~np.isnan(v))) for v in request.series.values())
        lost = {
            rule: sum(self.blocked(video).count(rule) for video in request.series)
            for rule in RULES
        }
        because = {
            "delta1": "lie within Δt1 of a pick",
            "taken": "were taken in an earlier cycle",
            "delta2": "lie within Δt2 of such a frame",
            "look-alike": "look like a pick",
            "look-alike-taken": "look like a frame of an earlier cycle",
        }
        parts = [f"{lost[rule]} {text}" for rule, text in because.items() if lost[rule]]
        kind = "scored frames" if self.by_score else "frames"
        of = f"Of {scored} {kind} " if scored else ""
        few = "have a score" if self.by_score else "are there to choose from"
        if parts:
            reason = of + ", ".join(parts) + "."
        else:
            reason = f"Only {scored} frames {few}." if scored else "No frame has a score."
        return f"{len(self.picks)} of {self.requested} frames were selectable. {reason}"

    def _waived(self, rule: str) -> str:
        count = sum(pick.waived == rule for pick in self.picks)
        if not count:
            return ""
        other = "a better one" if self.by_score else "an earlier one"
        s = "s" if count == 1 else ""
        what = {
            "look-alike": f"look{s} like {other}, because nothing else was left",
            "delta1": f"lie{s} within Δt1 of {other}, to fill the budget",
        }[rule]
        return f"{count} of the {len(self.picks)} picks {what}."

    def _reasons(self, video: str) -> Reasons:
        if video not in self.request.series:
            known = ", ".join(self.request.series)
            raise KeyError(f"There is no drive {video!r} in this selection; it has {known}.")
        if video not in self._cache:
            self._cache[video] = reasons(self.request, self.picks, self.resembled, video)
        return self._cache[video]
