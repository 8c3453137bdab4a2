"""How well boxes keep in other looks at the frame: CALD's first stage (Yu et al., CVPRW 2022).

The best partner of each box in each look gives m = J + ½(1 − JS)(c + c′) in [0, 2]: J their
overlap, JS the divergence of their outcomes, c and c′ their scores. CALD wants the frames whose
least certain box is near β, neither lost altogether nor sure. The augmentations are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.records.settings import check, setting
from framesift.scores.aggregates import threshold_setting
from framesift.scores.frame_signal import Batch, FrameSignal, Measured

if TYPE_CHECKING:
    import numpy as np

    from framesift import boxes as geometry
    from framesift.scores import found as compare
    from framesift.scores import views
    from framesift.scores.found import Found, Values
    from framesift.scores.views import View
else:
    np = lazy_module("numpy")
    geometry = lazy_module("framesift.boxes")
    compare = lazy_module("framesift.scores.found")
    views = lazy_module("framesift.scores.views")

HIDDEN, LIGHT, FARTHER = 0.05, 0.2, 0.8


@dataclass(frozen=True, slots=True)
class ConsistencyParams:
    """What consistency has of its own."""

    beta: float = setting(
        1.3,
        title="Wanted consistency",
        help="boxes whose consistency is near this are wanted: 2 is a sure box that every look "
        "confirms, 0 one that none does",
        low=0,
        high=2,
    )
    box_threshold: float = threshold_setting()
    look_seed: int = setting(
        0,
        title="Seed of the looks",
        help="of noise, of where a part is hidden, and of whether light is added or taken",
        low=0,
        high=2**31 - 1,
        metavar="N",
    )

    def __post_init__(self) -> None:
        check(self, "score")


def augmentations(seed: int) -> tuple[View, ...]:
    """Mirror image, 5 % hidden, 20 % more or less light, 0.8 times as large."""
    sign = np.random.default_rng([seed, 1]).choice([-1, 1])
    return (
        views.FLIP,
        views.CutOut(HIDDEN, seed),
        views.Brightness(1 + LIGHT * float(sign)),
        views.Smaller(FARTHER),
    )


def kept(here: Found, there: Found) -> Values:
    """m of each box: float64 N in [0, 2]; 0 where the other look finds nothing."""
    if not len(here) or not len(there):
        return np.zeros(len(here))
    overlaps = geometry.iou(here.boxes, there.boxes)
    best = overlaps.argmax(1)
    alike = 1 - compare.shannon_divergence(here.outcomes, there.outcomes[best])
    sure = (here.scores + there.scores[best]) / 2
    return np.asarray(overlaps[np.arange(len(here)), best] + alike * sure, np.float64)


class Consistency(FrameSignal):
    """2 − mean over looks of min over boxes of |m − β|, in [0, 2]; a class that weighs more
    counts as nearer. (CALD's own is without the 2, which changes no rank.)"""

    name = "consistency"
    title = "Consistency of boxes in other looks (CALD)"
    description = "where other looks at the frame half confirm a box"
    params = ConsistencyParams
    cost = "1 + 4"
    failure = "wrong classes, bad boxes"

    def measure(self, batch: Batch, params: ConsistencyParams) -> Sequence[Measured]:
        least = params.box_threshold
        looks = [batch.found(least, view) for view in augmentations(params.look_seed)]
        return [
            _measured(here, [kept(here, look[n]) for look in looks], params.beta)
            for n, here in enumerate(batch.found(least))
        ]


def _measured(here: Found, by_look: list[Values], beta: float) -> Measured:
    if not len(here):
        return Measured.nothing()
    away = np.abs(np.stack(by_look) - beta) / here.weights
    return Measured(
        2.0 - float(away.min(1).mean()), here.boxes, np.maximum(0, 1 - away.mean(0))
    )
