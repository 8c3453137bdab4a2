"""What a detector's loss may be told: which labels count, and the settings of eq. 7."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from framesift.records.settings import setting

if TYPE_CHECKING:
    from framesift.boxes import Box


@dataclass(frozen=True, slots=True)
class LossSettings:
    """What detectors are told about their loss; the table says what each setting does."""

    positive_iou: float = setting(
        0.5,
        title="Positive from",
        help="a box that overlaps a label at least so much (IoU) is positive",
        low=0.0,
        high=1.0,
        source="the paper",
        metavar="IOU",
    )
    negative_iou: float = setting(
        0.35,
        title="Negative below",
        help="a box that overlaps every label less (IoU) is negative; between the two there is "
        "no loss",
        low=0.0,
        high=1.0,
        source="the paper",
        metavar="IOU",
    )
    n2p: float = setting(
        15.0,
        title="Negatives per positive",
        help="negatives drawn at random for each positive (eq. 7)",
        low=0.0,
        high=1e6,
        source="the paper",
        metavar="N",
    )
    hard_fraction: float = setting(
        0.0,
        title="Hard negatives",
        help="share of the negatives that are the worst instead of drawn at random",
        low=0.0,
        high=1.0,
        source="the paper",
        metavar="SHARE",
    )
    min_height: float = setting(
        50.0,
        title="Smallest label",
        help="labels lower than this, at working size, neither train nor count",
        unit="px",
        low=0.0,
        high=1e4,
        source="the paper",
        metavar="PIXELS",
    )
    aspect: tuple[float, float] = setting(
        (0.2, 0.65),
        title="Shape of people",
        help="width over height that labels of people must have to train and count",
        low=0.0,
        high=1e3,
        source="the paper",
        metavar="LOW,HIGH",
    )
    aspect_classes: tuple[str, ...] = setting(
        ("pedestrian", "person"),
        title="Who is people",
        help="classes whose labels must have the shape of people",
        metavar="NAME[,NAME…]",
    )
    box_loss: Literal["own", "eiou", "huale"] = setting(
        "own",
        title="Loss of boxes",
        help="of detectors that regress boxes: what a box costs that lies elsewhere than its "
        "label",
        choices={
            "own": "The detector's own: smooth L1, or GIoU of FCOS",
            "eiou": "EIoU, as in HUALE: what overlaps counts more",
            "huale": "HUALE's whole loss, of Faster R-CNN: EIoU, boxes that know how sure they "
            "are, and classes that were hard in the cycle before count more",
        },
    )
    filtered: Literal["ignore", "discard"] = setting(
        "ignore",
        title="Labels that do not count",
        help="ignore takes loss and penalty from where they are, discard makes them "
        "background, as in the paper",
        choices={
            "ignore": "Are ignored",
            "discard": "Are background, as in the paper",
        },
    )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(settings: object) -> LossSettings:
        """LossSettings from None (defaults), itself, a mapping, or any object that has
        attributes of these names (others are left at their defaults)."""
        if isinstance(settings, LossSettings):
            return settings
        names = [f.name for f in fields(LossSettings)]
        if isinstance(settings, dict):
            values = {n: settings[n] for n in names if n in settings}
        else:
            values = {n: getattr(settings, n) for n in names if hasattr(settings, n)}
        for name in ("aspect", "aspect_classes"):
            if name in values:
                values[name] = tuple(values[name])
        return LossSettings(**values)

    def keeps(self, box: Box) -> bool:
        """Whether a label passes the height and aspect filters."""
        return box.height >= self.min_height and (
            box.category not in self.aspect_classes
            or self.aspect[0] <= box.aspect <= self.aspect[1]
        )
