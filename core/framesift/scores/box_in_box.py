"""Boxes inside boxes of their class: one object counted twice, or a crowd taken for one (Vo et
al., BMVC 2022)."""

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
    from framesift.scores.found import Found
else:
    np = lazy_module("numpy")
    geometry = lazy_module("framesift.boxes")


@dataclass(frozen=True, slots=True)
class BoxInBoxParams:
    """What box in box has of its own."""

    inside: float = setting(
        0.9,
        title="Share inside",
        help="least share of a box that lies inside another one",
        above=0,
        high=1,
    )
    box_threshold: float = threshold_setting()

    def __post_init__(self) -> None:
        check(self, "score")


class BoxInBox(FrameSignal):
    """The number of pairs of boxes of one class, the one inside the other; a pair counts as its
    class weighs."""

    name = "box_in_box"
    title = "Boxes inside boxes"
    description = "where a box lies inside another one of its class"
    params = BoxInBoxParams
    failure = "bad boxes, false positives"

    def measure(self, batch: Batch, params: BoxInBoxParams) -> Sequence[Measured]:
        return [_measured(here, params.inside) for here in batch.found(params.box_threshold)]


def _measured(here: Found, inside: float) -> Measured:
    if not len(here):
        return Measured.nothing()
    within = geometry.covered(here.boxes, here.boxes) >= inside
    within &= here.categories[:, None] == here.categories[None]
    np.fill_diagonal(within, False)
    pair = (within | within.T) * here.weights[:, None]
    return Measured(float(np.triu(pair).sum()), here.boxes, pair.sum(1).astype(np.float64))
