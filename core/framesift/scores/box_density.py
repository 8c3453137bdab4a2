"""How many of the detector's raw boxes agree on each box that it keeps (d₄ of HUALE; the
formula is ours): few agree where it is unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.records.settings import check
from framesift.scores.aggregates import threshold_setting
from framesift.scores.frame_signal import Batch, FrameSignal, Measured

if TYPE_CHECKING:
    import numpy as np

    from framesift import boxes as geometry
    from framesift.scores.found import Found
else:
    np = lazy_module("numpy")
    geometry = lazy_module("framesift.boxes")

AGREEING = 0.5
"""A raw box agrees with a kept one from this overlap on."""
MOST = 100
"""More that agree count as so many."""


@dataclass(frozen=True, slots=True)
class BoxDensityParams:
    """What the density of boxes has of its own."""

    box_threshold: float = threshold_setting()

    def __post_init__(self) -> None:
        check(self, "score")


class HualeDensity(FrameSignal):
    """d₄: 100 − the mean number of raw boxes (of at least the least score, before non-maximum
    suppression) that overlap each kept box by IoU ≥ 0.5; in [0, 100]. The 100 keeps it from
    being negative and changes no rank."""

    name = "huale_density"
    title = "Boxes that few raw boxes agree on"
    description = "where few of the detector's raw boxes agree on a box"
    params = BoxDensityParams
    cost = "2"
    failure = "false positives, bad boxes"

    def measure(self, batch: Batch, params: BoxDensityParams) -> Sequence[Measured]:
        raw = batch.detector.raw_boxes(batch.frames, params.box_threshold)
        return [
            _measured(here, batch.counting.of(around))
            for here, around in zip(batch.found(params.box_threshold), raw, strict=True)
        ]


def _measured(here: Found, raw: Found) -> Measured:
    if not len(here):
        return Measured.nothing()
    agree = (geometry.iou(here.boxes, raw.boxes) >= AGREEING).sum(1)
    lonely = (MOST - np.minimum(agree, MOST)) * here.weights
    return Measured(float(lonely.mean()), here.boxes, lonely)
