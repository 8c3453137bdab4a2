"""Which labelled frames validate: whole drives or stretches of time, never neighbours."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from framesift.errors import InputError
from framesift.labels import FrameKey

Part = Literal["train", "validation", "margin"]
"""`margin`: labelled, but so close to the border of a validation stretch that it would be a
near copy of a frame on the other side; used by neither."""

_Unit = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a labelled frame stands: its drive's key and its seconds from the drive's start;
    seconds None for still images, each of which stands alone."""

    key: FrameKey
    drive: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How to part frames.

    `fraction` of the frames validate, in [0, 0.9]. `by` "drive": whole drives; "segment":
    stretches of `segment_s` seconds of a drive's time, of which the first and last
    `margin_s` seconds of a validation stretch are used by neither side, so that no training
    frame is closer to a validation frame than that. Stills have no time: one by one.
    """

    fraction: float = 0.2
    by: Literal["drive", "segment"] = "segment"
    segment_s: float = 20.0
    margin_s: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 <= self.fraction <= 0.9:
            raise InputError(
                f"A validation share of {self.fraction:g} is not between 0 and "
                "0.9; 0.2 is usual."
            )
        if self.by not in ("drive", "segment"):
            raise InputError(f"Frames cannot be parted by {self.by!r}; use drive or segment.")
        if self.segment_s <= 0 or not 0 <= 2 * self.margin_s < self.segment_s:
            raise InputError(
                "The stretches of the validation split must be longer than their two margins."
            )

    def unit(self, place: Place) -> _Unit:
        """The piece that goes to one side as a whole."""
        if place.seconds is None:
            return f"{place.drive}\0{place.key.video}\0{place.key.frame}", -1
        if self.by == "drive":
            return place.drive, 0
        return place.drive, int(place.seconds // self.segment_s)

    def in_margin(self, place: Place) -> bool:
        """Whether the frame is too near to the border of its stretch to validate."""
        if place.seconds is None or self.by == "drive":
            return False
        after = place.seconds % self.segment_s
        first = place.seconds < self.segment_s
        return (not first and after < self.margin_s) or self.segment_s - after <= self.margin_s


def split_frames(
    places: Iterable[Place],
    rule: SplitRule | None = None,
    existing: Mapping[FrameKey, Part] | None = None,
) -> dict[FrameKey, Part]:
    """Parts labelled frames into training and validation.

    A pure function of its arguments, whatever the order of `places`. What `existing` says of
    a frame stays, and pulls the rest of its drive or stretch with it; so results that are
    stored and given back never change as labels grow. A unit (drive, stretch or still) that
    is new goes to validation while that side holds less than its share of frames, new units
    being taken in an order drawn from the seed. Frames of `existing` that are not among
    `places` are left out of the result. The very first unit always trains.
    """
    rule = rule or SplitRule()
    known = existing or {}
    ordered = sorted(set(places), key=lambda p: (p.key.video, p.key.frame))
    weights = Counter(rule.unit(place) for place in ordered)
    sides: dict[_Unit, bool] = {}
    for place in ordered:
        if place.key in known:
            sides.setdefault(rule.unit(place), known[place.key] != "train")
    total = sum(weights[unit] for unit in sides)
    validating = sum(weights[unit] for unit, validates in sides.items() if validates)
    for unit in sorted(weights.keys() - sides.keys(), key=lambda u: _draw(u, rule.seed)):
        total += weights[unit]
        # Half a unit over is as near to the share as half a unit under.
        room = validating + weights[unit] / 2 <= rule.fraction * total
        sides[unit] = room and total > weights[unit] and rule.fraction > 0
        validating += weights[unit] if sides[unit] else 0
    return {place.key: known.get(place.key) or _part(place, rule, sides) for place in ordered}


def _part(place: Place, rule: SplitRule, sides: Mapping[_Unit, bool]) -> Part:
    if not sides[rule.unit(place)]:
        return "train"
    return "margin" if rule.in_margin(place) else "validation"


def _draw(unit: _Unit, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{unit[0]}\0{unit[1]}".encode()).digest()
