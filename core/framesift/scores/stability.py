"""How far boxes stay where they are when noise is added (Kao et al., ACCV 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.product.lazy import lazy_module
from framesift.records.settings import check, setting
from framesift.scores.aggregates import threshold_setting, weighted_mean
from framesift.scores.frame_signal import Batch, FrameSignal, Measured

if TYPE_CHECKING:
    import numpy as np

    from framesift import boxes as geometry
    from framesift.scores import views
    from framesift.scores.found import Found, Values
else:
    np = lazy_module("numpy")
    geometry = lazy_module("framesift.boxes")
    views = lazy_module("framesift.scores.views")


def noise_levels(value: object) -> tuple[float, ...]:
    """The standard deviations of noise, from a list of numbers or a text with commas. Raises
    InputError for none, ValueError for anything else."""
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple):
        raise ValueError
    levels = tuple(float(part) for part in value)
    if not levels or not all(0 < level <= 255 for level in levels):
        raise InputError("The noise needs levels above 0 and up to 255, e.g. 8,16,24.")
    return levels


@dataclass(frozen=True, slots=True)
class StabilityParams:
    """What stability has of its own."""

    noise: tuple[float, ...] = setting(
        (8.0, 16.0, 24.0, 32.0, 40.0),
        title="Noise",
        help="standard deviations of the Gaussian noise, a pass for each",
        unit="gray levels of 255",
        parse=noise_levels,
        metavar="LEVEL[,LEVEL…]",
    )
    box_threshold: float = threshold_setting()

    def __post_init__(self) -> None:
        check(self, "score")


class Stability(FrameSignal):
    """Σ c_i (1 − mean_n J(b_i, b_i under noise n)) / Σ c_i over boxes i, [0, 1]; the partner of
    a box under noise is the one that overlaps it most, none counts as J = 0."""

    name = "stability"
    title = "Boxes that move under noise"
    description = "where boxes move when noise is added"
    params = StabilityParams
    cost = "1 + 5"
    failure = "bad boxes, false positives"

    def measure(self, batch: Batch, params: StabilityParams) -> Sequence[Measured]:
        least = params.box_threshold
        noisy = [batch.found(least, views.Noise(level)) for level in params.noise]
        return [
            _measured(here, [stays(here, look[n]) for look in noisy])
            for n, here in enumerate(batch.found(least))
        ]


def stays(here: Found, there: Found) -> Values:
    """The best overlap of each box with one of another look: float64 N in [0, 1]."""
    overlaps = geometry.iou(here.boxes, there.boxes)
    return overlaps.max(1) if len(there) else np.zeros(len(here))


def _measured(here: Found, by_look: list[Values]) -> Measured:
    if not len(here):
        return Measured.nothing()
    moved = (1 - np.mean(by_look, axis=0)) * here.weights
    return Measured(weighted_mean(moved, here.scores), here.boxes, moved)
