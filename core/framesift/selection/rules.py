"""How a selection is made, and the distances that fit footage and budget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.records.settings import check, made, setting, to_plain
from framesift.selection.descriptors.thumbnail import LOOK_ALIKE
from framesift.selection.timeline import Clip, Timeline, is_stills
from framesift.video import Distance, parse_distance

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy_module("numpy")

NOUN = "selection"
"""What these settings are called in sentences."""
EARLIER_STRATEGY = "divergence"
"""The default of before, the paper's; projects that are scored by it go on with it."""
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "paper": {
        "strategy": "divergence",
        "delta1": "15",
        "delta2": "2",
        "smoothing": True,
        "half_window": 5,
        "sigma": 3.0,
        "look_alike": "off",
    }
}
"""Defaults by the name of a preset; paper: Aghdam et al. (ICCV 2019)."""
FAR_S, NEAR_S = (3.0, 1.0), (0.5, 0.067)
"""Δt1 and Δt2 where there is enough footage, and the least (the paper's 15 and 2 frames)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a selection is made. Distances are inclusive; None fits the footage and the budget
    (see `fitting`). Smoothing counts samples. Raises InputError for values that make no sense;
    whether there is such a strategy, `choose` says.
    """

    budget: int = setting(20, title="Budget b", help="frames to pick", low=1, metavar="B")
    strategy: str = setting(
        "entropy",
        title="Strategy",
        help="how frames are chosen, or a TOML file that says so; `framesift strategies` says "
        "more",
        metavar="NAME",
    )
    delta1: Distance | None = setting(
        None,
        title="Distance between picks, Δt1",
        help="distance kept from every pick of this cycle, in frames (15) or seconds (0.5s)",
        parse=parse_distance,
        plain=str,
        metavar="Δt1",
        empty="3s, or down to 0.5s where the footage is short for the budget",
    )
    delta2: Distance | None = setting(
        None,
        title="Distance from earlier picks, Δt2",
        help="distance kept from the picks of earlier cycles",
        parse=parse_distance,
        plain=str,
        metavar="Δt2",
        empty="1s, or down to 0.067s, likewise",
    )
    smoothing: bool = setting(
        True, title="Smoothing", help="rank by the smoothed score (eq. 6)", source="the paper"
    )
    half_window: int = setting(
        5,
        title="Half window of the smoothing",
        help="smoothing: half window in scored frames; 0 does not smooth",
        low=0,
        source="the paper",
        metavar="Δt",
    )
    sigma: float = setting(
        3.0,
        title="Smoothing, σ",
        help="smoothing: standard deviation in scored frames",
        above=0,
        source="the paper",
        metavar="σ",
    )
    look_alike: str = setting(
        "on",
        title="Look-alikes",
        help="pass over frames that look like a pick of the same drive: on (they come last), "
        "strict (never), off",
        choices=("on", "strict", "off"),
    )
    look_alike_threshold: float = setting(
        LOOK_ALIKE,
        title="Look-alike threshold",
        help="how unlike two frames may be and still be look-alikes, 0 (the same) to 1",
        low=0,
        high=1,
        absent={"cli": "measured once for all footage", "window": "as on the command line"},
    )
    fill: bool = setting(
        False,
        title="Fill the budget",
        help="where Δt1 leaves the budget short, ignore it on a last pass",
    )
    random_share: float | None = setting(
        None,
        title="Random share",
        help="share of the budget that is picked at random, under the same rules, 0 to 1",
        low=0,
        high=1,
        metavar="SHARE",
        empty="none, or what a strategy with a spread says",
    )
    seed: int = setting(0, title="Seed", help="for all that is picked by chance", metavar="N")

    def __post_init__(self) -> None:
        check(self, NOUN)

    @property
    def distances(self) -> tuple[Distance, Distance]:
        """Δt1 and Δt2; what is left open as for footage of no length (see `fitting`)."""
        least = fitting_length(0.0, self.budget, 0)
        return self.delta1 or least[0], self.delta2 or least[1]

    def settings(self) -> dict[str, Any]:
        """The JSON form, for ledgers and reports."""
        return to_plain(self)

    @staticmethod
    def from_settings(settings: Mapping[str, Any]) -> Rules:
        """The inverse of `settings`; what else is in there is left alone."""
        return made(
            Rules,
            {name: settings[name] for name in Rules.__slots__ if name in settings},
            noun=NOUN,
        )


def fitting(
    drives: Sequence[Timeline],
    budget: int,
    taken: int = 0,
) -> tuple[Distance, Distance]:
    """Δt1 and Δt2 for footage and a budget, where nobody asked for others.

    They are 3 s and 1 s, or less, where picks so far apart might not fill the budget: Δt1 is
    half of the time that there is for each pick, in tenths of a second; a frame that an earlier
    cycle has taken needs a third of a pick's time. Δt2 goes with it, down to 0.067 s at Δt1 =
    0.5 s, the least. Stills do not count, and no gap for more than 3 s.

    Args:
        drives: the footage.
        budget: frames to pick.
        taken: frames that earlier cycles have taken, in all.

    Returns:
        Δt1 and Δt2, in seconds.

    Example:
        >>> from framesift.video import Drive
        >>> [str(distance) for distance in fitting([Drive("clip", (video,))], budget=20)]
        ['0.5s', '0.067s']
    """
    return fitting_length(sum(map(room, drives)), budget, taken)


def fitting_length(seconds: float, budget: int, taken: int) -> tuple[Distance, Distance]:
    """The same for footage with so much room in all."""
    delta1 = math.floor(10 * seconds / (2 * budget + 2 * taken / 3) + 1e-9) / 10
    delta2 = np.interp(delta1, (NEAR_S[0], FAR_S[0]), (NEAR_S[1], FAR_S[1]))
    return (
        Distance(min(FAR_S[0], max(NEAR_S[0], delta1)), "seconds"),
        Distance(round(float(delta2), 3), "seconds"),
    )


def room(drive: Timeline) -> float:
    """Seconds of a drive in which there are frames to pick; 0 for stills."""
    if is_stills(drive):
        return 0.0
    return sum(_room(clip) for clip in drive.clips if clip.fps > 0)


def _room(clip: Clip) -> float:
    """Seconds of a clip in which there are frames to pick."""
    if clip.times is None:
        return len(clip) / clip.fps
    usual = 1 / clip.fps
    return float(np.minimum(np.diff(clip.times), max(FAR_S[0], usual)).sum()) + usual
