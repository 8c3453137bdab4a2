"""Selecting in two halves, so that a slider of one need not wait for the other: smoothing,
which is slow, and choosing, which is quick. Together they are what
framesift.selection.choosing.choose does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.project import StoredDrive
from framesift.selection import Selection
from framesift.selection.choosing import choose, smoothed_series
from framesift.selection.rules import Rules
from framesift.selection.strategies import STRATEGIES
from framesift.selection.timeline import is_stills

SMOOTHING = frozenset({"half_window", "sigma", "smoothing", "strategy"})
"""The rules whose change needs the slow half again."""


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a selection is made from; see SelectionInputs."""

    drives: tuple[StoredDrive, ...] = ()
    raw: Mapping[str, NDArray[np.float32]] | None = None
    thumbnails: Mapping[str, NDArray[np.uint8]] | None = None
    taken: Mapping[str, tuple[int, ...]] | None = None
    excluded: Mapping[str, Sequence[int]] | None = None


def smoothed(
    drives: Sequence[StoredDrive],
    raw: Mapping[str, NDArray[Any]],
    rules: Rules,
) -> dict[str, NDArray[np.float64]]:
    """The series that are ranked, by drive."""
    found = {}
    for drive in drives:
        values = np.asarray(raw[drive.key], np.float64)
        plain = is_stills(drive) or not STRATEGIES[rules.strategy].smoothing
        found[drive.key] = values if plain else smoothed_series(values, rules)
    return found


def selected(
    made_from: Ingredients, smooth: Mapping[str, NDArray[np.float64]], rules: Rules
) -> Selection | None:
    """The selection over series that are smoothed already; None without drives."""
    if not made_from.drives or made_from.raw is None:
        return None
    raw = made_from.raw
    found = choose(
        made_from.drives,
        smooth,
        replace(rules, smoothing=False),
        taken=made_from.taken,
        thumbnails=made_from.thumbnails,
        excluded=made_from.excluded,
    ).selection
    picks = tuple(replace(pick, raw=float(raw[pick.video][pick.frame])) for pick in found)
    return replace(found, picks=picks, _cache={})
