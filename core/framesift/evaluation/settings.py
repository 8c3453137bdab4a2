"""What is measured, and which labels count."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from framesift.errors import InputError

WORKING_HEIGHT = 480.0
"""Height to which frames are scaled before the height filter, where no detector says."""

BLOCKS = ("frames", "segments", "drives")


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """Settings of an evaluation; JSON-able.

    ious: thresholds of the miss rate–FPPI curves.
    min_height, max_height: labels outside are ignored; working pixels (frame height scaled to
        `working_height`; None: the detector's, which may work in native pixels, or 480 where
        predictions are measured without a detector).
    aspect: width over height that labels of `aspect_classes` must have, both ends inclusive;
        None: any.
    ignore_occluded: labels marked occluded are ignored.
    discard: filtered labels are dropped (the paper) instead of ignored.
    height_slack: detections lower than min_height / slack or higher than max_height · slack
        are dropped before matching (Dollár et al.'s expanded filtering).
    threshold, max_detections: detections below the score, or beyond that many best ones of a
        class in a frame, are left out.
    mirror: the detector's double evaluation.
    batch: frames per batch.
    resamples, level, seed: bootstrap; 0 resamples: no intervals.
    blocks: what is resampled: single "frames", "segments" of `segment` consecutive frame
        numbers, or whole "drives".
    coco: whether COCO's mean average precision is computed.
    headline_iou: the threshold of the headline figure; None: 0.5 for detectors that regress
        boxes, 0.3 for others.
    """

    ious: tuple[float, ...] = (0.3, 0.5)
    min_height: float = 50.0
    max_height: float | None = None
    aspect: tuple[float, float] | None = (0.2, 0.65)
    aspect_classes: tuple[str, ...] = ("pedestrian", "person")
    ignore_occluded: bool = False
    discard: bool = False
    height_slack: float = 1.25
    working_height: float | None = None
    threshold: float = 0.01
    max_detections: int = 100
    mirror: bool = False
    batch: int = 8
    resamples: int = 1000
    level: float = 0.95
    seed: int = 0
    blocks: str = "frames"
    segment: int = 300
    coco: bool = True
    headline_iou: float | None = None

    def __post_init__(self) -> None:
        conditions = [
            (
                bool(self.ious) and all(0 < v <= 1 for v in self.ious),
                "IoU thresholds lie above 0 and up to 1",
            ),
            (self.min_height >= 0, "the least height cannot be negative"),
            (
                self.aspect is None or 0 <= self.aspect[0] <= self.aspect[1],
                "the aspect range is two numbers, the smaller one first",
            ),
            (self.height_slack >= 1, "the height slack is at least 1"),
            (
                self.working_height is None or self.working_height > 0,
                "the working height is positive",
            ),
            (
                self.max_detections > 0 and self.batch > 0 and self.segment > 0,
                "batch, segment and the number of detections are at least 1",
            ),
            (self.resamples >= 0, "the number of resamples cannot be negative"),
            (0 < self.level < 1, "the confidence level lies between 0 and 1"),
            (self.blocks in BLOCKS, f"blocks are one of {', '.join(BLOCKS)}"),
            (
                self.headline_iou is None or self.headline_iou in self.ious,
                "the headline IoU is one of the IoU thresholds",
            ),
        ]
        for fine, sentence in conditions:
            if not fine:
                raise InputError(f"The evaluation cannot use these settings: {sentence}.")

    @staticmethod
    def paper() -> EvaluationSettings:
        """The paper's: filtered labels discarded, double evaluation."""
        return EvaluationSettings(discard=True, mirror=True)

    @staticmethod
    def unfiltered() -> EvaluationSettings:
        """Every label counts, whatever its size and shape."""
        return EvaluationSettings(min_height=0.0, aspect=None)

    def with_(self, **changes: Any) -> EvaluationSettings:
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> EvaluationSettings:
        """The inverse of `to_dict`; unknown names raise InputError."""
        names = {field.name for field in fields(EvaluationSettings)}
        if unknown := sorted(set(values) - names):
            raise InputError(
                f"An evaluation has no setting named {unknown[0]!r}; "
                "it may come from a newer Framesift."
            )
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        try:
            return EvaluationSettings(**given)
        except TypeError as error:
            raise InputError(f"The evaluation's settings are damaged: {error}.") from error
