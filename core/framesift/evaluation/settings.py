"""What is measured, and which labels count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from framesift.detectors.loss_settings import LossSettings
from framesift.errors import InputError
from framesift.records.settings import check, from_plain, like, setting, to_plain

WORKING_HEIGHT = 480.0
"""Height to which frames are scaled before the height filter, where no detector says."""


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """Settings of an evaluation; JSON-able. The table says what each does."""

    ious: tuple[float, ...] = setting(
        (0.3, 0.5),
        title="Overlaps",
        help="overlaps (IoU) from which a box counts as found, each with a curve of its own",
        above=0,
        high=1,
        option="iou",
        metavar="IOU[,IOU…]",
    )
    min_height: float = like(
        LossSettings,
        "min_height",
        help="labels lower than this, at working size, are ignored",
    )
    max_height: float | None = setting(
        None,
        title="Largest label",
        help="labels higher than this, at working size, are ignored",
        unit="px",
        above=0,
        empty="any",
        metavar="PIXELS",
    )
    aspect: tuple[float, float] | None = like(
        LossSettings,
        "aspect",
        help="width over height that labels of people must have to count",
        empty="any",
    )
    aspect_classes: tuple[str, ...] = like(LossSettings, "aspect_classes")
    ignore_occluded: bool = setting(
        False, title="Ignore occluded labels", help="labels marked occluded are ignored"
    )
    discard: bool = setting(
        False,
        title="Drop what does not count",
        help="labels that do not count are dropped, as in the paper, instead of ignored",
    )
    height_slack: float = setting(
        1.25,
        title="Slack of heights",
        help="boxes lower than the smallest label by more than this factor, or higher than the "
        "largest, are dropped before matching",
        low=1,
        source="Dollár et al.",
        metavar="FACTOR",
    )
    working_height: float | None = setting(
        None,
        title="Working height",
        help="height to which frames are scaled before heights are compared",
        unit="px",
        above=0,
        empty=f"the detector's, or {WORKING_HEIGHT:g} where there is none",
        metavar="PIXELS",
    )
    threshold: float = setting(
        0.01,
        title="Least score",
        help="boxes below this score are left out",
        low=0,
        high=1,
        metavar="SCORE",
    )
    max_detections: int = setting(
        100,
        title="Most boxes",
        help="boxes of a class in a frame that count, the best ones",
        low=1,
        metavar="N",
    )
    flip: bool = setting(
        False,
        title="Look at the mirror image, too",
        help="average over each frame and its mirror image, at twice the time; the paper does",
    )
    batch: int = setting(
        8, title="Frames at once", help="frames per batch", low=1, in_recipe=False, metavar="N"
    )
    resamples: int = setting(
        1000,
        title="Resamples",
        help="of the bootstrap for the intervals, 0 for no intervals",
        low=0,
        metavar="N",
    )
    level: float = setting(
        0.95,
        title="Confidence level",
        help="of the intervals",
        above=0,
        below=1,
        metavar="LEVEL",
    )
    seed: int = setting(
        0, title="Seed", help="of the bootstrap", low=0, high=2**63 - 1, metavar="N"
    )
    blocks: str = setting(
        "frames",
        title="What is resampled",
        help="single frames, segments of consecutive ones, or whole drives",
        choices=("frames", "segments", "drives"),
    )
    segment: int = setting(
        300,
        title="Length of segments",
        help="consecutive frame numbers that are resampled together",
        unit="frames",
        low=1,
        metavar="N",
    )
    coco: bool = setting(
        True,
        title="Mean average precision",
        help="whether COCO's mean average precision is computed",
    )
    headline_iou: float | None = setting(
        None,
        title="Overlap of the headline",
        help="overlap (IoU) of the headline numbers, one of the overlaps",
        above=0,
        high=1,
        empty="0.5 for detectors that regress boxes, 0.3 for others",
        metavar="IOU",
    )

    def __post_init__(self) -> None:
        check(self, "evaluation")
        for fine, sentence in (
            (bool(self.ious), "name at least one overlap (ious)"),
            (
                self.aspect is None or self.aspect[0] <= self.aspect[1],
                "the aspect range is two numbers, the smaller one first",
            ),
            (
                self.headline_iou is None or self.headline_iou in self.ious,
                "the headline IoU is one of the IoU thresholds",
            ),
        ):
            if not fine:
                raise InputError(f"The evaluation cannot use these settings: {sentence}.")

    @staticmethod
    def paper() -> EvaluationSettings:
        """The paper's: filtered labels discarded, double evaluation."""
        return EvaluationSettings(**PRESETS["paper"])

    @staticmethod
    def unfiltered() -> EvaluationSettings:
        """Every label counts, whatever its size and shape."""
        return EvaluationSettings(min_height=0.0, aspect=None)

    def with_(self, **changes: Any) -> EvaluationSettings:
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        return to_plain(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> EvaluationSettings:
        """The inverse of `to_dict`; unknown names raise InputError."""
        return from_plain(EvaluationSettings, values, "evaluation")


PRESETS: Mapping[str, Mapping[str, Any]] = {"paper": {"discard": True, "flip": True}}
"""Sets of defaults by name: the paper's."""
