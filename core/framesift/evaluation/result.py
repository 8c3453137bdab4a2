"""What an evaluation found out: frozen records."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.evaluation.bootstrap import Interval
from framesift.evaluation.class_result import ClassResult, Coco
from framesift.evaluation.curve import FPPI as FPPI
from framesift.evaluation.settings import EvaluationSettings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Key = tuple[str, int]
"""Video id and frame number."""


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """A detector measured on frames.

    keys: (video id, frame number) of every frame, in order; results: by class, then IoU;
    headline: the IoU threshold of the headline figures; detector: its identity, "" where not
    known; blocks int64 F: what the bootstrap drew frames with.
    """

    settings: EvaluationSettings
    classes: tuple[str, ...]
    keys: tuple[Key, ...]
    results: tuple[ClassResult, ...]
    headline: float
    coco: Coco | None = None
    detector: str = ""
    blocks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __repr__(self) -> str:
        rate = self.miss_rate()
        missed = "no miss rate" if math.isnan(rate) else f"miss rate {100 * rate:.1f} %"
        return (
            f"<Evaluation: {self.frames} frames, {self.labels} labels of "
            f"{', '.join(self.classes)}, {missed} at IoU {self.headline:g}>"
        )

    def to_dataframe(self) -> Any:
        """The figures as a pandas.DataFrame.

        Returns:
            A table with a row per class and IoU and the columns class, iou, labels, miss_rate,
            miss_rate_low, miss_rate_high, log_average_miss_rate, threshold, reachable, map,
            ap50; what has no value is missing.

        Raises:
            EnvironmentProblem: pandas is not installed.

        Example:
            >>> evaluation.to_dataframe()["iou"].tolist()
            [0.3, 0.5]
        """
        from framesift.evaluation.shown import table

        return table(self)

    def plot(
        self, axes: Axes | None = None, *, iou: float | None = None, category: str | None = None
    ) -> Axes:
        """Draws miss rate against false positives per image, both logarithmic.

        Args:
            axes: matplotlib axes to draw into; new ones by default.
            iou: one of the overlaps that were measured; the headline's by default.
            category: one of the classes; the first by default.

        Returns:
            The axes.

        Raises:
            KeyError: that was not measured.

        Example:
            >>> evaluation.plot().get_ylabel()
            'miss rate'
        """
        from framesift.evaluation.shown import plot

        return plot(self, axes, iou, category)

    def _repr_html_(self) -> str:
        from framesift.evaluation.shown import html

        return html(self)

    @property
    def frames(self) -> int:
        return len(self.keys)

    @property
    def labels(self) -> int:
        """Labels that count, of all classes."""
        return sum(result.labels for result in self.at(self.headline))

    def at(self, iou: float) -> tuple[ClassResult, ...]:
        """The results of all classes at one IoU.

        Args:
            iou: one of the settings' `ious`.

        Returns:
            A ClassResult per class.

        Raises:
            InputError: nothing was measured at this IoU.
        """
        if iou not in self.settings.ious:
            known = ", ".join(f"{measured:g}" for measured in self.settings.ious)
            raise InputError(
                f"Nothing was measured at IoU {iou}; choose one of {known}, or evaluate with "
                "others (ious=…)."
            )
        return tuple(r for r in self.results if r.iou == iou)

    def result(self, category: str | None = None, iou: float | None = None) -> ClassResult:
        """The result of one class at one IoU.

        Args:
            category: the class; None: the first.
            iou: one of the settings' `ious`; None: the headline's.

        Returns:
            A ClassResult.

        Raises:
            InputError: there is no such class or IoU.
        """
        category = self.classes[0] if category is None else category
        for result in self.at(self.headline if iou is None else iou):
            if result.category == category:
                return result
        raise InputError(
            f"There is no class {category!r} here; choose one of {', '.join(self.classes)}."
        )

    def miss_rate(self, iou: float | None = None) -> float:
        """The miss rate at FPPI = 1, the mean over the classes that have labels.

        Args:
            iou: one of the settings' `ious`; None: the headline's.

        Returns:
            In [0, 1]; NaN without labels.

        Raises:
            InputError: nothing was measured at this IoU.
        """
        return self._mean([r.miss_rate for r in self.at(self.headline if iou is None else iou)])

    def log_average_miss_rate(self, iou: float | None = None) -> float:
        """Dollár et al.'s log-average miss rate, the mean over the classes that have labels.

        Args:
            iou: one of the settings' `ious`; None: the headline's.

        Returns:
            In [0, 1]; NaN without labels.

        Raises:
            InputError: nothing was measured at this IoU.
        """
        return self._mean(
            [r.log_average_miss_rate for r in self.at(self.headline if iou is None else iou)]
        )

    def frame_errors(
        self,
        iou: float | None = None,
        fppi: float = FPPI,
    ) -> NDArray[np.int64]:
        """False negatives plus false positives of all classes in each frame, every class at its
        own threshold.

        Args:
            iou: one of the settings' `ious`; None: the headline's.
            fppi: false positives per image that give the thresholds, ≥ 0.

        Returns:
            int64 F, one per frame.

        Raises:
            InputError: nothing was measured at this IoU.
        """
        total = np.zeros(self.frames, np.int64)
        for result in self.at(self.headline if iou is None else iou):
            total += result.errors(fppi).total
        return total

    def summary(self) -> dict[str, Any]:
        """The figures alone, JSON-able; what has no value is None."""
        return {
            "frames": self.frames,
            "labels": self.labels,
            "headline_iou": self.headline,
            "miss_rate": _plain(self.miss_rate()),
            "log_average_miss_rate": _plain(self.log_average_miss_rate()),
            "map": _plain(self.coco.map) if self.coco else None,
            "ap50": _plain(self.coco.ap50) if self.coco else None,
            "ap75": _plain(self.coco.ap75) if self.coco else None,
            "detector": self.detector,
            "average_precision": [
                {
                    "class": name,
                    "map": _plain(mean),
                    "ap50": _plain(half),
                    "ap75": _plain(tight),
                }
                for name, mean, half, tight in (self.coco.per_class if self.coco else ())
            ],
            "classes": [_summary(result) for result in self.results],
        }

    def average_precision(self, category: str) -> tuple[float, float] | None:
        """COCO's average precision of one class.

        Args:
            category: the class.

        Returns:
            mAP and AP50 in [0, 1], NaN without labels; None where they were not computed.
        """
        rows = self.coco.per_class if self.coco else ()
        return next(((mean, half) for name, mean, half, _ in rows if name == category), None)

    @staticmethod
    def _mean(values: list[float]) -> float:
        known = [value for value in values if not math.isnan(value)]
        return sum(known) / len(known) if known else math.nan


def _summary(result: ClassResult) -> dict[str, Any]:
    return {
        "class": result.category,
        "iou": result.iou,
        "labels": result.labels,
        "ignored": result.ignored,
        "reachable": result.reachable,
        "miss_rate": _plain(result.miss_rate),
        "miss_rate_interval": _ends(result.miss_rate_interval),
        "log_average_miss_rate": _plain(result.log_average_miss_rate),
        "log_average_interval": _ends(result.log_average_interval),
        "threshold": _plain(result.threshold),
        "reached": result.reached,
    }


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
