"""One class at one overlap, and COCO's figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from framesift.evaluation.bootstrap import Interval
from framesift.evaluation.curve import FPPI as FPPI
from framesift.evaluation.curve import Curve, curve_of, log_average_miss_rate
from framesift.evaluation.matching import FrameErrors, Matches


@dataclass(frozen=True, slots=True)
class Coco:
    """COCO's mean average precision (IoU 0.5 to 0.95, at 0.5, at 0.75), NaN without labels;
    `per_class`: (class, mAP, AP50, AP75)."""

    map: float
    ap50: float
    ap75: float
    per_class: tuple[tuple[str, float, float, float], ...] = ()


@dataclass(frozen=True, eq=False)
class ClassResult:
    """One class at one IoU threshold.

    `ignored`: ignore regions and filtered labels that concern the class. Intervals are None
    where none was asked for or there is nothing to resample.
    """

    category: str
    iou: float
    matches: Matches
    ignored: int
    miss_rate_interval: Interval | None = None
    log_average_interval: Interval | None = None

    @cached_property
    def curve(self) -> Curve:
        return curve_of(self.matches)

    @property
    def labels(self) -> int:
        """Labels that count."""
        return self.matches.labels

    @property
    def miss_rate(self) -> float:
        """Miss rate at FPPI = 1 in [0, 1]; where the curve ends before, its last value; NaN
        without labels."""
        return self.curve.at(FPPI)[0] if self.labels else math.nan

    @property
    def threshold(self) -> float:
        """Score threshold that gives `miss_rate`; infinite where nothing may be accepted."""
        return self.curve.at(FPPI)[1]

    @property
    def reached(self) -> bool:
        """Whether the curve extends to FPPI = 1."""
        return self.curve.at(FPPI)[2]

    @cached_property
    def log_average_miss_rate(self) -> float:
        """Over nine FPPI from 0.01 to 1 in [0, 1]; NaN without labels."""
        return log_average_miss_rate(self.curve) if self.labels else math.nan

    @property
    def reachable(self) -> float | None:
        """Share of the labels that the detector's boxes can reach at this IoU; None where not
        known."""
        reach = self.matches.label_reach
        if not len(reach) or bool(np.isnan(reach).any()):
            return None
        return float((reach >= np.float32(self.iou)).mean())

    @cached_property
    def matched_iou(self) -> float:
        """The mean IoU of the labels found at FPPI = 1 with the boxes that found them; NaN
        where none is."""
        overlaps = self.matches.overlaps(self.threshold)
        return float(overlaps.mean()) if len(overlaps) else math.nan

    def errors(self, fppi: float = FPPI) -> FrameErrors:
        """What happens in each frame at the threshold that gives an FPPI.

        Args:
            fppi: false positives per image, ≥ 0.

        Returns:
            FrameErrors: counts per frame.
        """
        return self.matches.errors(self.curve.at(fppi)[1])
